"""Cllr: the mean cost of log-likelihood ratios over all priors, in bits.

Brümmer and du Preez 2006, "Application-independent evaluation of speaker detection". 0 is
perfect; 1 is what always answering "LLR 0" costs; above 1, a listener is better off without.
``min_cllr`` is the same after the best monotone recalibration (pool adjacent violators): what
discrimination alone would allow.
"""

from __future__ import annotations

import numpy as np

from earwitness.metrics._trials import Key, Scores, checked
from earwitness.metrics.eer import curve


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
    points = curve(scores, is_bona_fide)
    bona_fide = np.diff(points.miss)
    spoof = -np.diff(points.false_alarm)
    blocks: list[tuple[float, float]] = []
    for mass in zip(bona_fide, spoof, strict=True):
        blocks.append(mass)
        while len(blocks) > 1 and _share(blocks[-2]) >= _share(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = (blocks[-1][0] + last[0], blocks[-1][1] + last[1])
    cost = sum(_cost(b, s) for b, s in blocks)
    return float(cost / 2.0)


def _share(block: tuple[float, float]) -> float:
    return block[0] / (block[0] + block[1])


def _cost(bona_fide: float, spoof: float) -> float:
    """Bits that a block costs when its LLR is the ratio of its masses."""
    total = bona_fide + spoof
    of_bona_fide = bona_fide * np.log2(total / bona_fide) if bona_fide > 0 else 0.0
    of_spoof = spoof * np.log2(total / spoof) if spoof > 0 else 0.0
    return float(of_bona_fide + of_spoof)
