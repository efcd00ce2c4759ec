"""The first and last bytes of a file: which container, how long it claims to be, who wrote it.

One file a family. Read by ourselves, because decoders quietly repair what has to be reported:
that the header promises more than there is, and that a C2PA manifest is attached.
"""
