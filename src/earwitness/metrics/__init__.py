"""Numbers from scores and keys: pure, tie-safe, and computed nowhere else.

Everywhere, scores are higher for bona fide, ``is_bona_fide`` is a boolean array beside them, and
rates are fractions. Both labels must be present.
"""
