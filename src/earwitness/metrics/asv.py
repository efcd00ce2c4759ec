"""Scores of a speaker verification system (ASV), which sits behind the countermeasure.

Its trials are of three kinds: target (the speaker that is claimed), nontarget (someone else) and
spoof. It accepts at or above its threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.metrics._tally import Rates, running_sum
from earwitness.metrics.eer import Curve, curve
from earwitness.metrics.eer_asvspoof import classic_eer

Kind = NDArray[np.floating]


@dataclass(frozen=True)
class AsvScores:
    """One array for each kind of trial, higher for "this is the speaker".

    Raises:
        ProtocolError: a kind has no trial, or a score that is NaN.
    """

    target: Kind
    nontarget: Kind
    spoof: Kind

    def __post_init__(self) -> None:
        for name in ("target", "nontarget", "spoof"):
            scores = np.asarray(getattr(self, name), np.float64)
            if scores.ndim != 1 or len(scores) == 0 or np.isnan(scores).any():
                raise ProtocolError(
                    f"Expected a list of {name} scores, but got shape {scores.shape} with "
                    f"{np.isnan(scores).sum()} NaN. Speaker verification is measured on target, "
                    f"nontarget and spoof trials."
                )


@dataclass(frozen=True)
class AsvOperatingPoint:
    """Mistakes of an ASV system at one threshold, as fractions.

    Attributes:
        miss: targets rejected.
        false_alarm: nontargets accepted.
        spoof_false_alarm: spoofs accepted, were there no countermeasure.
    """

    miss: float
    false_alarm: float
    spoof_false_alarm: float


# The system that the organisers of ASVspoof 5 put behind every countermeasure: their package has
# these rates instead of its scores.
ASVSPOOF5_ASV = AsvOperatingPoint(
    miss=0.01880141010575793,
    false_alarm=0.01881016557566423,
    spoof_false_alarm=0.4607082907604729,
)


def at_eer(asv: AsvScores) -> AsvOperatingPoint:
    """Give the operating point of t-DCF: the EER threshold of target against nontarget.

    The threshold is that of the organisers' packages, so that published values come out.

    Example:
        >>> at_eer(AsvScores(np.array([2.0, 3.0]), np.array([0.0, 1.0]), np.array([0.5, 2.5])))
        AsvOperatingPoint(miss=0.0, false_alarm=0.5, spoof_false_alarm=0.5)
    """
    scores = np.concatenate([asv.target, asv.nontarget])
    is_target = np.arange(len(scores)) < len(asv.target)
    threshold = classic_eer(scores, is_target).threshold
    return AsvOperatingPoint(
        miss=float(np.mean(asv.target < threshold)),
        false_alarm=float(np.mean(asv.nontarget >= threshold)),
        spoof_false_alarm=float(np.mean(asv.spoof >= threshold)),
    )


@dataclass(frozen=True)
class AsvCurve:
    """All operating points, from "accept everyone" to "accept no one", ties as one step."""

    miss: Rates
    false_alarm: Rates
    spoof_false_alarm: Rates

    @property
    def lead(self) -> Rates:
        """Give how much more is missed than falsely accepted, from -1 up to 1."""
        return self.miss - self.false_alarm


def asv_curve(asv: AsvScores) -> AsvCurve:
    """Trace the three mistakes over all thresholds that make a difference.

    Example:
        >>> asv_curve(AsvScores(np.array([2.0]), np.array([1.0]), np.array([2.0]))).miss.tolist()
        [0.0, 0.0, 1.0]
    """
    kinds = (asv.target, asv.nontarget, asv.spoof)
    distinct, step = np.unique(np.concatenate(kinds), return_inverse=True)
    rejected = [
        running_sum(np.bincount(part, minlength=len(distinct))) / len(part)
        for part in np.split(step, np.cumsum([len(kind) for kind in kinds])[:-1])
    ]
    return AsvCurve(rejected[0], 1 - rejected[1], 1 - rejected[2])


def cm_curve(cm: AsvScores) -> Curve:
    """Trace the mistakes of a countermeasure on the same kinds of trial.

    Args:
        cm: its scores; target and nontarget trials are both bona fide.
    """
    bona_fide = np.concatenate([cm.target, cm.nontarget])
    scores = np.concatenate([bona_fide, cm.spoof])
    return curve(scores, np.arange(len(scores)) < len(bona_fide))
