"""Curves → figures: how two piles of scores are told apart, and what LLRs are worth.

Axes say what both mistakes mean to the public, because "false alarm" points the other way than
most readers expect: here it is a spoof that was taken for genuine speech.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from earwitness.evaluation.curves import DetCurve, Histogram, Reliability
from earwitness.evaluation.records import Evaluation, Measure
from earwitness.reporting.evaluations._figures import (
    BONA_FIDE,
    INK,
    QUIET,
    SERIES,
    SPOOF,
    Drawing,
    calm,
    drawing,
)
from earwitness.reporting.evaluations._numbers import percent, plain, trials, value_only

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE = SERIES[2]  # neither of the two labels' colours
_MARKS = (0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 80, 90, 95, 98, 99, 99.5, 99.9)  # per cent
_NORMAL = NormalDist()


def det(evaluation: Evaluation, curve: DetCurve, note: str) -> Drawing:
    """Draw the DET curve with its band, the EER and the line that was in use."""
    eer = evaluation.measure("eer")
    told = (
        "DET curve: each point is a line that could be drawn. Nearer to the lower left corner is "
        "better; a line of a coin toss runs from the upper left to the lower right. "
        f"The shaded band holds 95 % of repeated draws. EER {percent(eer)}, on {trials(eer)}."
    )
    low, high = det_limits(eer)
    own = _own_place(evaluation, low, high)
    if own is not None:
        told += " The circle is the line that was set beforehand, on the recordings it answered."

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        shown = [n for n, rate in enumerate(curve.false_alarm) if low <= rate <= high]
        across = [probit(curve.false_alarm[n]) for n in shown]
        lower, middle, upper = (
            [probit(min(max(rates[n], low / 10), 1 - low / 10)) for n in shown]
            for rates in (curve.low, curve.miss, curve.high)
        )
        axes.fill_between(across, lower, upper, color=_LINE, alpha=0.22, linewidth=0)
        axes.plot(across, middle, color=_LINE, linewidth=2)
        rates_axes(axes, low, high)
        axes.plot([-9, 9], [9, -9], color=QUIET, linewidth=1, dashes=(2, 3))
        axes.annotate(
            "coin toss", (0, 0), (-4, -3), textcoords="offset points", color=QUIET, size=8.5,
            ha="right", va="top",
        )  # fmt: skip
        if eer.value == 0:
            words = "There is a line that makes\nno mistake on these trials."
            axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", size=11)
        if eer.value is not None and low < eer.value < high:
            at = probit(eer.value)
            axes.plot([at], [at], "D", color=INK, markersize=6, zorder=4)
            axes.annotate(
                f"EER {value_only(eer)}", (at, at), (9, 7), textcoords="offset points", size=9.5
            )
        if own is not None:
            _own_line(axes, *own)
        axes.annotate(
            "better", (0.02, 0.02), (0.11, 0.11), xycoords="axes fraction", color=QUIET,
            arrowprops={"arrowstyle": "->", "color": QUIET}, size=9,
        )  # fmt: skip

    return drawing("det", "How often it errs, for every line that could be drawn", told, paint,
                   width=6.0, height=5.9, note=note)  # fmt: skip


def histogram(evaluation: Evaluation, spread: Histogram, note: str) -> Drawing:
    """Draw the scores of both labels, back to back, with the line and what it gets wrong."""
    setup = evaluation.setup
    unit = "LLR" if setup.is_calibrated else "raw score"
    told = (
        f"How the {unit}s are spread: genuine recordings upwards, spoofs downwards, each as a "
        "share of its label. The less the two hills overlap from left to right, the better."
    )
    if setup.threshold is not None:
        told += " Dark parts lie on the wrong side of the line that was in use."
    if spread.beyond:
        told += f" {spread.beyond:,} outlying scores are counted in the outermost bars."

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        _hill(axes, spread, spread.bona_fide, BONA_FIDE, setup.threshold, is_up=True)
        _hill(axes, spread, spread.spoof, SPOOF, setup.threshold, is_up=False)
        reach = 1.2 * max(abs(limit) for limit in axes.get_ylim())
        axes.set_ylim(-reach, reach)
        axes.set_xlim(spread.edges[0], spread.edges[-1])
        axes.axhline(0, color=INK, linewidth=0.9)
        marks = [mark for mark in axes.get_yticks() if abs(mark) <= reach]
        axes.set_yticks(marks, [f"{plain(100 * abs(mark), 0)} %" for mark in marks])
        axes.set_ylabel("share of the recordings")
        kind = "calibrated LLR" if setup.is_calibrated else "raw score, not calibrated"
        axes.set_xlabel(f"← more like a spoof      {kind}      more like genuine speech →")
        for height, words, colour in (
            (0.97, f"genuine ({sum(spread.bona_fide):,})", BONA_FIDE),
            (0.03, f"spoof ({sum(spread.spoof):,})", SPOOF),
        ):
            axes.text(
                0.01, height, words, transform=axes.transAxes, color=colour, weight="bold",
                va="top" if height > 0.5 else "bottom",
            )  # fmt: skip
        _threshold(axes, evaluation)
        calm(axes)

    return drawing("histogram", "What it says of genuine speech and of spoofs", told, paint,
                   note=note)  # fmt: skip


def reliability(found: Reliability, note: str) -> Drawing:
    """Draw what the LLRs promise against what is found."""
    told = (
        "Are the LLRs right? Recordings are gathered by what they were said to be; a point on the "
        "diagonal means that as many were genuine as the LLRs said. Whiskers are 95 % intervals; "
        f"probabilities are for the share of genuine recordings here, {found.prior:.0%}."
    ).replace("%.", " %.")

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, dashes=(5, 3))
        across = [one.expected for one in found.bins]
        up = [one.observed for one in found.bins]
        whiskers = [
            [one.observed - one.low for one in found.bins],
            [one.high - one.observed for one in found.bins],
        ]
        axes.errorbar(
            across, up, whiskers, fmt="o", color=_LINE, ecolor=_LINE, markersize=6, capsize=3,
            elinewidth=1.3,
        )  # fmt: skip
        marks = [n / 5 for n in range(6)]
        names = [f"{plain(100 * mark, 0)} %" for mark in marks]
        axes.set_xticks(marks, names)
        axes.set_yticks(marks, names)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        axes.set_xlabel("so many should be genuine, by the LLRs")
        axes.set_ylabel("so many are")
        _corners(axes, found)
        calm(axes, along="both")

    return drawing("reliability", "What its LLRs promise, and what is found", told, paint,
                   width=5.6, height=5.4, note=note)  # fmt: skip


def _corners(axes: Axes, found: Reliability) -> None:
    """Say what it means to lie off the diagonal, where there is room for it."""
    if not any(one.expected < 0.4 and one.high > 0.8 for one in found.bins):
        axes.text(0.03, 0.95, "more often genuine\nthan it says", color=QUIET, va="top", size=9)
    if not any(one.expected > 0.6 and one.low < 0.2 for one in found.bins):
        axes.text(0.97, 0.05, "less often genuine\nthan it says", color=QUIET, ha="right", size=9)


def det_limits(eer: Measure) -> tuple[float, float]:
    """Show no rate that so few trials cannot tell, and the far corner only where it is needed."""
    fewest = min(eer.n_bona_fide, eer.n_spoof) or 1
    low = min(max(0.4 / fewest, 0.0005), 0.05)
    is_poor = (eer.value or 0) > 0.35
    high = 1 - low if is_poor else 0.65
    return low, high


def rates_axes(axes: Axes, low: float, high: float) -> None:
    """Set both axes of DET curves: per cent, on the scale of normal deviates."""
    marks = _apart([mark for mark in _MARKS if low <= mark / 100 <= high], low, high)
    places, names = [probit(mark / 100) for mark in marks], [f"{mark:g}" for mark in marks]
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
    axes.set_xlim(probit(low), probit(high))
    axes.set_ylim(probit(low), probit(high))
    axes.set_aspect("equal")
    axes.set_xlabel("spoofs taken for genuine speech (false alarms), %")
    axes.set_ylabel("genuine speech taken for a spoof (misses), %")
    calm(axes, along="both")


def _apart(marks: list[float], low: float, high: float) -> list[float]:
    """Leave out marks that would stand too near to the one before."""
    least = (probit(high) - probit(low)) / 16
    kept: list[float] = []
    for mark in marks:
        if not kept or probit(mark / 100) - probit(kept[-1] / 100) >= least:
            kept.append(mark)
    return kept


def _own_place(evaluation: Evaluation, low: float, high: float) -> tuple[float, float] | None:
    """Find false alarms and misses at the line that was set beforehand, if they can be shown."""
    names = {measure.name for measure in evaluation.measures}
    if evaluation.setup.threshold is None or not {"miss_rate", "false_alarm_rate"} <= names:
        return None
    alarm, miss = (evaluation.measure(name).value for name in ("false_alarm_rate", "miss_rate"))
    if alarm is None or miss is None or not (low < alarm < high and low < miss < high):
        return None
    return alarm, miss


def _own_line(axes: Axes, alarm: float, miss: float) -> None:
    """Mark where the line lies that was set before these trials were seen."""
    axes.plot(
        [probit(alarm)], [probit(miss)], "o", markersize=8, markerfacecolor="none",
        markeredgecolor=INK, markeredgewidth=1.8, zorder=4,
    )  # fmt: skip
    # The EER's words stand to the upper right of the curve, these to its lower left.
    axes.annotate(
        "its own line", (probit(alarm), probit(miss)), (-8, -6), textcoords="offset points",
        ha="right", va="top", size=9.5,
    )  # fmt: skip


def _hill(
    axes: Axes,
    spread: Histogram,
    counts: tuple[int, ...],
    colour: str,
    threshold: float | None,
    *,
    is_up: bool,
) -> None:
    total, sign = sum(counts) or 1, 1 if is_up else -1
    width = spread.edges[1] - spread.edges[0]
    heights = [sign * count / total for count in counts]
    for height, start in zip(heights, spread.edges, strict=False):
        wrong = _wrong_share(start, width, threshold, is_bona_fide=is_up)
        left = start if is_up else start + width * (1 - wrong)
        axes.bar(start, height, width, align="edge", color=colour, alpha=0.4, linewidth=0)
        if wrong > 0 and height:
            axes.bar(left, height, width * wrong, align="edge", color=colour, linewidth=0)
    axes.stairs(heights, spread.edges, color=colour, linewidth=1.1)


def _wrong_share(
    start: float, width: float, threshold: float | None, *, is_bona_fide: bool
) -> float:
    """Say how much of a bar lies on the wrong side of the line."""
    if threshold is None:
        return 0.0
    below = min(max((threshold - start) / width, 0.0), 1.0)
    return below if is_bona_fide else 1 - below


def _threshold(axes: Axes, evaluation: Evaluation) -> None:
    setup = evaluation.setup
    if setup.threshold is None:
        return
    low, high = axes.get_xlim()
    is_right = setup.threshold > (low + high) / 2
    words = f"line in use: {plain(setup.threshold, 1)} ({setup.operating_point})"
    if low <= setup.threshold <= high:
        axes.axvline(setup.threshold, color=INK, linewidth=1.2, dashes=(5, 3))
    else:  # so far out that the scores would be crushed if it were shown
        words = f"{words} →" if is_right else f"← {words}"
    # Above the axes: within them stand the names of the two hills.
    axes.annotate(
        words, (min(max(setup.threshold, low), high), 1), (0, 3),
        xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if is_right else "left", va="bottom", size=9,
    )  # fmt: skip


def probit(rate: float) -> float:
    """Give the place of a rate on the axes of DET curves."""
    return _NORMAL.inv_cdf(min(max(rate, 1e-6), 1 - 1e-6))
