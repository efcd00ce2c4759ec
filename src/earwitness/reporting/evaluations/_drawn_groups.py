"""Breakdowns → figures: both mistakes by length, and bars by attack or any other column."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from earwitness.reporting.evaluations._tables import is_telling, value_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 30
_LONGEST_NAME = 30
_UNFIT = re.compile(r"[^a-z0-9]+")
_COLUMNS = (52.0, 102.0)  # points to the right of the bars: ends of the columns of numbers


@dataclass(frozen=True)
class _Side:
    """One of the two mistakes, and how it is drawn."""

    name: str
    words: str
    colour: str
    marker: str


@dataclass(frozen=True)
class _Row:
    """One bar."""

    group: Group
    side: _Side
    rate: Measure


_SIDES = (
    _Side("miss_rate", "genuine taken for a spoof (misses)", BONA_FIDE, "o"),
    _Side("false_alarm_rate", "spoofs taken for genuine (false alarms)", SPOOF, "s"),
)
_LINES = {"operating point": "the line in use", "eer": "the line of the pooled EER"}


def by_length(breakdown: Breakdown, note: str) -> Drawing:
    """Draw both mistakes by the length of the recording."""
    told = (
        "Mistakes by length of the recording, all at "
        f"{_line(breakdown)}. Whiskers are 95 % intervals; under each length stands how many "
        "genuine recordings and spoofs there are; rates of fewer than ten are not drawn."
    )

    def paint(figure: Figure) -> None:
        axes, groups = figure.subplots(), breakdown.groups
        for shift, side in zip((-0.08, 0.08), _SIDES, strict=True):
            found = [(n + shift, getattr(group, side.name)) for n, group in enumerate(groups)]
            shown = [(at, one) for at, one in found if is_telling(one)]
            axes.errorbar(
                [at for at, _ in shown], [_percent(one) for _, one in shown],
                _whiskers([one for _, one in shown]), fmt=side.marker, linestyle="-", linewidth=1.2,
                color=side.colour, capsize=3, markersize=6, label=side.words, clip_on=False,
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
    rows = _rows(breakdown)
    groups = list(dict.fromkeys(row.group.value for row in rows))
    left_out = len(breakdown.groups) - len(groups)
    column = breakdown.column.replace("_", " ")
    told = (
        f"Mistakes by {column}, the worst on top, all at {_line(breakdown)}. "
        "Whiskers are 95 % intervals; n is the number of answered recordings behind each bar."
    )
    if left_out:
        told += f" {left_out:,} groups of few recordings or few mistakes are not drawn."

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = _places(rows)
        for at, row in zip(places, rows, strict=True):
            _bar(axes, at, row)
        _name_rows(axes, rows, places)
        axes.set_ylim(max(places) + 0.7, min(places) - 0.7)
        axes.set_xlim(0, _reach([row.rate for row in rows]))
        for points, words in zip(_COLUMNS, ("mistakes", "n"), strict=True):
            axes.annotate(
                words, (1, 1), (points, 3), xycoords="axes fraction", textcoords="offset points",
                ha="right", va="bottom", size=8.5, color=QUIET,
            )  # fmt: skip
        axes.set_xlabel("mistakes, %")
        calm(axes, along="x")
        _legend(axes, rows)

    height = 1.65 + 0.31 * len(rows) + 0.12 * len(groups)
    name = bars_name(breakdown)
    return drawing(name, f"How often it errs, by {column}", told, paint, height=height, note=note)


def telling(group: Group) -> list[Measure]:
    """List the error rates of a group that rest on enough trials."""
    rates = (getattr(group, side.name) for side in _SIDES)
    return [rate for rate in rates if is_telling(rate)]


def bars_name(breakdown: Breakdown) -> str:
    """Name the files of a figure; a column may be called anything.

    Example:
        >>> [bars_name(Breakdown(name, (), 0.0, "eer")) for name in ("attack_type", "../x")]
        ['by-attack-type', 'by-x']
    """
    return figure_name(breakdown.column)


def figure_name(column: str) -> str:
    """Name the files of a figure by a column, whatever that is called.

    Example:
        >>> figure_name("attack_type"), figure_name("../../x")
        ('by-attack-type', 'by-x')
    """
    return f"by-{_UNFIT.sub('-', column.lower()).strip('-') or 'column'}"


def _line(breakdown: Breakdown) -> str:
    words = _LINES.get(breakdown.threshold_is, breakdown.threshold_is)
    return f"{words} ({plain(breakdown.threshold, 2)})"


def _reach(measures: list[Measure]) -> float:
    """Say how far the axis goes, in per cent, so that all whiskers fit."""
    ends = [max(_percent(one), 100 * (one.high or 0.0)) for one in measures]
    return min(100.0, max(10.0, 1.05 * max(ends)))


def _rows(breakdown: Breakdown) -> list[_Row]:
    """List the bars, by the greater of a group's two mistakes; only so many whole groups."""
    groups = [group for group in breakdown.groups if telling(group)]
    rows: list[_Row] = []
    for group in sorted(groups, key=lambda one: -max(_percent(rate) for rate in telling(one))):
        own = [_Row(group, side, getattr(group, side.name)) for side in _SIDES]
        own = [row for row in own if is_telling(row.rate)]
        if len(rows) + len(own) > MOST_ROWS:
            break
        rows.extend(own)
    return rows


def _places(rows: list[_Row]) -> list[float]:
    """Put the bars of one group together, and a gap between groups."""
    places: list[float] = []
    before: Group | None = None
    for row in rows:
        step = 1.0 if row.group is before else 1.4
        places.append((places[-1] if places else 0.0) + step)
        before = row.group
    return places


def _bar(axes: Axes, at: float, row: _Row) -> None:
    value, colour = _percent(row.rate), row.side.colour
    axes.barh(at, value, height=0.8, color=colour, alpha=0.45, edgecolor=colour, linewidth=1)
    left, right = _whiskers([row.rate])
    axes.errorbar(
        value, at, xerr=[left, right], fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5
    )
    n = row.rate.n_bona_fide + row.rate.n_spoof
    for points, words in zip(_COLUMNS, (value_only(row.rate), f"{n:,}"), strict=True):
        axes.annotate(
            words, (1, at), (points, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", va="center",
        )  # fmt: skip


def _name_rows(axes: Axes, rows: list[_Row], places: list[float]) -> None:
    own: dict[str, list[float]] = {}
    for at, row in zip(places, rows, strict=True):
        own.setdefault(_name(row.group), []).append(at)
    axes.set_yticks([sum(found) / len(found) for found in own.values()], list(own))
    axes.tick_params(axis="y", length=0)


def _legend(axes: Axes, rows: list[_Row]) -> None:
    """Put the key over the columns of numbers, flush right: long names need the left side."""
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    sides = dict.fromkeys(row.side for row in rows)
    handles = [
        Patch(facecolor=side.colour, alpha=0.45, edgecolor=side.colour, label=side.words)
        for side in _SIDES
        if side in sides
    ]
    key = axes.legend(handles=handles, loc="lower right", ncols=2, borderaxespad=0.0)
    figure = axes.get_figure(root=True)
    if figure is not None:
        shift = ScaledTranslation((_COLUMNS[-1] + 2) / 72, 0.24, figure.dpi_scale_trans)
        key.set_bbox_to_anchor((1.0, 1.0), axes.transAxes + shift)


def _name(group: Group) -> str:
    """Name a group; a long name is cut in its middle, for both ends tell more."""
    name = visible(value_of(group))
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
