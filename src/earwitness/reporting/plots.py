"""A finding → a picture of its timeline, fit to be printed. The only door of matplotlib.

What speaks for bona fide points up, what speaks for a spoof points down, and both halves are named,
so that nothing rests on colour. Sizes are inches, from the top: title, explanation, labels of
suspicious stretches, the timeline, key, footer.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from earwitness import __version__
from earwitness.records import Answer, Stretch, Verdict
from earwitness.reporting import Finding, _captions, _strips, _words

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
WIDTH, LEFT, RIGHT, TIMELINE = 10.0, 0.95, 1.1, 2.9
TITLE, LINE, LABEL, BELOW, GAP, MARGIN = 0.42, 0.2, 0.21, 0.62, 0.3, 0.16
MOST_LABEL_ROWS = 3
LEAST_REACH, MOST_REACH = 5.0, 14.0  # of the axis of LLRs: 150 times, a million times
# Colours of Okabe and Ito, which colour-blind people can tell apart.
BONA_FIDE, SPOOF, SUSPICIOUS, RAW, INK = "#0072B2", "#D55E00", "#F0E442", "#555555", "#222222"
_FULL, _PALE = 0.45, 0.2
_LEAST_BAND = 0.003  # share of the axis that a suspicious stretch takes, however short
# Searched for signs that the font of matplotlib lacks; whichever of them is on the machine.
_OTHER_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei",
    "Arial Unicode MS", "WenQuanYi Zen Hei", "Noto Sans Devanagari", "Noto Sans Thai",
)  # fmt: skip
Handle: TypeAlias = "Artist | tuple[Artist, ...]"
Labels: TypeAlias = list[tuple[float, int, str] | None]  # centre, row, text

_SETTINGS: dict[Any, Any] = {
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "text.parse_math": False,  # a file may be called $x$
    "svg.hashsalt": "earwitness",  # the same picture is the same file
    "pdf.fonttype": 42,
}


def draw(finding: Finding, file: Path, *, form: str) -> None:
    """Draw a recording's timeline into a file.

    Args:
        finding: holds a verdict.
        file: is written, whatever it is called.
        form: png, svg or pdf.
    """
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS | {"font.family": _fonts(finding.source)})
        figure(finding).savefig(file, format=form, dpi=200, metadata=_metadata(finding, form))


def figure(finding: Finding) -> Figure:
    """Lay out the picture of a recording's timeline."""
    from matplotlib.figure import Figure

    verdict = _verdict(finding)
    told, asked = _captions.explanation(verdict), _captions.footer(finding, verdict)
    start_s, end_s = _span(finding, verdict)
    labels = _label_rows(verdict.stretches, start_s, end_s)
    step = _strips.step_of(verdict.segments)
    head = MARGIN + TITLE + LINE * len(told) + max(GAP, 0.12 + LABEL * _rows_of(labels))
    key = LINE * _keys(verdict, step) + 0.1
    height = head + TIMELINE + BELOW + key + LINE * len(asked) + MARGIN
    picture = Figure(figsize=(WIDTH, height))

    def write(lines: Sequence[str], from_top: float, size: float, weight: str = "normal") -> None:
        for at, line in enumerate(lines):
            y = 1 - (from_top + LINE * at) / height
            picture.text(MARGIN / WIDTH, y, line, va="top", size=size, weight=weight)

    write([_captions.title(verdict)], MARGIN, 15, "bold")
    write(told, MARGIN + TITLE, 9.5)
    write(asked, height - MARGIN - LINE * len(asked), 7.5)
    box = (
        LEFT / WIDTH, 1 - (head + TIMELINE) / height, 1 - (LEFT + RIGHT) / WIDTH, TIMELINE / height
    )  # fmt: skip
    axes = picture.add_axes(box)
    _time_axis(axes, start_s, end_s)
    if verdict.segments:
        _timeline(axes, verdict, step, labels)
    else:
        _nothing(axes)
    return picture


def _verdict(finding: Finding) -> Verdict:
    if not isinstance(finding.found, Verdict):
        raise TypeError("only a verdict can be drawn, not a failure")
    return finding.found


def _span(finding: Finding, verdict: Verdict) -> tuple[float, float]:
    start = finding.part.start_s
    end = max([start + verdict.facts.duration_s, *(s.end_s for s in verdict.segments)])
    return start, max(end, start + 0.1)


def _time_axis(axes: Axes, start_s: float, end_s: float) -> None:
    axes.set_xlim(start_s, end_s)
    marks = _strips.ticks(start_s, end_s)
    is_short = end_s < 60
    axes.set_xticks(marks, [str(t) if is_short else _words.clock(t) for t in marks])
    form = "seconds" if is_short else "h:mm:ss" if end_s >= 3600 else "m:ss"
    axes.set_xlabel(f"time ({form})")
    axes.spines[["top", "right"]].set_visible(False)


