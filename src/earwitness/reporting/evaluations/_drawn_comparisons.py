"""A comparison → figures: EERs with intervals, DET curves, differences pooled and by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from earwitness.evaluation.comparing import HEADLINE, Comparison, Standing
from earwitness.evaluation.differences import Difference, Outcome
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _sentences
from earwitness.reporting.evaluations._drawn_curves import (
    det_limits,
    probit,
    rates_axes,
)
from earwitness.reporting.evaluations._drawn_groups import figure_name
from earwitness.reporting.evaluations._figures import (
    INK,
    MARKERS,
    PAPER,
    QUIET,
    SERIES,
    Drawing,
    calm,
    drawing,
)
from earwitness.reporting.evaluations._numbers import percent
from earwitness.reporting.evaluations._tables import column_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 36
_LONGEST = 28
_ON_PAPER = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
_LINES = ("-", "--", ":", "-.")
_FILLED = "Filled marks: better or worse. Hollow marks: not distinguishable."


def drawings(found: Comparison, note: str) -> tuple[Drawing, ...]:
    """Draw all figures of a comparison.

    Args:
        found: what was compared.
        note: what it rests on, in small letters.
    """
    drawn = [eers(found, note), det(found, note), differences(found, note)]
    columns = dict.fromkeys(one.column for one in found.groups)
    drawn += [by_group(found, column, note) for column in columns]
    return tuple(drawn)


def eers(found: Comparison, note: str) -> Drawing:
    """Draw each run's EER with its interval."""
    rows = [(one, one.measure(HEADLINE)) for one in found.standings]
    told = "EER of each detector with its 95 % interval; further left is better. " + "; ".join(
        f"{visible(one.run.name)}: {percent(eer)}" for one, eer in rows
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for at, (_, eer) in enumerate(rows):
            value, low, high = (100 * (end or 0.0) for end in (eer.value, eer.low, eer.high))
            axes.errorbar(
                value, at, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]],
                color=_colour(at), **_mark(at),
            )  # fmt: skip
            axes.annotate(
                percent(eer), (value, at), (0, 9), textcoords="offset points", ha="center", size=9
            )
        _rows(axes, [one.run.name for one, _ in rows])
        axes.set_xlim(left=0)
        axes.margins(x=0.12)
        axes.set_xlabel("EER, %: further left is better")

    return drawing("eers", "How often each of them errs", f"{told}.", paint,
                   height=1.5 + 0.55 * len(rows), note=note)  # fmt: skip


def det(found: Comparison, note: str) -> Drawing:
    """Draw all DET curves in one figure."""
    told = (
        "DET curves: each point is a line that could be drawn. The curve that runs nearer to the "
        "lower left corner is better there. Bands are left out: that two of them overlap says "
        "nothing of a paired difference."
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        worst = max((one.measure(HEADLINE) for one in found.standings), key=_value)
        low, high = det_limits(worst)
        for at, one in enumerate(found.standings):
            _curve(axes, one, at, low, high)
        rates_axes(axes, low, high)
        axes.plot([-9, 9], [9, -9], color=QUIET, linewidth=1, dashes=(2, 3))
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.02, 1.0), handlelength=3, borderaxespad=0.2
        )

    return drawing("det", "For every line that could be drawn", told, paint,
                   width=6.0, height=5.9, note=note)  # fmt: skip


def differences(found: Comparison, note: str) -> Drawing:
    """Draw the difference in EER of every pair."""
    pooled = [one for one in found.differences if one.measure == HEADLINE]
    told = f"Differences in EER with their paired 95 % intervals, all recordings. {_FILLED}"

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for at, one in enumerate(pooled):
            _difference(axes, one, at, INK)
        _rows(axes, [f"{one.second}\nagainst {one.first}" for one in pooled])
        reach = _difference_axis(axes)
        for at, one in enumerate(pooled):
            _tell(axes, one, at, reach)

    return drawing("differences", "Which of two is better", told, paint,
                   height=1.7 + 0.62 * len(pooled), note=note)  # fmt: skip


