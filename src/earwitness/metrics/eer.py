"""Equal error rate and the miss and false-alarm rates that it is read from.

A trial is accepted as bona fide when its score is at or above the threshold. Miss rate: bona fide
rejected. False-alarm rate: spoof accepted. Equal scores move together (they cannot be told apart
by any threshold), and the rate between two operating points is interpolated on a straight line,
so a scorer that always says the same has an EER of one half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._tally import Rates, false_alarm_rates, miss_rates, tally
from earwitness.metrics._trials import Key, Scores, checked


@dataclass(frozen=True)
class Curve:
    """All operating points, from "accept everything" to "accept nothing".

    Attributes:
        thresholds: the lowest accepted score of each point, ascending; the last is +inf.
        miss, false_alarm: rates at each threshold.
    """

    thresholds: NDArray[np.float64]
    miss: NDArray[np.float64]
    false_alarm: NDArray[np.float64]


def curve(scores: Scores, is_bona_fide: Key) -> Curve:
    """Trace miss and false-alarm rates over all thresholds that make a difference.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> curve(np.array([1.0, 2.0]), np.array([False, True])).miss.tolist()
        [0.0, 0.0, 1.0]
    """
    counts = tally(scores, is_bona_fide)
    return Curve(
        np.append(counts.scores, np.inf),
        miss_rates(counts.bona_fide),
        false_alarm_rates(counts.spoof),
    )


@dataclass(frozen=True)
class ErrorRates:
    """The two mistakes at one threshold."""

    miss: float
    false_alarm: float


def error_rates(scores: Scores, is_bona_fide: Key, *, threshold: float) -> ErrorRates:
    """Count the mistakes that a threshold makes, as rates.

    Example:
        >>> error_rates(np.array([2.0, 0.0, 0.0]), np.array([True, True, False]), threshold=0.0)
        ErrorRates(miss=0.0, false_alarm=1.0)
    """
    scores, is_bona_fide = checked(scores, is_bona_fide)
    accepted = scores >= threshold
    return ErrorRates(
        miss=float(1.0 - accepted[is_bona_fide].mean()),
        false_alarm=float(accepted[~is_bona_fide].mean()),
    )


def eer(scores: Scores, is_bona_fide: Key) -> float:
    """Find the rate at which misses and false alarms are equally frequent.

    Example:
        >>> eer(np.zeros(4), np.array([True, False, True, False]))
        0.5
        >>> eer(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True]))
        0.0
    """
    points = curve(scores, is_bona_fide)
    return crossing(points.miss, points.false_alarm)


def crossing(miss: Rates, false_alarm: Rates) -> float:
    """Find where two rates cross, on straight lines between operating points.

    Args:
        miss: from 0 up to 1.
        false_alarm: from 1 down to 0, at the same thresholds.

    Example:
        >>> crossing(np.array([0.0, 0.25, 1.0]), np.array([1.0, 0.5, 0.0]))
        0.4
    """
    after = int(np.argmax(miss >= false_alarm))
    before = after - 1
    gap_before = false_alarm[before] - miss[before]
    gap_after = miss[after] - false_alarm[after]
    share = gap_before / (gap_before + gap_after)
    return float(miss[before] + share * (miss[after] - miss[before]))


def eer_threshold(scores: Scores, is_bona_fide: Key) -> float:
    """Give a threshold at which misses and false alarms are as equal as a threshold can make them.

    The EER lies on a line between two operating points; this is the one that is nearer to it, and
    the threshold lies midway between the scores that it tells apart.

    Example:
        >>> eer_threshold(np.array([1.0, 2.0, 4.0, 5.0]), np.array([False, False, True, True]))
        3.0
    """
    points = curve(scores, is_bona_fide)
    nearest = int(np.argmin(np.abs(points.miss - points.false_alarm)))
    if nearest == 0:
        return float(points.thresholds[0])
    rejected, accepted = points.thresholds[nearest - 1], points.thresholds[nearest]
    if np.isinf(accepted):
        return float(np.nextafter(rejected, np.inf))
    # Scores at -inf, or so close together that nothing lies between, leave the upper one.
    midway = rejected / 2 + accepted / 2
    return float(midway if rejected < midway else accepted)


def auc(scores: Scores, is_bona_fide: Key) -> float:
    """Measure the area under the ROC curve: how often bona fide scores above spoof.

    Ties count one half (the Mann-Whitney statistic).

    Example:
        >>> auc(np.array([1.0, 2.0, 2.0]), np.array([False, False, True]))
        0.75
    """
    points = curve(scores, is_bona_fide)
    return area(points.miss, points.false_alarm)


def area(miss: Rates, false_alarm: Rates) -> float:
    """Measure the area under the ROC through these operating points, on straight lines.

    Example:
        >>> area(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
        0.5
    """
    hits = 1.0 - miss
    widths = false_alarm[:-1] - false_alarm[1:]
    return float(np.sum(widths * (hits[:-1] + hits[1:]) / 2.0))


def balanced_accuracy(scores: Scores, is_bona_fide: Key, *, threshold: float) -> float:
    """Average the shares of each label that a threshold gets right.

    Example:
        >>> balanced_accuracy(np.array([1.0, -1.0]), np.array([True, False]), threshold=0.0)
        1.0
    """
    rates = error_rates(scores, is_bona_fide, threshold=threshold)
    return 1.0 - (rates.miss + rates.false_alarm) / 2.0
