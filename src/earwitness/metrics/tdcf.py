"""Minimum t-DCF: what a countermeasure (CM) and speaker verification (ASV) cost in tandem.

A spoof does harm only if the CM lets it pass *and* the ASV takes it for the speaker; bona fide
speech is lost if either refuses it. The ASV is fixed, at a stated operating point; the CM is at
the threshold that would have been the cheapest. So the value belongs to that ASV: name it, and name
the version, for they are different numbers of the same system (0.034 and 0.094 for one of 2019).

- 2019 (Kinnunen et al. 2018, and the ASVspoof 2019 plan): C1 · miss + C2 · false alarm, divided by
  min(C1, C2). It leaves out what the ASV alone costs: 0 for a perfect CM.
- 2021 (Kinnunen et al. 2020, TASLP, "Fundamentals"): C0 + C1 · miss + C2 · false alarm, divided by
  C0 + min(C1, C2). C0 is what the ASV alone costs; a perfect CM has C0 / (C0 + min(C1, C2)).
- ASVspoof 5: the form of 2021, with the rates of the organisers' ASV. (An early state of their
  package used the form of 2019 with these rates; compare the normalisation before the numbers.)

Ties are one step of the score. The organisers' packages reject the bona fide part of a tie first,
which is never the cheapest place, so the minimum is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from earwitness.errors import ProtocolError
from earwitness.metrics._stakes import check_stakes
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.asv import ASVSPOOF5_ASV, AsvOperatingPoint
from earwitness.metrics.asv import AsvScores as AsvScores  # they come with these metrics
from earwitness.metrics.asv import at_eer as at_eer
from earwitness.metrics.eer import curve


@dataclass(frozen=True)
class TandemCosts:
    """The stakes of 2021 and ASVspoof 5.

    Attributes:
        prior_target, prior_nontarget, prior_spoof: of the three kinds of trial; they sum to 1.
        miss: the price of rejecting a target, whoever rejects it.
        false_alarm: the price of accepting a nontarget.
        spoof_false_alarm: the price of accepting a spoof.
    """

    prior_target: float = 0.9405
    prior_nontarget: float = 0.0095
    prior_spoof: float = 0.05
    miss: float = 1.0
    false_alarm: float = 10.0
    spoof_false_alarm: float = 10.0

    def __post_init__(self) -> None:
        check_stakes(
            prior_target=self.prior_target,
            prior_nontarget=self.prior_nontarget,
            prior_spoof=self.prior_spoof,
            prices=(self.miss, self.false_alarm, self.spoof_false_alarm),
        )


@dataclass(frozen=True)
class TandemCosts2019:
    """The stakes of 2019, where each of the two systems has its own prices.

    Attributes:
        prior_target, prior_nontarget, prior_spoof: of the three kinds of trial; they sum to 1.
        asv_miss, asv_false_alarm: prices of the ASV rejecting a target, accepting a nontarget.
        cm_miss, cm_false_alarm: prices of the CM rejecting bona fide, passing a spoof.
    """

    prior_target: float = 0.9405
    prior_nontarget: float = 0.0095
    prior_spoof: float = 0.05
    asv_miss: float = 1.0
    asv_false_alarm: float = 10.0
    cm_miss: float = 1.0
    cm_false_alarm: float = 10.0

    def __post_init__(self) -> None:
        check_stakes(
            prior_target=self.prior_target,
            prior_nontarget=self.prior_nontarget,
            prior_spoof=self.prior_spoof,
            prices=(self.asv_miss, self.asv_false_alarm, self.cm_miss, self.cm_false_alarm),
        )


DEFAULT = TandemCosts()
DEFAULT_2019 = TandemCosts2019()


def min_tdcf_2019(
    scores: Scores,
    is_bona_fide: Key,
    asv: AsvOperatingPoint,
    costs: TandemCosts2019 = DEFAULT_2019,
) -> float:
    """Measure the minimum t-DCF as in ASVspoof 2019.

    Args:
        scores: of the countermeasure.
        is_bona_fide: their key.
        asv: mistakes of the ASV behind it (``at_eer`` of its scores).
        costs: the stakes.

    Raises:
        ProtocolError: the trials cannot be measured, or the ASV is too poor (or too good) for the
            measure to mean anything.

    Example:
        >>> import numpy as np
        >>> asv = AsvOperatingPoint(miss=0.1, false_alarm=0.1, spoof_false_alarm=0.5)
        >>> min_tdcf_2019(np.array([2.0, 1.0]), np.array([True, False]), asv)
        0.0
    """
    of_misses = (
        costs.prior_target * (costs.cm_miss - costs.asv_miss * asv.miss)
        - costs.prior_nontarget * costs.asv_false_alarm * asv.false_alarm
    )
    of_spoofs = costs.cm_false_alarm * costs.prior_spoof * asv.spoof_false_alarm
    return _minimum(scores, is_bona_fide, _Weights(0.0, of_misses, of_spoofs))


def min_tdcf_2021(
    scores: Scores,
    is_bona_fide: Key,
    asv: AsvOperatingPoint,
    costs: TandemCosts = DEFAULT,
) -> float:
    """Measure the minimum t-DCF as in ASVspoof 2021.

    See ``min_tdcf_2019`` for the arguments and errors.

    Example:
        >>> import numpy as np
        >>> asv = AsvOperatingPoint(miss=0.0, false_alarm=0.0, spoof_false_alarm=0.5)
        >>> min_tdcf_2021(np.array([2.0, 1.0]), np.array([True, False]), asv)
        0.0
    """
    of_asv = (
        costs.prior_target * costs.miss * asv.miss
        + costs.prior_nontarget * costs.false_alarm * asv.false_alarm
    )
    of_misses = costs.prior_target * costs.miss - of_asv
    of_spoofs = costs.prior_spoof * costs.spoof_false_alarm * asv.spoof_false_alarm
    return _minimum(scores, is_bona_fide, _Weights(of_asv, of_misses, of_spoofs))


def min_tdcf_asvspoof5(
    scores: Scores,
    is_bona_fide: Key,
    asv: AsvOperatingPoint = ASVSPOOF5_ASV,
    costs: TandemCosts = DEFAULT,
) -> float:
    """Measure the minimum t-DCF as in ASVspoof 5: the form of 2021 behind their ASV.

    Example:
        >>> import numpy as np
        >>> round(min_tdcf_asvspoof5(np.array([2.0, 1.0]), np.array([True, False])), 6)
        0.077934
    """
    return min_tdcf_2021(scores, is_bona_fide, asv, costs)


@dataclass(frozen=True)
class _Weights:
    """C0, C1 and C2 of the papers."""

    of_asv: float
    of_misses: float
    of_spoofs: float


def _minimum(scores: Scores, is_bona_fide: Key, weights: _Weights) -> float:
    points = curve(scores, is_bona_fide)
    without_cm = weights.of_asv + min(weights.of_misses, weights.of_spoofs)
    if weights.of_misses < 0 or without_cm <= 0:
        raise ProtocolError(
            f"The t-DCF says nothing behind this speaker verification: a miss of the "
            f"countermeasure would weigh {weights.of_misses:.4g} and a passed spoof "
            f"{weights.of_spoofs:.4g}. Check its error rates and the costs."
        )
    cost = weights.of_misses * points.miss + weights.of_spoofs * points.false_alarm
    return float((weights.of_asv + cost.min()) / without_cm)
