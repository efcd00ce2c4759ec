"""A stress test → one figure: a row for each condition, a line for the clean trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earwitness.evaluation.differences import Outcome
from earwitness.evaluation.stress.records import Row, StressTest
from earwitness.reporting.evaluations._figures import (
    BONA_FIDE,
    INK,
    PAPER,
    QUIET,
    SPOOF,
    Drawing,
    calm,
    drawing,
)
from earwitness.reporting.evaluations._numbers import percent, trials, value_only
from earwitness.reporting.evaluations._stress_words import is_alone

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, GAP, AROUND = 0.215, 0.75, 1.6  # inches a row, rows between families, inches around all
_KEY_ABOVE = 1.9  # letters from the axes to the key: the name of the clean line is between
_LOOKS = {
    Outcome.WORSE: (SPOOF, ">", "worse than clean"),
    Outcome.BETTER: (BONA_FIDE, "<", "better than clean"),
    Outcome.NOT_DISTINGUISHABLE: (QUIET, "o", "not distinguishable"),
}


@dataclass(frozen=True)
class _Place:
    """A row and how far down it stands, in rows."""

    row: Row
    at: float


def by_condition(test: StressTest, note: str = "") -> Drawing:
    """Draw the EER under each condition with its interval, grouped by family."""
    told = (
        "EER under each condition, with its 95 % interval; further to the right is worse. The line "
        f"and the band are all trials as they are: {percent(test.clean)}, on {trials(test.clean)}. "
        "A triangle is a paired difference whose 95 % interval lies on one side of zero; a hollow "
        "one does not hold when all conditions are looked at together. A small upright stroke is "
        "the clean EER of the same trials, where there are fewer than all; how many bona fide + "
        "spoof there are then stands on the right."
    )
    places, names = list(_places(test)), dict(_names(test))

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        _clean(axes, test)
        for place in places:
            _row(axes, place, test)
        for name, at in names.items():
            axes.text(-0.01, at, name, transform=axes.get_yaxis_transform(), ha="right",
                      va="center", weight="bold")  # fmt: skip
        axes.set_yticks([p.at for p in places], [p.row.title for p in places])
        axes.set_ylim(_bottom(places) + 0.8, -0.8)
        axes.set_xlim(left=0)
        axes.set_xlabel("EER, %  (0 is perfect, 50 is a coin toss)")
        calm(axes, along="x")
        axes.tick_params(axis="y", length=0)
        _key(axes, [place.row for place in places])

    height = AROUND + ROW * (_bottom(places) + 1.6)
    title = f"{test.setup.model}: EER under each condition"
    return drawing("stress", title, told, paint, height=height, note=note)


def _places(test: StressTest) -> Iterator[_Place]:
    """Put rows below the names of their families."""
    at = 0.0
    for family in test.families:
        rows = [row for row in test.rows if row.family == family.name]
        for number, row in enumerate(rows, start=1):
            yield _Place(row, at + number)
        at += len(rows) + 1 + GAP if rows else 0.0


def _names(test: StressTest) -> Iterator[tuple[str, float]]:
    first: dict[str, float] = {}
    for place in _places(test):
        first.setdefault(place.row.family, place.at - 1)
    for family in test.families:
        if family.name in first:
            yield family.title, first[family.name]


def _bottom(places: Sequence[_Place]) -> float:
    return max((place.at for place in places), default=0.0)


def _clean(axes: Axes, test: StressTest) -> None:
    clean = test.clean
    if clean.value is None:
        return
    if clean.low is not None and clean.high is not None:
        axes.axvspan(100 * clean.low, 100 * clean.high, color=QUIET, alpha=0.13, linewidth=0)
    axes.axvline(100 * clean.value, color=INK, linewidth=1.2)
    words = f"clean {value_only(clean)}"
    axes.annotate(
        words, (100 * clean.value, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 4),
        textcoords="offset points", ha="center", va="bottom", size=9,
    )  # fmt: skip


def _row(axes: Axes, place: _Place, test: StressTest) -> None:
    row = place.row
    if _is_of_fewer(row, test):
        n = f"{row.eer.n_bona_fide:,} + {row.eer.n_spoof:,}"
        axes.text(1.01, place.at, n, transform=axes.get_yaxis_transform(), ha="left",
                  va="center", size=7.5, color=QUIET)  # fmt: skip
    if row.eer.value is None or row.difference.outcome not in _LOOKS:
        axes.text(0.01, place.at, "not measured", transform=axes.get_yaxis_transform(),
                  va="center", size=8.5, color=QUIET, style="italic",
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})  # fmt: skip
        return
    colour, marker, _ = _LOOKS[row.difference.outcome]
    low, high = row.eer.low, row.eer.high
    if low is not None and high is not None:
        axes.hlines(place.at, 100 * low, 100 * high, colors=colour, linewidth=1.6)
    is_moved = row.difference.outcome is not Outcome.NOT_DISTINGUISHABLE
    face = colour if is_moved and not is_alone(row) else "white"
    axes.plot([100 * row.eer.value], [place.at], marker, color=colour, markerfacecolor=face,
              markersize=6.5, markeredgewidth=1.4, zorder=3, clip_on=False)  # fmt: skip
    if _is_of_fewer(row, test) and row.clean_eer.value is not None:
        axes.plot([100 * row.clean_eer.value], [place.at], "|", color=INK, markersize=11,
                  markeredgewidth=1.4, zorder=4)  # fmt: skip


def _is_of_fewer(row: Row, test: StressTest) -> bool:
    """Say whether a row rests on fewer trials than the clean line."""
    return (row.eer.n_bona_fide, row.eer.n_spoof) != (test.clean.n_bona_fide, test.clean.n_spoof)


def _key(axes: Axes, rows: Sequence[Row]) -> None:
    from matplotlib.lines import Line2D

    def mark(colour: str, marker: str, words: str, *, is_filled: bool) -> Line2D:
        face = colour if is_filled else "white"
        return Line2D([], [], linestyle="", marker=marker, color=colour, markerfacecolor=face,
                      markersize=6.5, markeredgewidth=1.4, label=words)  # fmt: skip

    seen = {row.difference.outcome for row in rows}
    marks = [
        mark(colour, marker, words, is_filled=outcome is not Outcome.NOT_DISTINGUISHABLE)
        for outcome, (colour, marker, words) in _LOOKS.items()
        if outcome in seen
    ]
    if any(is_alone(row) for row in rows):
        marks.append(mark(QUIET, ">", "hollow: taken alone", is_filled=False))
    if marks:
        axes.legend(
            handles=marks, loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=4,
            borderaxespad=_KEY_ABOVE, handletextpad=0.2, columnspacing=1.4,
        )  # fmt: skip