def _nothing(axes: Axes) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    words = "There is no window to show: no speech was heard."
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", size=11)


def _timeline(axes: Axes, verdict: Verdict, step: int | None, labels: Labels) -> None:
    from matplotlib.legend_handler import HandlerTuple

    strips = _strips.strips(verdict.segments, step)
    is_llr = verdict.segments[0].llr is not None
    draw_strips = _bars if is_llr else _steps
    handle = draw_strips(axes, strips, verdict)
    reach = axes.get_ylim()[1]
    is_cut = is_llr and any(max(abs(s.middle), abs(s.lowest)) > reach for s in strips)
    words = _captions.strips(step, is_llr=is_llr, is_cut=is_cut)
    key: list[tuple[Handle, str]] = [(handle, words)]
    if step is not None:
        key.append((_lowest(axes, strips), _captions.lowest(step)))
    if verdict.threshold is not None:
        mark = axes.axhline(verdict.threshold, color=INK, linewidth=1.1, dashes=(5, 3))
        is_shown = abs(verdict.threshold) <= reach
        key.append((mark, _captions.line(verdict, is_shown=is_shown)))
    if verdict.stretches:
        key.append((_stretches(axes, verdict.stretches, labels), "suspicious stretch"))
    axes.legend(
        *zip(*key, strict=True),
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        loc="upper left", bbox_to_anchor=(-0.01, -(BELOW - 0.14) / TIMELINE),
        frameon=False, fontsize=8.5, borderpad=0, labelspacing=0.45,
    )  # fmt: skip


def _keys(verdict: Verdict, step: int | None) -> int:
    """Count the lines of the key."""
    if not verdict.segments:
        return 0
    return 1 + sum((step is not None, verdict.threshold is not None, bool(verdict.stretches)))


def _reach(strips: Sequence[_strips.Strip], threshold: float | None) -> float:
    """Say how far the axis goes both ways; a single wild window must not flatten the rest."""
    values = [abs(v) for strip in strips for v in (strip.middle, strip.lowest)]
    if threshold is not None and abs(threshold) * 1.1 < MOST_REACH:
        values.append(abs(threshold))
    return min(MOST_REACH, max(LEAST_REACH, 1.1 * max(values)))


def _llr_axis(axes: Axes, reach: float) -> None:
    axes.set_ylim(-reach, reach)
    step = 2 if reach <= 9 else 4
    whole = int(reach // step) * step
    marks = range(-whole, whole + 1, step)
    axes.set_yticks(list(marks), [f"{mark:+d}" if mark else "0" for mark in marks])
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.text(-0.008, 1.02, "LLR", transform=axes.transAxes, ha="right", va="bottom")
    for height, words, kind, colour in (
        (0.75, "speaks for\nbona fide →", "bona fide", BONA_FIDE),
        (0.25, "← speaks for\na spoof", "a spoof", SPOOF),
    ):
        axes.text(
            -0.05, height, words, transform=axes.transAxes,
            rotation=90, ha="right", va="center", color=colour, weight="bold", size=10,
        )  # fmt: skip
        axes.text(
            1.09, height, f"times as likely\nfrom {kind}", transform=axes.transAxes,
            rotation=90, ha="left", va="center", size=8,
        )  # fmt: skip
    tens = range(1, int(reach / math.log(10)) + 1, 1 if reach < 7 else 2)
    other = axes.secondary_yaxis("right")
    other.set_yticks(
        [sign * n * math.log(10) for n in tens for sign in (-1, 1)],
        [f"{10**n:,}×" for n in tens for _ in range(2)],
        size=8,
    )
    other.spines["right"].set_visible(False)


def _bars(axes: Axes, strips: Sequence[_strips.Strip], verdict: Verdict) -> Handle:
    """Draw bars from zero, each with its end marked, so that an LLR of zero is seen, too."""
    reach = _reach(strips, verdict.threshold)
    _llr_axis(axes, reach)
    alpha = _PALE if verdict.answer is Answer.INCONCLUSIVE else _FULL
    for colour, side in ((BONA_FIDE, 1), (SPOOF, -1), (RAW, 0)):
        chosen = [strip for strip in strips if _side(strip.middle) == side]
        starts, ends, middles, widths = _edges(chosen)
        axes.bar(starts, middles, widths, align="edge", color=colour, alpha=alpha, linewidth=0)
        axes.hlines(middles, starts, ends, colors=colour, linewidth=1.8, capstyle="butt")
    for side, sign in ((1, "^"), (-1, "v")):
        wild = [s for s in strips if max(side * s.middle, side * s.lowest) > reach]
        centres = [(s.start_s + s.end_s) / 2 for s in wild]
        axes.plot(centres, [side * 0.97 * reach] * len(wild), sign, color=INK, markersize=4)
    return _sample(BONA_FIDE), _sample(SPOOF)


def _edges(strips: Sequence[_strips.Strip]) -> tuple[list[float], ...]:
    """Give starts, ends, middles and widths."""
    return (
        [strip.start_s for strip in strips],
        [strip.end_s for strip in strips],
        [strip.middle for strip in strips],
        [strip.end_s - strip.start_s for strip in strips],
    )


def _side(value: float) -> int:
    return (value > 0) - (value < 0)


def _steps(axes: Axes, strips: Sequence[_strips.Strip], verdict: Verdict) -> Handle:
    """Draw raw scores, whose zero means nothing, as steps without bars."""
    del verdict
    values = [value for strip in strips for value in (strip.middle, strip.lowest)]
    margin = 0.15 * (max(values) - min(values)) or 0.5
    axes.set_ylim(min(values) - margin, max(values) + margin)
    axes.set_ylabel("raw score, not calibrated\n(higher: more like bona fide) →")
    axes.locator_params(axis="y", nbins=6)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    starts, ends, middles, _ = _edges(strips)
    axes.hlines(middles, starts, ends, colors=RAW, linewidth=3, capstyle="butt")
    return _sample(RAW)


def _lowest(axes: Axes, strips: Sequence[_strips.Strip]) -> Artist:
    centres = [(s.start_s + s.end_s) / 2 for s in strips]
    lowest = [s.lowest for s in strips]
    return axes.plot(centres, lowest, "o", color=INK, markersize=2.2, markeredgewidth=0)[0]


def _sample(colour: str) -> Artist:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linewidth=3)


