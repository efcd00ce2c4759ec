"""The t-EER as the ASVspoof 5 package computes it, for parity with published numbers.

See ``t_eer`` for what it is meant to be. The package takes, for each ASV threshold, the CM
threshold where the tandem's misses and accepted nontargets are nearest (of equal ones the lowest,
so the one that lets most spoofs pass), then the ASV threshold where nontargets and spoofs are
fooled most equally, and gives the share of spoofs that pass both *there*. It is a step of a coarse
stair: near 0 misses, one more rejected bona fide trial may reject most spoofs. Where the CM is far
better than the ASV the value can be nearly 0, which no tandem reaches (see ``t_eer``).

Ties are one step of the score here; the package takes them apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._tally import Rates
from earwitness.metrics.asv import AsvScores, asv_curve, cm_curve


def t_eer_asvspoof5(asv: AsvScores, cm: AsvScores) -> float:
    """Find the t-EER of the ASVspoof 5 package.

    Args:
        asv: scores of speaker verification.
        cm: scores of the countermeasure; target and nontarget trials are both bona fide.

    Raises:
        ProtocolError: a kind has no trial, or a score that is NaN.

    Example:
        >>> asv = AsvScores(np.array([2.0, 3.0]), np.array([0.0, 1.0]), np.array([2.0, 3.0]))
        >>> cm = AsvScores(np.array([2.0, 3.0]), np.array([2.0, 3.0]), np.array([0.0, 1.0]))
        >>> t_eer_asvspoof5(asv, cm)
        0.0
    """
    of_asv, of_cm = asv_curve(asv), cm_curve(cm)
    # Never empty: at the lowest threshold no one is missed and everyone accepted.
    usable = (of_asv.miss < of_asv.false_alarm) & (of_asv.spoof_false_alarm > 0)
    nontarget, spoof = of_asv.false_alarm[usable], of_asv.spoof_false_alarm[usable]
    nearest = _nearest(of_cm.miss, of_asv.miss[usable], nontarget)
    passed = of_cm.false_alarm[nearest]
    # How often a nontarget is accepted against a spoof, by the ASV and by the CM.
    unequal = np.abs(nontarget / spoof - passed / (1 - of_cm.miss[nearest]))
    meet = int(np.argmin(unequal))
    return float(spoof[meet] * passed[meet])


def _nearest(cm_miss: Rates, asv_miss: Rates, nontarget: Rates) -> NDArray[np.intp]:
    """Find, for each ASV point, the CM point where misses and accepted nontargets are nearest."""

    def gap(cm: NDArray[np.intp]) -> Rates:
        of_cm = cm_miss[cm]
        return np.asarray(np.abs(of_cm + (1 - of_cm) * asv_miss - (1 - of_cm) * nontarget))

    # They are equal where the CM misses this share; it is no more than one half.
    equal = (nontarget - asv_miss) / (1 + nontarget - asv_miss)
    above = np.searchsorted(cm_miss, equal)
    below = np.searchsorted(cm_miss, cm_miss[np.maximum(above - 1, 0)])
    return np.where(gap(below) <= gap(above), below, above)
