"""How many trials of each label lie below every distinct score: what all curves are read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._trials import Key, Scores, checked

Counts = NDArray[np.intp]
Rates = NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Whole numbers, so that what is compared is compared exactly.

    Attributes:
        scores: distinct and ascending, shape (scores,). Equal scores are one step.
        bona_fide, spoof: trials below each score, and at the end all of them; (scores + 1,).
    """

    scores: NDArray[np.float64]
    bona_fide: Counts
    spoof: Counts


def tally(scores: Scores, is_bona_fide: Key) -> Tally:
    """Count both labels below every distinct score.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> tally(np.array([1.0, 2.0, 2.0]), np.array([False, True, False])).spoof.tolist()
        [0, 1, 2]
    """
    scores, is_bona_fide = checked(scores, is_bona_fide)
    distinct, step = np.unique(scores, return_inverse=True)
    return Tally(
        distinct,
        running_sum(np.bincount(step[is_bona_fide], minlength=len(distinct))),
        running_sum(np.bincount(step[~is_bona_fide], minlength=len(distinct))),
    )


def running_sum(counts: Counts) -> Counts:
    """Sum from the start, beginning with nothing: one entry more than there are counts.

    Example:
        >>> running_sum(np.array([2, 1])).tolist()
        [0, 2, 3]
    """
    total = np.zeros(len(counts) + 1, counts.dtype)
    np.cumsum(counts, out=total[1:])
    return total


def miss_rates(bona_fide: Counts) -> Rates:
    """Give the share of bona fide trials below each step, from 0 to 1."""
    return np.asarray(bona_fide / bona_fide[-1])


def false_alarm_rates(spoof: Counts) -> Rates:
    """Give the share of spoofs that are not below each step, from 1 to 0."""
    return np.asarray((spoof[-1] - spoof) / spoof[-1])
