"""Room 2: blocks of sound → segments, windows as long as the model wants, wherever there is speech.

``windows.split`` is the way in; ``vad`` hears where speech is.
"""
