"""An evaluation and its curves → all its figures, in the order in which they are told."""

from __future__ import annotations

from earwitness.evaluation.curves import Curves
from earwitness.evaluation.records import Breakdown, Evaluation
from earwitness.reporting.evaluations import _drawn_curves, _drawn_groups
from earwitness.reporting.evaluations._counts import counted
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._story import note
from earwitness.reporting.evaluations._tables import DURATION


def drawings(evaluation: Evaluation, curves: Curves) -> tuple[Drawing, ...]:
    """Draw all figures that can be drawn."""
    foot = note(evaluation.setup, counted(evaluation))
    drawn: list[Drawing] = []
    if curves.histogram is not None:
        drawn.append(_drawn_curves.histogram(evaluation, curves.histogram, foot))
    if curves.det is not None:
        drawn.append(_drawn_curves.det(evaluation, curves.det, foot))
    if curves.reliability is not None:
        drawn.append(_drawn_curves.reliability(curves.reliability, foot))
    drawn.extend(of_breakdown(one, foot) for one in evaluation.breakdowns if can_be_drawn(one))
    return tuple(drawn)


def name_of(breakdown: Breakdown) -> str:
    """Name the figure of a breakdown."""
    is_ladder = breakdown.column == DURATION
    return DURATION if is_ladder else _drawn_groups.bars_name(breakdown)


def can_be_drawn(breakdown: Breakdown) -> bool:
    """Say whether there are at least two groups with an error rate that rests on enough trials."""
    return sum(bool(_drawn_groups.telling(group)) for group in breakdown.groups) > 1


def of_breakdown(breakdown: Breakdown, foot: str) -> Drawing:
    """Draw a breakdown: lengths as a ladder, all else as bars."""
    if breakdown.column == DURATION:
        return _drawn_groups.by_length(breakdown, foot)
    return _drawn_groups.bars(breakdown, foot)
