"""The REST API: requests of programs become calls of the main path, answers become JSON.

``app.build`` makes the application, ``running.run`` serves it until it is told to stop. Nothing
that is sent is kept longer than it takes to answer, but for the results of jobs, for a stated time.
"""
