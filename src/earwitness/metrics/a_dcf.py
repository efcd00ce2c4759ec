"""a-DCF: the detection cost of one system that does both, whatever it looks like inside.

Shim et al. 2024, "a-DCF: an architecture agnostic metric". The system gives one score for "the
claimed speaker, and bona fide", and meets three kinds of trial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earwitness.metrics._stakes import check_stakes
from earwitness.metrics.asv import AsvScores, Kind, asv_curve


@dataclass(frozen=True)
class ADcfCosts:
    """The stakes. The defaults are those of the paper, which the package of ASVspoof 5 uses too.

    Attributes:
        prior_target, prior_nontarget, prior_spoof: of the three kinds of trial; they sum to 1.
        miss: the price of rejecting a target.
        false_alarm: the price of accepting a nontarget.
        spoof_false_alarm: the price of accepting a spoof.
    """

    prior_target: float = 0.9
    prior_nontarget: float = 0.05
    prior_spoof: float = 0.05
    miss: float = 1.0
    false_alarm: float = 10.0
    spoof_false_alarm: float = 20.0

    def __post_init__(self) -> None:
        check_stakes(
            prior_target=self.prior_target,
            prior_nontarget=self.prior_nontarget,
            prior_spoof=self.prior_spoof,
            prices=(self.miss, self.false_alarm, self.spoof_false_alarm),
        )


# The stakes that the evaluation plan of ASVspoof 5 states for t-DCF, applied to a-DCF.
ASVSPOOF5 = ADcfCosts(0.9405, 0.0095, 0.05, 1.0, 10.0, 10.0)
DEFAULT = ADcfCosts()


def min_a_dcf(target: Kind, nontarget: Kind, spoof: Kind, costs: ADcfCosts = DEFAULT) -> float:
    """Measure the cost at the cheapest threshold, as a share of the cost of not listening.

    Ties are one step of the score.

    Args:
        target: scores of the claimed speaker, bona fide.
        nontarget: scores of other speakers, bona fide.
        spoof: scores of spoofs of the claimed speaker.
        costs: the stakes.

    Raises:
        ProtocolError: a kind has no trial, or a score that is NaN.

    Example:
        >>> min_a_dcf(np.array([3.0]), np.array([1.0]), np.array([2.0]))
        0.0
    """
    points = asv_curve(AsvScores(target, nontarget, spoof))
    of_misses = costs.miss * costs.prior_target
    of_nontargets = costs.false_alarm * costs.prior_nontarget
    of_spoofs = costs.spoof_false_alarm * costs.prior_spoof
    cost = (
        of_misses * points.miss
        + of_nontargets * points.false_alarm
        + of_spoofs * points.spoof_false_alarm
    )
    return float(np.min(cost) / min(of_misses, of_nontargets + of_spoofs))
