"""An audit → figures: how well each column tells the labels apart, and how the labels differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from earwitness.evaluation.audit.asking.judging import LEAST_AUC
from earwitness.evaluation.audit.asking.records import Level, Telling
from earwitness.evaluation.audit.records import AuditReport
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _audit_words as words
from earwitness.reporting.evaluations._audit_advice import title, unitless
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
from earwitness.reporting.evaluations._numbers import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SHOWN = 4
_ROW, _AROUND = 0.235, 1.5  # inches
_COLOURS = {Level.LEAK: SPOOF, Level.WARNING: "#B8860B", Level.NOTE: BONA_FIDE, None: QUIET}
_LONGEST = 22
_ON_PAPER = {"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}


def drawings(report: AuditReport) -> tuple[Drawing, ...]:
    """Draw all figures."""
    drawn = [_bars(report)] if report.asked() else []
    shown = [one for one in report.tellings if one.level in (Level.LEAK, Level.WARNING)]
    if shown:
        drawn.append(_spreads(report, shown[:MOST_SHOWN]))
    return tuple(drawn)


def _bars(report: AuditReport) -> Drawing:
    rows = report.asked()
    told = (
        "How well each thing that is known of a clip tells bona fide from spoof without a voice "
        "being heard: cross-validated AUC with its 95 % interval. The solid line at 0.5 is chance; "
        "a bar that reaches the dashed line at 0.60 and beats chance is a leak, written beside it. "
        f"{_strongest(rows)}"
    )

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for at, one in enumerate(rows):
            _bar(axes, at, one)
        low = min([0.4, *((one.auc.low or 0.0) - 0.02 for one in rows if one.level)])
        axes.set_xlim(max(0.0, low), 1.0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [_name(title(one.name), 30) for one in rows])
        axes.tick_params(axis="y", length=0)
        axes.axvline(0.5, color=INK, linewidth=1.2)
        axes.axvline(LEAST_AUC, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xlabel("cross-validated AUC  (0.5 is chance, 1 tells the labels apart)")
        calm(axes, along="x")

    name = f"What gives the label away: {_name(report.setup.data, 40)}"
    height = _AROUND + _ROW * len(rows)
    return drawing("auc", name, told, paint, height=height, note=words.basis(report))


def _bar(axes: Axes, at: int, one: Telling) -> None:
    value, low, high = (0.5 if v is None else v for v in (one.auc.value, one.auc.low, one.auc.high))
    colour = _COLOURS[one.level]
    axes.barh(
        at, value - 0.5, left=0.5, height=0.62, color=colour, alpha=0.85 if one.level else 0.4
    )
    axes.plot([low, high], [at, at], color=INK, linewidth=1.1, solid_capstyle="butt")
    if one.level is not None:
        axes.annotate(
            f"{decimal(one.auc).partition(' [')[0]}  {words.FINDINGS[one.level]}",
            (max(value, high), at), (5, 0), textcoords="offset points", va="center", size=8.5,
            annotation_clip=False, bbox=_ON_PAPER,
        )  # fmt: skip


def _strongest(rows: Sequence[Telling]) -> str:
    best = max(rows, key=lambda one: one.auc.value or 0.0)
    return f"The highest bar is {unitless(best.name)}: {decimal(best.auc)}."


def _spreads(report: AuditReport, shown: Sequence[Telling]) -> Drawing:
    told = (
        "How often each value, or range of values, is met among bona fide (upper bars) and spoof "
        "clips (lower bars, hatched), for the columns that leak most. Bars of equal length give "
        "nothing away."
    )
    lengths = [max(2, len(one.shares)) for one in shown]

    def paint(figure: Figure) -> None:
        grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=lengths)
        for axes, one in zip(grid[:, 0], shown, strict=True):
            _spread(axes, one)
        grid[-1, 0].set_xlabel("share of the label's clips, %")
        grid[0, 0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)

    height = 1.2 + sum(0.55 + 0.24 * length for length in lengths)
    return drawing("spreads", "How the labels differ", told, paint, height=height,
                   note=words.basis(report))  # fmt: skip


def _spread(axes: Axes, one: Telling) -> None:
    places = range(len(one.shares))
    for shift, label, colour, values in (
        (-0.19, "bona fide", BONA_FIDE, [100 * share.bona_fide for share in one.shares]),
        (0.19, "spoof", SPOOF, [100 * share.spoof for share in one.shares]),
    ):
        axes.barh(
            [at + shift for at in places], values, height=0.36, color=colour, label=label,
            hatch="////" if label == "spoof" else None, edgecolor="white", linewidth=0.4,
        )  # fmt: skip
    axes.set_yticks(places, [_name(share.value, _LONGEST) for share in one.shares])
    axes.set_ylim(len(one.shares) - 0.4, -0.6)
    axes.set_title(f"{title(one.name)}: AUC {decimal(one.auc)}", size=10, loc="left")
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    calm(axes, along="x")


def _name(text: str, longest: int) -> str:
    """Cut a long name in its middle, for both ends tell more."""
    text = visible(text)
    half = longest // 2 - 1
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"
