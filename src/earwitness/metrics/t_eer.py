"""t-EER: the equal error rate of countermeasure (CM) and speaker verification (ASV) in tandem.

Kinnunen et al. 2023, "t-EER: parameter-free tandem evaluation of countermeasures and biometric
comparators". Both thresholds are free. The tandem rejects what either rejects; with ρ the share of
spoofs among the trials that should be rejected,

    miss        = miss(CM) + (1 - miss(CM)) · miss(ASV)
    false alarm = (1 - ρ) · (1 - miss(CM)) · nontarget(ASV) + ρ · spoof(CM) · spoof(ASV)

For each ASV threshold some CM threshold makes the two equal: the path of ρ. The paths of all ρ meet
where nontargets and spoofs are accepted equally often, in the *concurrent* t-EER: one number
without a ρ, the headline of the paper and the value in the package of ASVspoof 5.

The steps are those of the package, so that its values come out: the CM threshold where miss and
false alarm are nearest (of equal ones, the lowest), and the ASV threshold where the two ways of
being fooled are nearest. Ties are one step of the score here; the package takes them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError
from earwitness.metrics._tally import Rates
from earwitness.metrics.asv import AsvCurve, AsvScores, asv_curve
from earwitness.metrics.eer import curve

Places = NDArray[np.intp]


@dataclass(frozen=True)
class _Tandem:
    """All operating points of both: of the CM (points,), of the ASV (points, 1)."""

    cm_miss: Rates
    cm_false_alarm: Rates
    asv: AsvCurve

    def miss(self, cm: Places) -> Rates:
        """Give the tandem's miss rate at one CM point for each ASV point."""
        cm_miss = self.cm_miss[cm]
        return np.asarray(cm_miss + (1 - cm_miss) * self.asv.miss)

    def false_alarm(self, cm: Places, spoof_share: float) -> Rates:
        """Give the tandem's false-alarm rate at one CM point for each ASV point."""
        of_nontargets = (1 - self.cm_miss[cm]) * self.asv.false_alarm
        of_spoofs = self.cm_false_alarm[cm] * self.asv.spoof_false_alarm
        return np.asarray((1 - spoof_share) * of_nontargets + spoof_share * of_spoofs)

    def gap(self, cm: Places, spoof_share: float) -> Rates:
        """Give miss less false alarm; it never falls as the CM grows stricter."""
        return self.miss(cm) - self.false_alarm(cm, spoof_share)

    def path(self, spoof_share: float) -> Places:
        """Find, for each ASV point, the CM point where miss and false alarm are nearest."""
        low = np.zeros(len(self.asv.miss), np.intp)
        high = np.full(len(low), len(self.cm_miss) - 1)  # all rejected: the gap is 1 there
        while (low < high).any():
            middle = (low + high) // 2
            enough = self.gap(middle, spoof_share) >= 0
            low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
        before = np.maximum(low - 1, 0)
        is_before = np.abs(self.gap(before, spoof_share)) <= np.abs(self.gap(low, spoof_share))
        return self._first_of_equals(np.where(is_before, before, low), spoof_share)

    def _first_of_equals(self, cm: Places, spoof_share: float) -> Places:
        # Without spoofs among the trials, the gap stands still while the CM rejects only spoofs.
        if spoof_share > 0:
            return cm
        return np.searchsorted(self.cm_miss, self.cm_miss[cm], side="left")

    def allowed(self, spoof_share: float) -> NDArray[np.bool_]:
        """Say at which ASV points a CM can still bring miss and false alarm together."""
        fooled = (1 - spoof_share) * self.asv.false_alarm + spoof_share * self.asv.spoof_false_alarm
        return np.asarray(self.asv.miss < fooled)


def t_eer(asv: AsvScores, cm: AsvScores) -> float:
    """Find the concurrent tandem equal error rate.

    Args:
        asv: scores of speaker verification.
        cm: scores of the countermeasure; target and nontarget trials are both bona fide.

    Raises:
        ProtocolError: a kind has no trial, or a score that is NaN.

    Example:
        >>> asv = AsvScores(np.array([2.0, 3.0]), np.array([0.0, 1.0]), np.array([2.0, 3.0]))
        >>> cm = AsvScores(np.array([2.0, 3.0]), np.array([2.0, 3.0]), np.array([0.0, 1.0]))
        >>> t_eer(asv, cm)
        0.0
    """
    tandem = _joined(asv, cm)
    path = tandem.path(0.0)
    cm_pass, cm_false_alarm = 1 - tandem.cm_miss[path], tandem.cm_false_alarm[path]
    # Never empty: where the ASV accepts everyone, miss rates of 0 and 1 are equally near.
    usable = tandem.allowed(0.0) & (tandem.asv.spoof_false_alarm > 0) & (cm_pass > 0)
    # How often a nontarget is accepted against a spoof, by the ASV and by the CM.
    of_asv = tandem.asv.false_alarm[usable] / tandem.asv.spoof_false_alarm[usable]
    of_cm = cm_false_alarm[usable] / cm_pass[usable]
    meet = int(np.argmin(np.abs(of_asv - of_cm)))
    return float(tandem.asv.spoof_false_alarm[usable][meet] * cm_false_alarm[usable][meet])


def min_t_eer(asv: AsvScores, cm: AsvScores, *, spoof_share: float) -> float:
    """Find the lowest tandem equal error rate on the path of one share of spoofs.

    Args:
        asv: scores of speaker verification.
        cm: scores of the countermeasure.
        spoof_share: ρ, of spoofs among the trials that should be rejected, 0 to 1.

    Raises:
        ProtocolError: a kind has no trial, or a score that is NaN.
        SettingsError: the share does not lie between 0 and 1.

    Example:
        >>> asv = AsvScores(np.array([2.0, 3.0]), np.array([0.0, 1.0]), np.array([2.0, 3.0]))
        >>> cm = AsvScores(np.array([2.0, 3.0]), np.array([2.0, 3.0]), np.array([0.0, 1.0]))
        >>> min_t_eer(asv, cm, spoof_share=0.5)
        0.0
    """
    if not 0 <= spoof_share <= 1:
        raise SettingsError(f"spoof_share must lie between 0 and 1, but it is {spoof_share}.")
    tandem = _joined(asv, cm)
    path = tandem.path(spoof_share)
    errors = (tandem.miss(path) + tandem.false_alarm(path, spoof_share)) / 2
    return float(np.min(errors[tandem.allowed(spoof_share)]))


def _joined(asv: AsvScores, cm: AsvScores) -> _Tandem:
    bona_fide = np.concatenate([cm.target, cm.nontarget])
    scores = np.concatenate([bona_fide, cm.spoof])
    points = curve(scores, np.arange(len(scores)) < len(bona_fide))
    return _Tandem(points.miss, points.false_alarm, asv_curve(asv))
