"""EER of the ROC convex hull: what the best mixture of thresholds reaches.

Brümmer and de Villiers 2013, "The BOSARIS toolkit". Between two corners of the hull one decides by
a coin between two thresholds. It is the least Bayes cost at the worst prior,
max over w of min over thresholds of w · miss + (1 - w) · false alarm, never above ``eer``, and one
half at most: a scorer with its sign turned round looks like one that knows nothing.
"""

from __future__ import annotations

from earwitness.metrics._hull import hull
from earwitness.metrics._tally import Counts, false_alarm_rates, miss_rates, tally
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.eer import crossing


def eer_rocch(scores: Scores, is_bona_fide: Key) -> float:
    """Find where the convex hull of the ROC has as many misses as false alarms.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> import numpy as np
        >>> eer_rocch(np.array([4.0, 3.0, 2.0, 1.0]), np.array([False, False, True, True]))
        0.5
    """
    counts = tally(scores, is_bona_fide)
    return crossing_of_hull(counts.bona_fide, counts.spoof)


def crossing_of_hull(bona_fide: Counts, spoof: Counts) -> float:
    """Find the EER of the hull of running counts.

    Args:
        bona_fide: count below each step of the score, from nothing to all; (steps + 1,).
        spoof: the same.
    """
    corners = hull(bona_fide, spoof)
    return crossing(miss_rates(bona_fide[corners]), false_alarm_rates(spoof[corners]))
