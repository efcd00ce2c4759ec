"""A fine-tuning → figures: its curves, what was gained and lost, and target against keep-set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from earwitness.evaluation.comparing import HEADLINE
from earwitness.evaluation.forgetting import Change, Epoch, GainedLost, Merit, Point
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _sentences
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
from earwitness.reporting.evaluations._numbers import plain
from earwitness.reporting.finetunings.words import ROLES, Finetuned, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TRAIN, _DEV, _KEEP = SERIES[4], SERIES[0], SERIES[1]
_FAINT = "#9A9A9A"
_ON_PAPER = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
_MOST_NUMBERED = 12
_NEAR = 0.05  # of the width or height of a figure

_Take = Callable[[Epoch], float | None]


def drawings(told: Finetuned) -> tuple[Drawing, ...]:
    """Draw all figures that there is something for."""
    drawn = [gained_lost(told.found)] if told.found.rows else []
    if told.curve:
        drawn.append(curves(told.curve, told.chosen_epoch, note=told.title))
    points = [*told.points, *_of_epochs(told)]
    if len([one for one in points if one.merit.keep_eer is not None]) > 1:
        drawn.append(pareto(told.points, _of_epochs(told), note=told.title))
    return tuple(drawn)


def gained_lost(found: GainedLost) -> Drawing:
    """Draw the change in EER of each data set with its interval."""
    told = (
        "Change in EER of each data set, after less before, with its paired 95 % interval; left "
        "of the line is gained, right of it is lost. Hollow: not distinguishable. "
        + "; ".join(
            f"{visible(row.name)}: {_sentences.size(row.difference(HEADLINE))}"
            for row in found.rows
        )
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for at, row in enumerate(found.rows):
            difference = row.difference(HEADLINE)
            if not difference.is_comparable:
                continue
            value, low, high = (
                100 * (end or 0.0) for end in (difference.value, difference.low, difference.high)
            )
            colour = SERIES[0] if row.role == "target" else SERIES[1]
            is_told = row.change in {Change.GAINED, Change.LOST}
            axes.errorbar(
                value, at, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], color=colour,
                markerfacecolor=colour if is_told else PAPER, fmt=MARKERS[row.role == "keep"],
                markersize=6, capsize=3, elinewidth=1.4, markeredgewidth=1.4,
            )  # fmt: skip
        axes.axvline(0, color=INK, linewidth=1)
        reach = 1.15 * max([abs(end) for end in axes.get_xlim()] + [1.0])
        axes.set_xlim(-reach, reach)
        for at, row in enumerate(found.rows):
            difference = row.difference(HEADLINE)
            centre = min(max(100 * (difference.value or 0.0), -reach / 2), reach / 2)
            axes.annotate(
                f"{_sentences.size(difference)}: {row.change.value}", (centre, at), (0, 8),
                textcoords="offset points", ha="center", size=8.5, bbox=_ON_PAPER,
            )  # fmt: skip
        names = [f"{short(row.name)}\n({ROLES[row.role]})" for row in found.rows]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.75)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("← gained      change in EER, points      lost →")
        calm(axes, along="x")

    rows = [row.comparison for row in found.rows]
    note = "; ".join(f"{one.n_bona_fide:,} bona fide + {one.n_spoof:,} spoof" for one in rows)
    return drawing("gained-lost", "What was gained and what was lost", f"{told}.", paint,
                   height=1.7 + 0.68 * len(rows), note=f"in this order: {note}")  # fmt: skip


def curves(curve: Sequence[Epoch], chosen: int | None, *, note: str = "") -> Drawing:
    """Draw losses and EERs over epochs.

    Args:
        curve: what was measured; epoch 0 is before training.
        chosen: the epoch whose weights were taken.
        note: what it rests on.
    """
    told = "Left: loss on the train and dev parts by epoch. Right: EER on the dev part" + (
        " and on the keep-set; where the first falls and the second rises, something is being "
        "forgotten."
        if any(one.keep_eer is not None for one in curve)
        else "."
    )
    if chosen is not None:
        told += f" The dashed line is the chosen epoch, {chosen}."
    losses = (("train", _TRAIN, _train_loss), ("dev", _DEV, _dev_loss))
    rates = (("dev", _DEV, _dev_eer), ("keep-set", _KEEP, _keep_eer))

    def paint(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for axes, lines, label in ((left, losses, "loss"), (right, rates, "EER, %")):
            for at, (name, colour, take) in enumerate(lines):
                _line(axes, curve, take, (name, colour, MARKERS[at + (axes is right)]))
            axes.set_ylim(bottom=0)
            axes.margins(y=0.12)
            axes.set_xlabel("epoch")
            axes.set_ylabel(label)
            axes.xaxis.get_major_locator().set_params(integer=True)
            if axes.lines:
                axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 1.0), ncols=2)
            if chosen is not None:
                axes.axvline(chosen, color=QUIET, linewidth=1, dashes=(4, 3), zorder=0)
            calm(axes)

    return drawing("curves", "Epoch by epoch", told, paint, height=3.6, note=note)


def pareto(mixed: Sequence[Point], epochs: Sequence[Point] = (), *, note: str = "") -> Drawing:
    """Draw EER on the target against EER on the keep-set: mixtures marked, epochs faint.

    Args:
        mixed: networks between old and new, in the order of their alpha.
        epochs: networks after each epoch, epoch 0 before.
        note: what it rests on.
    """
    kept = [one for one in mixed if one.merit.keep_eer is not None]
    faint = [one for one in epochs if one.merit.keep_eer is not None]
    told = (
        "EER on the target against EER on the keep-set; nearer to the lower left corner is better "
        "on both. "
    )
    if kept:
        told += "Marked: mixtures of old and new weights, with alpha, the share of the new. "
    if faint:
        told += "Grey: the network after each epoch. "
    chosen = next((one for one in kept if one.is_chosen), None)
    if chosen is not None:
        told += f"Ringed: what was taken ({visible(chosen.label)})."

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if faint:
            _path(axes, faint, _FAINT, "o", label="after each epoch")
            _number(axes, faint)
        if kept:
            _path(axes, kept, SERIES[0], "s", label="mixtures of old and new")
            _alphas(axes, kept)
        if chosen is not None:
            axes.plot(
                *_place(chosen.merit), "o", markersize=15, markerfacecolor="none",
                markeredgecolor=SERIES[1], markeredgewidth=1.8, label="taken", linestyle="",
            )  # fmt: skip
        axes.margins(0.12)
        axes.set_xlabel("EER on the target, %: further left is better")
        axes.set_ylabel("EER on the keep-set, %: lower is better")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3)
        calm(axes, along="both")

    return drawing("pareto", "What is learnt against what is kept", told.strip(), paint,
                   height=4.8, note=note)  # fmt: skip


def _of_epochs(told: Finetuned) -> list[Point]:
    return [
        Point(str(one.epoch), Merit(one.dev_eer, one.keep_eer))
        for one in told.curve
        if one.dev_eer is not None and one.keep_eer is not None
    ]


def _line(axes: Axes, curve: Sequence[Epoch], take: _Take, style: tuple[str, str, str]) -> None:
    name, colour, marker = style
    found = [(one.epoch, take(one)) for one in curve]
    shown = [(epoch, value) for epoch, value in found if value is not None]
    if shown:
        axes.plot(
            [epoch for epoch, _ in shown], [value for _, value in shown], color=colour,
            marker=marker, markersize=4.5, linewidth=1.8, label=name,
        )  # fmt: skip


def _path(axes: Axes, points: Sequence[Point], colour: str, marker: str, *, label: str) -> None:
    places = [_place(one.merit) for one in points]
    axes.plot(
        [x for x, _ in places], [y for _, y in places], color=colour, marker=marker,
        markersize=5, linewidth=1.4, label=label,
    )  # fmt: skip


def _number(axes: Axes, points: Sequence[Point]) -> None:
    """Write numbers of epochs beside them: all of few, of many the first and the last."""
    shown = points if len(points) <= _MOST_NUMBERED else (points[0], points[-1])
    for one in _apart(axes, shown):
        axes.annotate(
            one.label, _place(one.merit), (5, -9), textcoords="offset points", size=7.5,
            color=QUIET,
        )  # fmt: skip


def _alphas(axes: Axes, points: Sequence[Point]) -> None:
    """Write alphas beside their marks."""
    ends = {id(points[0]), id(points[-1])}
    for one in _apart(
        axes, sorted(points, key=lambda one: (id(one) not in ends, not one.is_chosen))
    ):
        text = one.label if one.alpha is None else plain(one.alpha, 1 if _is_tenth(one) else 2)
        axes.annotate(text, _place(one.merit), (6, 5), textcoords="offset points", size=8.5)


def _apart(axes: Axes, points: Sequence[Point]) -> list[Point]:
    """Choose points whose labels do not stand on each other, the first ones first."""
    axes.autoscale_view()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    taken: list[tuple[float, float]] = []
    chosen = []
    for one in points:
        x, y = _place(one.merit)
        at = ((x - left) / (right - left), (y - low) / (high - low))
        if all(abs(at[0] - a) > _NEAR or abs(at[1] - b) > _NEAR for a, b in taken):
            taken.append(at)
            chosen.append(one)
    return chosen


def _is_tenth(one: Point) -> bool:
    return abs(10 * (one.alpha or 0.0) - round(10 * (one.alpha or 0.0))) < 1e-9


def _place(merit: Merit) -> tuple[float, float]:
    return 100 * merit.target_eer, 100 * (merit.keep_eer or 0.0)


def _train_loss(one: Epoch) -> float | None:
    return one.train_loss


def _dev_loss(one: Epoch) -> float | None:
    return one.dev_loss


def _dev_eer(one: Epoch) -> float | None:
    return None if one.dev_eer is None else 100 * one.dev_eer


def _keep_eer(one: Epoch) -> float | None:
    return None if one.keep_eer is None else 100 * one.keep_eer
