"""Room 1: any recording → lazy blocks of mono float32 at the rate that the model states.

``read.open_recording`` is the way in. What libsndfile reads is read in process; everything else is
decoded by PyAV in a child process, so that a decoder that crashes or hangs costs one file.
"""
