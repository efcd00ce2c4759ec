"""t-EER: the equal error rate of countermeasure (CM) and speaker verification (ASV) in tandem.

Kinnunen et al. 2023, "t-EER: parameter-free tandem evaluation of countermeasures and biometric
comparators". The tandem rejects what either rejects, and both thresholds are free. With two of
them, three mistakes can be made equal: targets missed, nontargets accepted, spoofs accepted. That
rate is the *concurrent* t-EER:

    miss(CM) + (1 - miss(CM)) · miss(ASV) = (1 - miss(CM)) · nontarget(ASV) = spoof(CM) · spoof(ASV)

The first equation ties the CM to the ASV: where the ASV accepts d = nontarget - miss > 0 more
nontargets than it misses targets, the CM has to miss d / (1 + d), and the rate is
nontarget / (1 + d). So one walks from the lowest ASV threshold (d = 1, a rate of one half) up to
the ASV's own EER (d = 0), and stops where spoofs are accepted as often. As with ``eer``, ties are
one step and the curves are straight between operating points, unlike in ``t_eer_asvspoof5``.

A perfect CM leaves the EER e of the ASV. So does any CM before an ASV that spoofs fool less often
than nontargets do. A CM that knows nothing leaves one half. Never is it less than e / (1 + e), for
nontarget >= e and d <= nontarget all along the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earwitness.metrics._tally import Rates
from earwitness.metrics.asv import AsvCurve, AsvScores, asv_curve, cm_curve
from earwitness.metrics.eer import Curve


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
        >>> blind = AsvScores(np.zeros(2), np.zeros(2), np.zeros(2))
        >>> t_eer(asv, blind)
        0.5
    """
    of_asv, of_cm = asv_curve(asv), cm_curve(cm)
    places = _walk(of_asv, of_cm)
    rate = np.interp(places.lead, of_asv.lead, of_asv.false_alarm) / (1 - places.lead)
    # How many more spoofs than that are accepted, when a place is reached and when it is left:
    # where a threshold passes over spoofs alone, their share jumps. The ASV grows stricter on the
    # way, the CM more lenient.
    reached = _first(places.lead, of_asv.lead, of_asv.spoof_false_alarm) * _last(
        places.cm_miss, of_cm.miss, of_cm.false_alarm
    )
    left = _last(places.lead, of_asv.lead, of_asv.spoof_false_alarm) * _first(
        places.cm_miss, of_cm.miss, of_cm.false_alarm
    )
    excess = np.ravel(np.column_stack([reached, left]) - rate[:, np.newaxis])
    return _where_it_turns(excess, np.repeat(rate, 2))


@dataclass(frozen=True)
class _Places:
    """Places on the walk: by how much the ASV's misses lead, and what the CM misses."""

    lead: Rates
    cm_miss: Rates


def _walk(asv: AsvCurve, cm: Curve) -> _Places:
    """List every place where either curve bends, from the lowest ASV threshold to its EER."""
    of_asv, of_cm = np.append(asv.lead[asv.lead < 0], 0.0), cm.miss[cm.miss <= 0.5]
    lead = np.concatenate([of_asv, -of_cm / (1 - of_cm)])
    cm_miss = np.concatenate([of_asv / (of_asv - 1), of_cm])
    order = np.argsort(lead, kind="stable")
    return _Places(lead[order], cm_miss[order])


def _last(at: Rates, rising: Rates, values: Rates) -> Rates:
    """Read a curve off; where it stands upright, at its last point."""
    return np.asarray(np.interp(at, rising, values))


def _first(at: Rates, rising: Rates, values: Rates) -> Rates:
    """Read a curve off; where it stands upright, at its first point."""
    return np.asarray(np.interp(-at, -rising[::-1], values[::-1]))


def _where_it_turns(excess: Rates, rate: Rates) -> float:
    """Give the rate where the excess reaches 0, on a straight line; the last if it never does."""
    if excess.max() < 0:
        return float(rate[-1])
    after = int(np.argmax(excess >= 0))
    if after == 0:
        return float(rate[0])
    share = excess[after - 1] / (excess[after - 1] - excess[after])
    return float(rate[after - 1] + share * (rate[after] - rate[after - 1]))
