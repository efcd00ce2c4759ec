"""What an EER and an AUC can be together, and how far an EER of n trials can be trusted.

For published figures, where there are no scores to look at.

Why (1 - EER)² <= AUC <= 1 - EER². Draw the ROC: hit rate (1 - miss) over false-alarm rate, from
(0, 0) to (1, 1). It never falls, and by the definition of the EER e it goes through (e, 1 - e),
interpolated or not. Right of that point it lies at 1 - e or higher: the area is at least
(1 - e) · (1 - e). Left of it, it lies at 1 - e or lower, and right of it at 1 or lower: the area is
at most e · (1 - e) + (1 - e) = 1 - e². Both ends are reached:
by the curve that climbs to 1 - e at e and on at 1, and by the one that climbs to 1 - e at 0 and
on at e. Nothing was said of the scores, so it holds for every scorer and every number of trials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from earwitness.errors import SettingsError
from earwitness.metrics.intervals import Interval

NORMAL = NormalDist()
Z_95 = NORMAL.inv_cdf(0.975)


@dataclass(frozen=True)
class AucRange:
    """The least and the largest AUC that go with an EER."""

    low: float
    high: float


def auc_range(eer: float) -> AucRange:
    """Give all the AUCs that a scorer with this EER can have.

    Raises:
        SettingsError: the EER is no share.

    Example:
        >>> auc_range(0.5)
        AucRange(low=0.25, high=0.75)
    """
    _check_share("eer", eer)
    return AucRange(low=(1 - eer) ** 2, high=1 - eer**2)


def possible_pair(eer: float, auc: float, tolerance: float = 1e-9) -> bool:
    """Say whether one scorer on one set of trials can have both.

    Args:
        eer: as a fraction.
        auc: as a fraction, higher scores meaning bona fide.
        tolerance: how far each figure may have been rounded (0.00005 for four decimals). Published
            EERs of the ASVspoof kind are off by up to half a trial besides.

    Raises:
        SettingsError: a figure is no share.

    Example:
        >>> possible_pair(0.1176, 0.0437, tolerance=0.00005)
        False
        >>> possible_pair(0.1176, 1 - 0.0437, tolerance=0.00005)
        True
    """
    _check_share("eer", eer)
    _check_share("auc", auc)
    lowest = auc_range(min(1.0, eer + tolerance)).low
    highest = auc_range(max(0.0, eer - tolerance)).high
    return lowest <= auc + tolerance and auc - tolerance <= highest


def gaussian_auc(eer: float) -> float:
    """Give the AUC of two normal score distributions of equal width with this EER.

    Φ(-√2 · Φ⁻¹(EER)): a hint of what to expect, not a law.

    Raises:
        SettingsError: the EER is no share.

    Example:
        >>> round(gaussian_auc(0.1176), 3)
        0.953
    """
    _check_share("eer", eer)
    if eer in (0.0, 1.0):
        return 1.0 - eer
    return NORMAL.cdf(-math.sqrt(2) * NORMAL.inv_cdf(eer))


def eer_interval(eer: float, n_bona_fide: int, n_spoof: int) -> Interval:
    """Give the 95 % interval of an EER of which only the numbers of trials are known.

    Wilson's interval of a share (1927) of as many trials as the rarer label has. An EER is a mean
    of two shares, weighed by the slopes of the score distributions, which are not known; its
    variance is largest where the rarer label has all the weight. So the interval is wide rather
    than narrow (by a factor of √2 for n + n trials and equal slopes), and as narrow as it should
    be only if the trials are independent, which those of one speaker are not.

    Args:
        eer: as a fraction.
        n_bona_fide: number of trials.
        n_spoof: number of trials.

    Raises:
        SettingsError: the EER is no share, or there are no trials.

    Example:
        >>> interval = eer_interval(0.1176, 544, 544)
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.093, 0.147)
    """
    _check_share("eer", eer)
    trials = _fewest(n_bona_fide, n_spoof)
    shrink = 1 / (1 + Z_95**2 / trials)
    centre = shrink * (eer + Z_95**2 / (2 * trials))
    half = shrink * Z_95 * math.sqrt(eer * (1 - eer) / trials + (Z_95 / (2 * trials)) ** 2)
    # At an end, rounding must not push the figure itself out.
    return Interval(eer, max(0.0, min(eer, centre - half)), min(1.0, max(eer, centre + half)))


def auc_interval(auc: float, n_bona_fide: int, n_spoof: int) -> Interval:
    """Give the 95 % interval of an AUC of which only the numbers of trials are known.

    Hanley and McNeil 1982, with their exponential model of the scores; for independent trials.

    Args:
        auc: as a fraction.
        n_bona_fide: number of trials.
        n_spoof: number of trials.

    Raises:
        SettingsError: the AUC is no share, or there are no trials.

    Example:
        >>> interval = auc_interval(0.9563, 544, 544)
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.944, 0.969)
    """
    _check_share("auc", auc)
    _fewest(n_bona_fide, n_spoof)
    of_two_bona_fide, of_two_spoofs = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (n_bona_fide - 1) * (of_two_bona_fide - auc**2)
        + (n_spoof - 1) * (of_two_spoofs - auc**2)
    ) / (n_bona_fide * n_spoof)
    half = Z_95 * math.sqrt(max(0.0, variance))
    return Interval(auc, max(0.0, auc - half), min(1.0, auc + half))


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise SettingsError(
            f"{name} must lie between 0 and 1, but it is {value}. Per cent are divided by 100."
        )


def _fewest(n_bona_fide: int, n_spoof: int) -> int:
    fewest = min(n_bona_fide, n_spoof)
    if fewest < 1:
        raise SettingsError(
            f"Expected at least one trial of each label, but got {n_bona_fide} bona fide and "
            f"{n_spoof} spoof."
        )
    return fewest
