"""Cllr: the mean cost of log-likelihood ratios over all priors, in bits.

Brümmer and du Preez 2006, "Application-independent evaluation of speaker detection". 0 is
perfect; 1 is what always answering "LLR 0" costs; above 1, a listener is better off without.
``min_cllr`` is the same after the best monotone recalibration (pool adjacent violators): what
discrimination alone would allow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._hull import hull
from earwitness.metrics._tally import Counts, tally
from earwitness.metrics._trials import Key, Scores, checked


def cllr(llrs: Scores, is_bona_fide: Key) -> float:
    """Measure what these LLRs cost; finite for any finite LLR.

    Args:
        llrs: natural-log likelihood ratios, positive for bona fide.
        is_bona_fide: the key.

    Example:
        >>> cllr(np.zeros(2), np.array([True, False]))
        1.0
    """
    llrs, is_bona_fide = checked(llrs, is_bona_fide)
    of_bona_fide = np.logaddexp(0.0, -llrs[is_bona_fide]).mean()
    of_spoof = np.logaddexp(0.0, llrs[~is_bona_fide]).mean()
    return float((of_bona_fide + of_spoof) / (2.0 * np.log(2.0)))


def min_cllr(scores: Scores, is_bona_fide: Key) -> float:
    """Measure the Cllr after the best monotone map of the scores.

    Example:
        >>> min_cllr(np.array([-5.0, 7.0]), np.array([False, True]))
        0.0
    """
    counts = tally(scores, is_bona_fide)
    return cllr_of_blocks(counts.bona_fide, counts.spoof)


def cllr_of_blocks(bona_fide: Counts, spoof: Counts) -> float:
    """Measure the Cllr of running counts after pooling what stands in the wrong order.

    Args:
        bona_fide: count below each step of the score, from nothing to all; (steps + 1,).
        spoof: the same.

    Example:
        >>> cllr_of_blocks(np.array([0, 1, 1]), np.array([0, 0, 1]))
        1.0
    """
    corners = hull(bona_fide, spoof)
    of_bona_fide = np.diff(bona_fide[corners]) / bona_fide[-1]
    of_spoof = np.diff(spoof[corners]) / spoof[-1]
    total = of_bona_fide + of_spoof
    return float((_bits(of_bona_fide, total) + _bits(of_spoof, total)) / 2.0)


def _bits(mass: NDArray[np.float64], total: NDArray[np.float64]) -> float:
    """Sum what one label costs when each block's LLR is the ratio of its masses."""
    there = mass > 0
    return float(np.sum(mass[there] * np.log2(total[there] / mass[there])))
