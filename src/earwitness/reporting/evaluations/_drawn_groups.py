"""Breakdowns → figures: both mistakes by length, and bars by attack or any other column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from earwitness.evaluation.records import Breakdown, Group, Measure
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._figures import (
    BONA_FIDE,
    INK,
    QUIET,
    SPOOF,
    Drawing,
    calm,
    drawing,
)
from earwitness.reporting.evaluations._numbers import plain, value_only

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DURATION = "duration"
MOST_ROWS = 32
_LONGEST_NAME = 30
_UNFIT = re.compile(r"[^a-z0-9]+")
_SIDES = (
    ("miss_rate", "genuine taken for a spoof (misses)", BONA_FIDE, "o"),
    ("false_alarm_rate", "spoofs taken for genuine (false alarms)", SPOOF, "s"),
)
_LINES = {"operating point": "the line in use", "eer": "the line of the pooled EER"}


def by_length(breakdown: Breakdown, note: str) -> Drawing:
    """Draw both mistakes by the length of the recording."""
    told = (
        "Mistakes by length of the recording, all at "
        f"{_line(breakdown)}. Whiskers are 95 % intervals; under each length stands how many "
        "genuine recordings and spoofs there are."
    )

    def paint(figure: Figure) -> None:
        axes, groups = figure.subplots(), breakdown.groups
        for shift, (name, words, colour, marker) in zip((-0.08, 0.08), _SIDES, strict=True):
            found = [(n + shift, getattr(group, name)) for n, group in enumerate(groups)]
            shown = [(at, one) for at, one in found if one.value is not None]
            axes.errorbar(
                [at for at, _ in shown], [_percent(one) for _, one in shown],
                _whiskers([one for _, one in shown]), fmt=marker, linestyle="-", linewidth=1.2,
                color=colour, capsize=3, markersize=6, label=words, clip_on=False,
            )  # fmt: skip
        names = [f"{group.value}\n{group.n_bona_fide:,} + {group.n_spoof:,}" for group in groups]
        axes.set_xticks(range(len(groups)), names)
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_xlabel("length of the recording, with genuine + spoof recordings")
        axes.set_ylabel("mistakes, %")
        axes.set_ylim(0, max(_top(axes), 5))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, borderaxespad=0.2)
        calm(axes)

    return drawing("duration", "How often it errs, by length", told, paint, note=note)


def bars(breakdown: Breakdown, note: str) -> Drawing:
    """Draw one row for each value of a column, the worst on top."""
    groups = _shown(breakdown)
    left_out = len(breakdown.groups) - len(groups)
    column = breakdown.column.replace("_", " ")
    told = (
        f"Mistakes by {column}, the worst on top, all at {_line(breakdown)}. "
        "Whiskers are 95 % intervals; n is the number of answered recordings behind each bar."
    )
    if left_out:
        told += f" {left_out:,} more are in metrics.json."
    rows = [(group, side) for group in groups for side in _SIDES if _value(group, side) is not None]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = _places(rows)
        for at, (group, (name, _, colour, _)) in zip(places, rows, strict=True):
            _bar(axes, at, getattr(group, name), colour)
        _name_rows(axes, groups, rows, places)
        axes.set_ylim(max(places) + 0.7, min(places) - 0.7)
        axes.set_xlim(0, _reach([getattr(group, side[0]) for group, side in rows]))
        for across, words in ((1.135, "mistakes"), (1.22, "n")):
            axes.text(
                across, min(places) - 0.75, words, transform=axes.get_yaxis_transform(),
                ha="right", va="bottom", size=8.5, color=QUIET,
            )  # fmt: skip
        axes.set_xlabel("mistakes, %")
        calm(axes, along="x")
        _legend(axes, {side for _, side in rows})

    height = 1.55 + 0.31 * len(rows) + 0.12 * len(groups)
    name = bars_name(breakdown)
    return drawing(name, f"How often it errs, by {column}", told, paint, height=height, note=note)


def bars_name(breakdown: Breakdown) -> str:
    """Name the files of a figure; a column may be called anything.

    Example:
        >>> [bars_name(Breakdown(name, (), 0.0, "eer")) for name in ("attack_type", "../x")]
        ['by-attack-type', 'by-x']
    """
    return f"by-{_UNFIT.sub('-', breakdown.column.lower()).strip('-') or 'column'}"


def _line(breakdown: Breakdown) -> str:
    words = _LINES.get(breakdown.threshold_is, breakdown.threshold_is)
    return f"{words} ({plain(breakdown.threshold, 2)})"


def _n(measure: Measure) -> int:
    return measure.n_bona_fide + measure.n_spoof


def _reach(measures: list[Measure]) -> float:
    """Say how far the axis goes, in per cent, so that all whiskers fit."""
    ends = [max(_percent(one), 100 * (one.high or 0.0)) for one in measures]
    return min(100.0, max(10.0, 1.05 * max(ends)))


def _worst_first(breakdown: Breakdown) -> list[Group]:
    """Sort by the greater of both mistakes; groups without any are left out."""
    shown = [group for group in breakdown.groups if _errors(group)]
    return sorted(shown, key=lambda group: -max(_errors(group)))


def _shown(breakdown: Breakdown) -> list[Group]:
    shown: list[Group] = []
    for group in _worst_first(breakdown):
        if sum(len(_errors(one)) for one in (*shown, group)) > MOST_ROWS:
            break
        shown.append(group)
    return shown


def _errors(group: Group) -> list[float]:
    found = (group.miss_rate.value, group.false_alarm_rate.value)
    return [value for value in found if value is not None]


def _value(group: Group, side: tuple[str, str, str, str]) -> float | None:
    measure: Measure = getattr(group, side[0])
    return measure.value


def _places(rows: list[tuple[Group, tuple[str, str, str, str]]]) -> list[float]:
    """Put the bars of one group together, and a gap between groups."""
    places: list[float] = []
    before: Group | None = None
    for group, _ in rows:
        step = 1.0 if group is before else 1.4
        places.append((places[-1] if places else 0.0) + step)
        before = group
    return places


def _bar(axes: Axes, at: float, measure: Measure, colour: str) -> None:
    value = _percent(measure)
    axes.barh(at, value, height=0.8, color=colour, alpha=0.45, edgecolor=colour, linewidth=1)
    left, right = (ends[0] for ends in _whiskers([measure]))
    axes.errorbar(
        value, at, xerr=[[left], [right]], fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5
    )
    for across, words in ((1.135, value_only(measure)), (1.22, f"{_n(measure):,}")):
        axes.text(across, at, words, transform=axes.get_yaxis_transform(), ha="right", va="center")


def _name_rows(
    axes: Axes,
    groups: list[Group],
    rows: list[tuple[Group, tuple[str, str, str, str]]],
    places: list[float],
) -> None:
    middles = []
    for group in groups:
        own = [at for at, (owner, _) in zip(places, rows, strict=True) if owner is group]
        middles.append(sum(own) / len(own))
    axes.set_yticks(middles, [_name(group) for group in groups])
    axes.tick_params(axis="y", length=0)


def _legend(axes: Axes, sides: set[tuple[str, str, str, str]]) -> None:
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    handles = [
        Patch(facecolor=colour, alpha=0.45, edgecolor=colour, label=words)
        for name, words, colour, marker in _SIDES
        if (name, words, colour, marker) in sides
    ]
    figure = axes.get_figure(root=True)
    above = ScaledTranslation(0, 0.16, figure.dpi_scale_trans) if figure else None
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, borderaxespad=0.2,
        bbox_transform=axes.transAxes + above if above else None,
    )  # fmt: skip


def _name(group: Group) -> str:
    """Name a group; a long name is cut in its middle, for both ends tell more."""
    name = visible(group.value)
    if name == "-":
        return "none" if group.n_spoof else "none (genuine)"
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2 - 1
    return f"{name[:half]}…{name[-half:]}"


def _percent(measure: Measure) -> float:
    return 100 * (measure.value or 0.0)


def _whiskers(measures: list[Measure]) -> tuple[list[float], list[float]]:
    """Give how far the intervals reach to both sides, in points."""
    below, above = [], []
    for measure in measures:
        value = measure.value or 0.0
        below.append(100 * max(0.0, value - (value if measure.low is None else measure.low)))
        above.append(100 * max(0.0, (value if measure.high is None else measure.high) - value))
    return below, above


def _top(axes: Axes) -> float:
    return min(101.0, axes.get_ylim()[1])
