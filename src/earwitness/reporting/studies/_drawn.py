"""A study → figures: what was gained against what was lost, training curves, DET curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from earwitness.evaluation.forgetting import change_of
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._drawn_curves import det_limits, probit, rates_axes
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
from earwitness.reporting.evaluations._numbers import value_only
from earwitness.reporting.studies._words import SETS
from earwitness.reporting.studies.records import (
    EVAL,
    TEST,
    ArmFigures,
    Choice,
    Seed,
    StudyFigures,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINES = ("-", "--", "-.", ":")
_BEFORE: dict[str, Any] = {"color": INK, "marker": "*", "markersize": 12}


def drawings(found: StudyFigures) -> tuple[Drawing, ...]:
    """Draw all figures of a study."""
    note = f"{visible(found.model)}  ·  {found.date}"
    drawn = [changes(found, note), pareto(found, note)]
    drawn += [det(found, name, note) for name in SETS if name in found.curves]
    drawn += [training(arm, note) for arm in found.arms if any(one.curve for one in arm.seeds)]
    drawn += [
        tried(one, number, found, note)
        for number, one in enumerate(found.choices)
        if len(one.candidates) > 1 and one.candidates[0].adapt_eer is not None
    ]
    return tuple(drawn)


def changes(found: StudyFigures, note: str) -> Drawing:
    """Draw what each arm gained and lost, with intervals."""
    told = "Change in EER from before, in points, mean over seeds, with paired 95 % intervals. " + (
        "; ".join(
            f"{visible(arm.title)}: target {change_of(arm.changes[TEST]['eer']).value}, "
            f"custom-eval {change_of(arm.changes[EVAL]['eer']).value}"
            for arm in found.arms
        )
    )

    def paint(figure: Figure) -> None:
        pair = figure.subplots(1, 2, sharey=True)
        for axes, name in zip(pair, SETS, strict=True):
            for at, arm in enumerate(found.arms):
                _change(axes, arm, name, at)
            axes.axvline(0, color=INK, linewidth=1)
            axes.set_title(SETS[name])
            axes.set_xlabel("← gained      points of EER      lost →")
            axes.margins(x=0.12)
            calm(axes, along="x")
        pair[0].set_yticks(range(len(found.arms)), [visible(arm.title) for arm in found.arms])
        pair[0].set_ylim(len(found.arms) - 0.5, -0.5)

    return drawing("changes", "What each way to fine-tune gained and lost", f"{told}.", paint,
                   height=1.9 + 0.42 * len(found.arms), note=note)  # fmt: skip


def pareto(found: StudyFigures, note: str) -> Drawing:
    """Draw EER on the target against EER on custom-eval."""
    told = (
        "EER on custom-eval against EER on the target; further to the lower left is better. Small "
        "marks are single seeds, large ones their mean; the star is the detector before."
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        before = [100 * _value(found.before[name]["eer"]) for name in SETS]
        axes.plot([before[0]], [before[1]], linestyle="none", label="before", **_BEFORE)
        for spot, horizontal in zip(before, (False, True), strict=True):
            line = axes.axhline if horizontal else axes.axvline
            line(spot, color=QUIET, linewidth=0.8, dashes=(2, 3))
        for at, arm in enumerate(found.arms):
            _spots(axes, arm, at)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.margins(0.1)
        axes.set_xlabel("EER on for-2seconds, testing, %: learnt")
        axes.set_ylabel("EER on custom-eval, %: kept")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        calm(axes, along="both")

    return drawing("pareto", "Learnt and kept", told, paint, height=4.6, note=note)


def det(found: StudyFigures, name: str, note: str) -> Drawing:
    """Draw DET curves before and after on one set."""
    curves = found.curves[name]
    eers = {"before": found.before[name]["eer"]} | {
        arm.name: arm.seeds[0].figures[name]["eer"] for arm in found.arms
    }
    titles = {"before": "before"} | {arm.name: arm.title for arm in found.arms}
    first = min((one.seed for arm in found.arms for one in arm.seeds), default=1)
    told = (
        f"DET curves on {SETS[name]}, before and after (seed {first}): each point is a line that "
        "could be drawn; the curve nearer to the lower left corner is better there."
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        low, high = det_limits(max(eers.values(), key=_value))
        for at, (arm, curve) in enumerate(curves.items()):
            points = [
                (probit(alarm), probit(min(max(miss, low / 10), 1 - low / 10)))
                for alarm, miss in zip(curve.false_alarm, curve.miss, strict=True)
                if low <= alarm <= high
            ]
            axes.plot(
                [x for x, _ in points], [y for _, y in points],
                label=f"{visible(titles[arm])}: EER {value_only(eers[arm])}", **_line(at),
            )  # fmt: skip
        rates_axes(axes, low, high)
        axes.plot([-9, 9], [9, -9], color=QUIET, linewidth=1, dashes=(2, 3))
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=3)

    return drawing(f"det-{name}", f"Before and after: {SETS[name]}", told, paint,
                   width=7.4, height=4.9, note=note)  # fmt: skip


def training(arm: ArmFigures, note: str) -> Drawing:
    """Draw an arm's training curves, a line a seed."""
    told = (
        f"{visible(arm.title)}: loss and EER after every epoch, a line a seed; epoch 0 is the "
        "start, circles mark the epoch that was kept. Custom-adapt is the part that nothing is "
        "learned from."
    )

    def paint(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for at, one in enumerate(arm.seeds):
            _curve(left, right, one, at)
        for axes, what in ((left, "loss"), (right, "EER, %")):
            axes.set_xlabel("epoch")
            axes.set_title(what)
            axes.margins(y=0.1)
            axes.set_ylim(bottom=0)
            axes.set_xticks(range(0, 1 + max(len(one.curve) for one in arm.seeds), 2))
            axes.legend()
            calm(axes)

    return drawing(f"training-{arm.name.replace('_', '-')}", f"Training: {arm.title}", told, paint,
                   height=3.4, note=note)  # fmt: skip


def tried(one: Choice, number: int, found: StudyFigures, note: str) -> Drawing:
    """Draw what a choice was made among, by what it was made by."""
    told = (
        f"{one.title}: EER on validation against EER on custom-adapt of every candidate; the "
        "ringed one was chosen, the star is the detector before."
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        spots = [(100 * c.dev_eer, 100 * (c.adapt_eer or 0.0)) for c in one.candidates]
        if "new" in one.candidates[0].name:
            path = [(100 * found.before_dev, 100 * found.before_adapt), *spots]
            axes.plot([x for x, _ in path], [y for _, y in path], color=SERIES[0], linewidth=1)
        axes.plot([100 * found.before_dev], [100 * found.before_adapt], linestyle="none", **_BEFORE)
        for candidate, spot in zip(one.candidates, spots, strict=True):
            axes.plot(*spot, "o", color=SERIES[0], markersize=5)
            if candidate.is_chosen:
                _ring(axes, spot, size=12)
            axes.annotate(visible(candidate.name), spot, (6, 4), textcoords="offset points", size=8)
        axes.set_xlabel("EER on validation, %")
        axes.set_ylabel("EER on custom-adapt, %")
        axes.margins(0.12)
        calm(axes, along="both")

    return drawing(f"choice-{number}", one.title, told, paint, height=4.2, note=note)


def _curve(left: Axes, right: Axes, one: Seed, at: int) -> None:
    """Draw losses and EERs of one seed; the first seed's lines have names."""
    style: dict[str, Any] = {"alpha": 1.0 - 0.3 * min(at, 2), "linewidth": 1.6}
    names = (None, None, None) if at else ("training", "validation", "custom-adapt")
    train = [(row.epoch, row.train_loss) for row in one.curve if row.train_loss is not None]
    keep = [(row.epoch, 100 * row.keep_eer) for row in one.curve if row.keep_eer is not None]
    _path(left, train, "--", color=SERIES[0], label=names[0], **style)
    for axes, values in (
        (left, [(row.epoch, row.dev_loss) for row in one.curve]),
        (right, [(row.epoch, 100 * row.dev_eer) for row in one.curve]),
    ):
        _path(axes, values, "-", color=SERIES[0], label=names[1], **style)
        _ring(axes, next((spot for spot in values if spot[0] == one.chosen_epoch), None))
    _path(right, keep, "-.", color=SERIES[1], label=names[2], **style)


def _path(
    axes: Axes,
    spots: Sequence[tuple[float, float]],
    dashes: str,
    **style: Any,  # noqa: ANN401 - what matplotlib takes
) -> None:
    axes.plot([x for x, _ in spots], [y for _, y in spots], dashes, **style)


def _change(axes: Axes, arm: ArmFigures, name: str, at: int) -> None:
    one = arm.changes[name]["eer"]
    if not one.is_comparable:
        return
    value, low, high = (100 * (end or 0.0) for end in (one.value, one.low, one.high))
    axes.errorbar(
        value, at, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], fmt="o", markersize=6,
        capsize=3, elinewidth=1.4, markeredgewidth=1.4, color=SERIES[0],
        markerfacecolor=SERIES[0] if one.lies_on_one_side else PAPER,
    )  # fmt: skip


def _spots(axes: Axes, arm: ArmFigures, at: int) -> None:
    colour, marker = SERIES[at % len(SERIES)], MARKERS[at % len(MARKERS)]
    for one in arm.seeds:
        axes.plot(
            [100 * _value(one.figures[TEST]["eer"])], [100 * _value(one.figures[EVAL]["eer"])],
            marker, color=colour, markersize=3.5, alpha=0.6,
        )  # fmt: skip
    means = [arm.means[name]["eer"] for name in SETS]
    x, y = (100 * _value(one) for one in means)
    filled = colour if at < len(SERIES) else PAPER
    axes.plot([x], [y], marker, linestyle="none", color=colour, markerfacecolor=filled,
              markersize=9, label=visible(arm.title))  # fmt: skip


def _ring(axes: Axes, spot: tuple[float, float] | None, *, size: float = 8) -> None:
    if spot is not None:
        axes.plot(
            [spot[0]], [spot[1]], "o", markersize=size, markerfacecolor="none",
            markeredgecolor=INK, markeredgewidth=1.4,
        )  # fmt: skip


def _line(at: int) -> dict[str, Any]:
    if at == 0:
        return {"color": INK, "linewidth": 2.2}
    return {
        "color": SERIES[(at - 1) % len(SERIES)],
        "linestyle": _LINES[(at - 1) % len(_LINES)],
        "linewidth": 1.7,
    }


def _value(measure: Measure) -> float:
    return measure.value or 0.0
