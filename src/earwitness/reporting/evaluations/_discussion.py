"""What an evaluation says, in a few sentences, each of which follows from its figures.

Nothing is called more or less than something else unless both 95 % intervals lie apart, as they are
printed, and the ends of many groups unless they lie further apart than those of so many may by
chance; nothing is called better than chance unless the whole interval is. Where they do not lie
apart, that is what is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from earwitness.evaluation.records import Breakdown, Direction, Evaluation, Group, Measure
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._numbers import decimal, percent, places
from earwitness.reporting.evaluations._tables import DURATION, is_telling

NONE = "-"
_NORMAL = NormalDist()
_Z_95 = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True)
class _Row:
    """A group and one of its rates."""

    name: str
    rate: Measure


def discussion(evaluation: Evaluation) -> tuple[str, ...]:
    """Say what the figures say."""
    return tuple(_sentences(evaluation))


def _sentences(evaluation: Evaluation) -> Iterator[str]:
    found = {measure.name: measure for measure in evaluation.measures}
    if evaluation.guard.direction is Direction.INVERTED and not evaluation.guard.is_accepted:
        yield f"{_inverted(found['auc'])} Nothing else is said of them here."
        return
    yield from separation(found["auc"])
    if "miss_rate" in found and "false_alarm_rate" in found:
        yield from mistakes(found["miss_rate"], found["false_alarm_rate"])
    if "cllr" in found:
        yield from worth(found["cllr"])
    if "act_dcf" in found:
        yield from cost(found["act_dcf"])
    for number, breakdown in enumerate(evaluation.breakdowns):
        yield from spread(breakdown, tells_nothing_too=number == 0)


def separation(auc: Measure) -> Iterator[str]:
    """Say whether the scores tell the labels apart.

    Example:
        >>> print(*separation(Measure("auc", 0.88, 0.85, 0.91)))  # doctest: +NORMALIZE_WHITESPACE
        The detector does better than chance: of two recordings, one genuine and one spoof, the
        genuine one scores higher in a share of 0.880 [0.850, 0.910].
    """
    if not _has_interval(auc):
        return
    value, chance = decimal(auc), 0.5
    if _low(auc) > chance:
        yield (
            "The detector does better than chance: of two recordings, one genuine and one spoof, "
            f"the genuine one scores higher in a share of {value}."
        )
    elif _high(auc) < chance:
        yield _inverted(auc)
    else:
        yield (
            "On these trials the detector cannot be told from a coin toss: the interval of its "
            f"AUC, {value}, holds 0.5."
        )


def _inverted(auc: Measure) -> str:
    return (
        f"The scores point the wrong way: the AUC is {decimal(auc)}, all of it below 0.5, so "
        "spoofs score higher than genuine speech more often than not."
    )


def mistakes(miss: Measure, false_alarm: Measure) -> Iterator[str]:
    """Say which of both mistakes is the more frequent at the line in use.

    Example:
        >>> miss = Measure("miss_rate", 0.1, 0.07, 0.13, n_bona_fide=240)
        >>> alarm = Measure("false_alarm_rate", 0.33, 0.28, 0.38, n_spoof=360)
        >>> print(*mistakes(miss, alarm))  # doctest: +NORMALIZE_WHITESPACE
        At the line in use it takes spoofs for genuine (33.0 % [28.0, 38.0]) more often than
        genuine speech for a spoof (10.0 % [7.0, 13.0]).
    """
    if not (_has_interval(miss) and _has_interval(false_alarm)):
        return
    of_misses = f"genuine speech for a spoof ({percent(miss)})"
    of_alarms = f"spoofs for genuine ({percent(false_alarm)})"
    if _lies_above(miss, false_alarm):
        yield f"At the line in use it takes {of_misses} more often than {of_alarms}."
    elif _lies_above(false_alarm, miss):
        yield f"At the line in use it takes {of_alarms} more often than {of_misses}."
    else:
        yield (
            f"At the line in use it takes {of_misses} and {of_alarms}; the intervals overlap, so "
            "these trials do not show which mistake is the more frequent."
        )


def worth(cllr: Measure) -> Iterator[str]:
    """Say whether the LLRs inform or mislead.

    Example:
        >>> print(*worth(Measure("cllr", 1.4, 1.2, 1.6)))  # doctest: +NORMALIZE_WHITESPACE
        Its LLRs mislead: Cllr 1.40 [1.20, 1.60] lies above 1 bit, what it costs to know nothing.
    """
    if not _has_interval(cllr):
        return
    value, limit = decimal(cllr), "1 bit, what it costs to know nothing"
    if _high(cllr) < 1:
        yield f"Its LLRs inform: Cllr {value} lies below {limit}."
    elif _low(cllr) > 1:
        yield f"Its LLRs mislead: Cllr {value} lies above {limit}."
    else:
        yield f"Whether its LLRs inform is open: the interval of Cllr, {value}, holds {limit}."


def cost(act_dcf: Measure) -> Iterator[str]:
    """Say whether acting on the LLRs costs more than not listening."""
    if not _has_interval(act_dcf):
        return
    stakes = "At the stakes of the DCF"
    if _low(act_dcf) > 1:
        yield f"{stakes}, acting on its LLRs costs more than not listening: {decimal(act_dcf)}."
    elif _high(act_dcf) < 1:
        yield f"{stakes}, acting on its LLRs costs less than not listening: {decimal(act_dcf)}."


def spread(breakdown: Breakdown, *, tells_nothing_too: bool = True) -> Iterator[str]:
    """Say between which groups the mistakes differ most, if these trials show that they do.

    Args:
        breakdown: groups of fewer than ten trials are not talked of.
        tells_nothing_too: say it, too, where no difference is shown.
    """
    column = visible(breakdown.column.replace("_", " "))
    if breakdown.column == DURATION:
        yield from _ladder(breakdown.groups)
        return
    for name, what in (
        ("false_alarm_rate", "Spoofs pass for genuine"),
        ("miss_rate", "Genuine speech is taken for a spoof"),
    ):
        rows = _rows(breakdown.groups, name)
        if len(rows) > 1 and (tells_nothing_too or _are_apart(rows)):
            yield _extremes(rows, what, column)


def _are_apart(rows: Sequence[_Row]) -> bool:
    """Say whether both ends lie apart, and further than the ends of so many may by chance.

    The ends were looked for. Of 40 groups that err equally often, the intervals of the luckiest
    and the unluckiest seldom overlap; so the step between them must be one that no pair among all
    of these shows by chance (Bonferroni, with normal distributions of the intervals' widths).
    """
    most, least = max(rows, key=_rate).rate, min(rows, key=_rate).rate
    return _lies_above(most, least) and _sigmas(most, least) > _needed(len(rows))


def _sigmas(upper: Measure, lower: Measure) -> float:
    """Give the step between two rates in standard deviations, from the ends that face each other.

    Where one of the two is 0 or 1, its interval is what so few independent trials allow, far from
    normal; were the rates equal, it would be as wide as the other one's on as many trials.
    """
    value, below = upper.value or 0.0, lower.value or 0.0
    left, right = value - (upper.low or 0.0), (lower.high or 0.0) - below
    ratio = math.sqrt(_n(upper) / _n(lower))
    if below == 0:
        right = min(right, left * ratio)
    if value == 1:
        left = min(left, right / ratio)
    half = math.hypot(left, right)
    return _Z_95 * (value - below) / half if half > 0 else math.inf


def _n(rate: Measure) -> int:
    return rate.n_bona_fide + rate.n_spoof


def _needed(groups: int) -> float:
    """Say how many standard deviations one pair in twenty such tables shows by chance.

    Example:
        >>> round(_needed(2), 2), round(_needed(40), 2)
        (1.96, 4.0)
    """
    pairs = groups * (groups - 1) / 2
    return _NORMAL.inv_cdf(1 - 0.025 / pairs)


def _extremes(rows: Sequence[_Row], what: str, column: str) -> str:
    most, least = max(rows, key=_rate), min(rows, key=_rate)
    if not _are_apart(rows):
        chance = ""
        if _lies_above(most.rate, least.rate):
            chance = "; the two ends of so many may lie so far apart by chance alone"
        return (
            f"{what} at rates that these trials cannot tell apart between the {len(rows)} groups "
            f"by {column}: {percent(least.rate)} to {percent(most.rate)}{chance}."
        )
    return (
        f"{what} more often for '{most.name}' ({percent(most.rate)}) than for '{least.name}' "
        f"({percent(least.rate)}), the two ends by {column}."
    )


def _ladder(groups: Sequence[Group]) -> Iterator[str]:
    """Compare the shortest recordings with the longest, as far as both have an EER."""
    told = [(group.value, group.eer) for group in groups if group.value != NONE]
    rows = [_Row(visible(value), eer) for value, eer in told if _can_be_said(eer)]
    if len(rows) < 2:
        return
    short, long = rows[0], rows[-1]
    pair = (
        f"EER {percent(short.rate)} for recordings of {short.name}, {percent(long.rate)} for those "
        f"of {long.name}"
    )
    if _lies_above(short.rate, long.rate):
        yield f"It errs more often on short recordings: {pair}."
    elif _lies_above(long.rate, short.rate):
        yield f"It errs more often on long recordings: {pair}."
    else:
        yield f"That length matters is not shown by these trials: {pair}."


def _rows(groups: Sequence[Group], name: str) -> list[_Row]:
    return [
        _Row(visible(group.value), getattr(group, name))
        for group in groups
        if group.value != NONE and _can_be_said(getattr(group, name))
    ]


def _can_be_said(rate: Measure) -> bool:
    return _has_interval(rate) and is_telling(rate)


def _rate(row: _Row) -> float:
    return row.rate.value or 0.0


def _lies_above(one: Measure, other: Measure) -> bool:
    """Say whether the whole interval of one lies above that of the other, also as printed."""
    if one.low is None or other.high is None:
        return False
    return one.low > other.high and _low(one) > _high(other)


def _has_interval(measure: Measure) -> bool:
    return None not in (measure.value, measure.low, measure.high)


def _low(measure: Measure) -> float:
    """Give the lower end as it is printed: no reader may see two ends as one, and read "more"."""
    return _printed(measure, measure.low)


def _high(measure: Measure) -> float:
    return _printed(measure, measure.high)


def _printed(measure: Measure, end: float | None) -> float:
    return math.nan if end is None else round(end, places(measure) + 2)