def by_group(found: Comparison, column: str, note: str) -> Drawing:
    """Draw differences in EER to the first run, by the values of a column."""
    base = found.standings[0].run.name
    rows = [one for one in found.groups if one.column == column and one.difference.first == base]
    values = list(dict.fromkeys(one.value for one in rows))[:MOST_ROWS]
    others = list(dict.fromkeys(one.difference.second for one in rows))
    name = column_name(column)
    told = f"Differences in EER to {visible(base)}, by {visible(name)}, paired. {_FILLED}"
    if len(values) < len({one.value for one in rows}):
        told += f" The first {MOST_ROWS}; all are in comparison.json."

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for one in rows:
            if one.value in values:
                at, shift = values.index(one.value), others.index(one.difference.second)
                _difference(
                    axes, one.difference, at + 0.6 * ((shift + 0.5) / len(others) - 0.5),
                    _colour(shift + 1), shift + 1,
                )  # fmt: skip
        _rows(axes, [_name(value) for value in values])
        _difference_axis(axes)
        _legend(axes, others)

    height = 1.9 + (0.3 + 0.16 * (len(others) - 1)) * len(values)
    return drawing(figure_name(column), f"Which is better, by {name}", told, paint,
                   height=height, note=note)  # fmt: skip


def _curve(axes: Axes, one: Standing, at: int, low: float, high: float) -> None:
    points = [
        (probit(alarm), probit(min(max(miss, low / 10), 1 - low / 10)))
        for alarm, miss in zip(one.curve.false_alarm, one.curve.miss, strict=True)
        if low <= alarm <= high
    ]
    name = f"{visible(one.run.name)}: EER {percent(one.measure(HEADLINE))}"
    axes.plot(
        [x for x, _ in points], [y for _, y in points], _LINES[at % len(_LINES)],
        color=_colour(at), linewidth=2, label=name,
    )  # fmt: skip


def _difference(axes: Axes, one: Difference, at: float, colour: str, mark: int = 0) -> None:
    """Draw a difference in points; hollow where it is not distinguishable from none."""
    if not one.is_comparable:
        return
    value, low, high = (100 * (end or 0.0) for end in (one.value, one.low, one.high))
    is_told = one.outcome is not Outcome.NOT_DISTINGUISHABLE
    axes.errorbar(
        value, at, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], color=colour,
        markerfacecolor=colour if is_told else PAPER, **_mark(mark),
    )  # fmt: skip


def _tell(axes: Axes, one: Difference, at: float, reach: float) -> None:
    """Write the difference over its mark, moved in where it would leave the figure."""
    if not one.is_comparable:
        return
    centre = min(max(100 * (one.value or 0.0), -reach / 2), reach / 2)
    axes.annotate(
        f"{_sentences.size(one)}: {_sentences.verdict(one)}", (centre, at), (0, 7),
        textcoords="offset points", ha="center", size=8.5, bbox=_ON_PAPER,
    )  # fmt: skip


def _difference_axis(axes: Axes) -> float:
    """Lay zero in the middle; gives how far the axis goes to both sides."""
    axes.axvline(0, color=INK, linewidth=1)
    reach = 1.1 * max([abs(end) for end in axes.get_xlim()] + [1.0])
    axes.set_xlim(-reach, reach)
    axes.set_xlabel("← better      difference in EER, points      worse →")
    calm(axes, along="x")
    return reach


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_name(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.75)
    axes.tick_params(axis="y", length=0)
    calm(axes, along="x")


def _legend(axes: Axes, others: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=_colour(at + 1),
            marker=MARKERS[(at + 1) % len(MARKERS)],
            label=visible(name),
        )
        for at, name in enumerate(others)
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3)


def _mark(at: int) -> dict[str, Any]:
    return {
        "fmt": MARKERS[at % len(MARKERS)],
        "markersize": 6,
        "capsize": 3,
        "elinewidth": 1.4,
        "markeredgewidth": 1.4,
    }


def _colour(at: int) -> str:
    return SERIES[at % len(SERIES)]


def _name(name: str) -> str:
    """Cut a long name in its middle, for both ends tell more."""
    name = "\n".join(visible(line) for line in name.split("\n"))
    if max(map(len, name.split("\n"))) <= _LONGEST:
        return name
    half = _LONGEST // 2 - 1
    return "\n".join(
        line if len(line) <= _LONGEST else f"{line[:half]}…{line[-half:]}"
        for line in name.split("\n")
    )


def _value(measure: Measure) -> float:
    return measure.value or 0.0
