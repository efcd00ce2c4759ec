"""The lower convex hull of the running counts: pool adjacent violators and ROC convex hull in one.

Plot, over all steps of the score, bona fide below against spoofs below. The slope of a piece is
its likelihood ratio up to a constant; the largest convex curve below the points is where that
ratio rises with the score. Its pieces are the blocks of pool-adjacent-violators (so minimum Cllr
is read from them), and seen as miss and false-alarm rates it is the convex hull of the ROC
(Provost and Fawcett 2001; Brümmer and de Villiers 2013).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._tally import Counts

# When a pass removes less than this share, chords further apart look for what a pass of
# neighbours would find one by one.
SLOW = 1 / 8


def hull(bona_fide: Counts, spoof: Counts) -> NDArray[np.intp]:
    """Find which points are corners of the hull.

    In each pass, every point that lies on or above the chord of its two neighbours goes, so whole
    runs that are out of order go at once; a point above the chord of any two others is no corner.
    Whole numbers make each comparison exact (up to 3 · 10⁹ trials).

    Args:
        bona_fide: count below each step, from nothing to all; (steps + 1,).
        spoof: the same.

    Returns:
        Ascending indices of corners, from nothing to all; of points that coincide, the first.

    Example:
        >>> hull(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])).tolist()
        [0, 2, 3]
        >>> hull(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
        [0, 1, 2]
    """
    # Of points that coincide only the first may stay: a twin would lie on its own chord.
    left = np.flatnonzero(np.append(True, np.diff(bona_fide) + np.diff(spoof) > 0))
    while True:
        up, right = bona_fide[left], spoof[left]
        gone = _above_neighbours(up, right)
        removed = np.count_nonzero(gone)
        if removed == 0:
            return left
        if removed < SLOW * len(left):
            gone |= _above_far_chords(up, right)
        left = left[~gone]


def _above_neighbours(up: Counts, right: Counts) -> NDArray[np.bool_]:
    up_by, right_by = np.diff(up), np.diff(right)
    gone = np.zeros(len(up), np.bool_)
    gone[1:-1] = up_by[:-1] * right_by[1:] >= up_by[1:] * right_by[:-1]
    return gone


def _above_far_chords(up: Counts, right: Counts) -> NDArray[np.bool_]:
    """Find points above chords between points 2, 8, 32 ... places away on both sides.

    Without these, one heavy last point after many in good order takes a pass for each of them.
    """
    places, last = np.arange(len(up)), len(up) - 1
    gone = np.zeros(len(up), np.bool_)
    reach = 2
    while reach <= last:
        before, after = np.maximum(places - reach, 0), np.minimum(places + reach, last)
        gone |= (up - up[before]) * (right[after] - right) > (up[after] - up) * (
            right - right[before]
        )
        reach *= 4
    return gone
