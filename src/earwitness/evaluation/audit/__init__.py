"""What gives the key away without listening to the voice: silence, format, level, copies.

``auditing.audit`` is the way in. It hears every clip once (``hearing``), turns what it knows of
them into columns (``features``), and asks of each column, and of all together, how well it tells
spoof from bona fide on clips that it was not fitted to, and whether chance does as much
(``asking``). Copies, colliding names and what partitions share are looked for beside that
(``copies``, ``sharing``). ``cheap.cheap_leaks`` reads headers only.
"""