def _label_rows(stretches: Sequence[Stretch], start_s: float, end_s: float) -> Labels:
    """Find a place for each stretch's label (centre, row, text); None where there is none left."""
    inches = WIDTH - LEFT - RIGHT
    free = [0.0] * MOST_LABEL_ROWS  # where each row is free from, in inches
    labels: Labels = []
    for stretch in stretches:
        text = _words.stretches((stretch,))
        text = f"suspicious: {text}" if len(stretches) <= 3 else text
        width = 0.062 * len(text) + 0.12
        centre = (stretch.start_s + stretch.end_s) / 2
        at = inches * (centre - start_s) / (end_s - start_s)
        left = min(max(at - width / 2, 0.0), inches - width)
        row = next((row for row, taken in enumerate(free) if taken <= left), None)
        if row is None:
            labels.append(None)
            continue
        free[row] = left + width
        middle_s = start_s + (left + width / 2) / inches * (end_s - start_s)
        labels.append((middle_s, row, text))
    return labels


def _rows_of(labels: Labels) -> int:
    return max((label[1] + 1 for label in labels if label is not None), default=0)


def _stretches(axes: Axes, stretches: Sequence[Stretch], labels: Labels) -> Artist:
    from matplotlib.patches import Patch

    start_s, end_s = axes.get_xlim()
    look: dict[str, Any] = {
        "facecolor": SUSPICIOUS,
        "edgecolor": INK,
        "alpha": 0.5,
        "linewidth": 0.6,
    }
    for stretch, label in zip(stretches, labels, strict=True):
        centre = (stretch.start_s + stretch.end_s) / 2
        half = max(stretch.end_s - stretch.start_s, _LEAST_BAND * (end_s - start_s)) / 2
        axes.axvspan(centre - half, centre + half, zorder=0, **look)
        if label is not None:
            _label(axes, centre, *label)
    return Patch(**look)


def _label(axes: Axes, pointed_s: float, middle_s: float, row: int, text: str) -> None:
    across = axes.get_xaxis_transform()
    foot = 1 + (0.05 + LABEL * row) / TIMELINE
    line = [pointed_s, pointed_s]
    axes.plot(line, [1, foot], transform=across, clip_on=False, color=INK, linewidth=0.8)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(middle_s, foot, text, transform=across, ha="center", va="bottom", size=8.5, bbox=box)


def _fonts(name: str) -> list[str]:
    """Add the fonts of this machine that may have the signs of a name."""
    base = ["DejaVu Sans"]
    if name.isascii():
        return base
    from matplotlib.font_manager import get_font_names

    here = set(get_font_names())
    return base + [font for font in _OTHER_FONTS if font in here]


def _metadata(finding: Finding, form: str) -> dict[str, Any]:
    """Tell in the file what the picture tells, for those who cannot see it; and no date."""
    verdict = _verdict(finding)
    told = {"Title": f"{_captions.recording(finding)}: {_captions.title(verdict)}"}
    words = " ".join([*_captions.explanation(verdict), *_captions.footer(finding, verdict)])
    maker = f"Earwitness {__version__}"
    if form == "pdf":
        return {**told, "Subject": words, "Creator": maker, "CreationDate": None}
    dated = {"Date": None} if form == "svg" else {}
    return {
        **told,
        "Description": words,
        "Creator" if form == "svg" else "Software": maker,
        **dated,
    }
