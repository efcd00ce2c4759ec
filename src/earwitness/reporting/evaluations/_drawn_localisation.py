"""Localisation → one figure: timelines with the reference above the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from earwitness.evaluation.located import Example, Localisation
from earwitness.reporting._strips import ticks
from earwitness.reporting._words import clock, visible
from earwitness.reporting.evaluations._figures import (
    BONA_FIDE,
    INK,
    PAPER,
    QUIET,
    SPOOF,
    SUSPICIOUS,
    Drawing,
    calm,
    drawing,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, AROUND = 1.75, 1.0  # inches a recording, inches around all
_PLACES = ("stands out most", "the median", "stands out least")
_LONGEST_NAME = 34
_BAND, _STRIP = 0.16, 1.0  # heights beside each other
_MOST_REACH, _LEAST_REACH = 14.0, 3.0


def timelines(told: Localisation, note: str = "") -> Drawing:
    """Draw the examples: the reference as a band, and below it the score of each instant."""
    unit = "LLR" if told.setup.is_calibrated else "raw score (not calibrated)"
    said = (
        f"{_recordings(told)}. The band above is the reference: hatched where the recording is "
        f"spoofed. Below it stands the {unit} of each instant, the mean of the windows that cover "
        "it; a gap is time that no window covers. "
    )
    if told.setup.is_calibrated:
        said += "Up speaks for bona fide, down for a spoof; suspicious stretches are yellow."

    def paint(figure: Figure) -> None:
        heights = [_BAND, _STRIP] * len(told.examples)
        axes = figure.subplots(
            len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights, "hspace": 0.0}
        )[:, 0]
        reach = _reach(told)
        for at, example in enumerate(told.examples):
            band, strip = axes[2 * at], axes[2 * at + 1]
            _reference(band, example, _title(told, at))
            _scores(strip, example, reach, is_llr=told.setup.is_calibrated)
            for one in (band, strip):
                one.set_xlim(0, example.timeline.duration_s)
        axes[-1].set_xlabel("time" if _is_long(told) else "time, seconds", loc="left")
        _key(axes[-1], told)

    height = AROUND + PANEL * len(told.examples)
    title = f"{told.setup.model}: scores beside the reference"
    return drawing("localisation", title, said, paint, height=height, note=note)


def _key(axes: Axes, told: Localisation) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=BONA_FIDE, alpha=0.25, label="bona fide"),
        Patch(facecolor=SPOOF, edgecolor=PAPER, hatch="////", alpha=0.85, label="spoofed"),
    ]
    if any(example.timeline.suspicious for example in told.examples):
        handles.append(Patch(facecolor=SUSPICIOUS, alpha=0.6, label="suspicious stretch"))
    axes.legend(
        handles=handles, loc="upper right", ncols=len(handles), fontsize=8.5,
        bbox_to_anchor=(0.995, -0.24), borderaxespad=0, borderpad=0,
    )  # fmt: skip


def _recordings(told: Localisation) -> str:
    count = len(told.examples)
    if count == 1:
        return "One recording with spoof in it"
    which = "most and least" if count == 2 else "most, in between (the median) and least"
    return f"The recordings in which the spoof stands out {which}"


def _title(told: Localisation, at: int) -> str:
    example = told.examples[at]
    places = {1: _PLACES[:1], 2: (_PLACES[0], _PLACES[2])}.get(len(told.examples), _PLACES)
    where = f"{places[at]}: " if len(told.examples) > 1 else ""
    side = "below" if example.contrast >= 0 else "above"
    lies = f"spoofed time scores {abs(example.contrast):.1f} {side} the rest"
    name = visible(example.timeline.trial.id)
    name = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    return f"{name}  ({where}{lies})"


def _reference(axes: Axes, example: Example, title: str) -> None:
    axes.set_title(title, fontsize=9, weight="normal", pad=4)
    axes.axvspan(0, example.timeline.duration_s, facecolor=BONA_FIDE, alpha=0.25, linewidth=0)
    for region in example.spoof:
        axes.axvspan(region.start_s, region.end_s, facecolor=PAPER, linewidth=0)
        axes.axvspan(
            region.start_s, region.end_s, facecolor=SPOOF, edgecolor=PAPER, hatch="////",
            linewidth=0, alpha=0.85,
        )  # fmt: skip
    axes.set_yticks([])
    axes.set_xticks([])
    axes.set_ylabel("key", rotation=0, ha="right", va="center", labelpad=6)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.grid(visible=False)


def _scores(axes: Axes, example: Example, reach: tuple[float, float], *, is_llr: bool) -> None:
    timeline = example.timeline
    steps = timeline.steps()
    heard = ~np.isnan(steps.scores)
    starts, ends = steps.edges_s[:-1][heard], steps.edges_s[1:][heard]
    scores = np.clip(steps.scores[heard], *reach)
    for stretch in timeline.suspicious:
        axes.axvspan(stretch.start_s, stretch.end_s, facecolor=SUSPICIOUS, alpha=0.6, linewidth=0)
    for region in example.spoof:
        axes.axvspan(region.start_s, region.end_s, facecolor=SPOOF, alpha=0.13, linewidth=0)
        for edge in (region.start_s, region.end_s):
            axes.axvline(edge, color=SPOOF, linewidth=0.8, dashes=(3, 2))
    if is_llr:
        for colour, chosen in ((BONA_FIDE, scores >= 0), (SPOOF, scores < 0)):
            widths = (ends - starts)[chosen]
            axes.bar(
                starts[chosen], scores[chosen], widths, align="edge", color=colour, alpha=0.45,
                linewidth=0,
            )  # fmt: skip
            axes.hlines(scores[chosen], starts[chosen], ends[chosen], colors=colour, linewidth=1.6)
        axes.axhline(0, color=INK, linewidth=0.8)
    else:
        axes.hlines(scores, starts, ends, colors=QUIET, linewidth=2.2)
    calm(axes)
    axes.set_ylim(*reach)
    axes.set_ylabel("LLR" if is_llr else "raw score")
    marks = ticks(0.0, timeline.duration_s)
    is_long = timeline.duration_s >= 120
    axes.set_xticks(marks, [clock(mark) if is_long else str(mark) for mark in marks])


def _reach(told: Localisation) -> tuple[float, float]:
    """Say how far the axis of scores goes in all panels."""
    scores = np.concatenate([example.timeline.steps().scores for example in told.examples])
    lowest, highest = float(np.nanmin(scores)), float(np.nanmax(scores))
    if not told.setup.is_calibrated:
        margin = 0.1 * (highest - lowest) or 0.5
        return lowest - margin, highest + margin
    reach = min(_MOST_REACH, max(_LEAST_REACH, 1.1 * max(-lowest, highest)))
    return -reach, reach


def _is_long(told: Localisation) -> bool:
    return told.examples[-1].timeline.duration_s >= 120
