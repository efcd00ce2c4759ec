"""A timeline as text: one row a window, or a stretch of equal length where there are many windows.

Bars grow to the left for a spoof and to the right for bona fide speech, six signs for each factor
of ten, so that they can be read without colour and within 80 columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from earwitness.records import SegmentScore, Verdict
from earwitness.reporting._words import clock, number

MOST_ROWS = 40
STEPS_S = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
TENFOLD = 6  # signs of a bar for each factor of ten
HALF = 3 * TENFOLD
_BLOCK, _AXIS, _LOWEST = "█", "│", "<"
_SIDES = f"{'for a spoof':^{HALF}}{_AXIS}{'for bona fide':^{HALF}}"
_SCALE = f"{'1000×':<{TENFOLD}}{'100×':<{TENFOLD}}{'10×':<{TENFOLD}}{_AXIS}" + "".join(
    f"{sign:>{TENFOLD}}" for sign in ("10×", "100×", "1000×")
)


def timeline(verdict: Verdict) -> Iterator[str]:
    """Draw the windows of a recording as bars, in order."""
    segments = verdict.segments
    if not segments:
        yield "  no windows: there was no speech to listen to"
    elif segments[0].llr is None:
        yield from _without_llr(verdict)
    elif len(segments) <= MOST_ROWS:
        yield from _by_window(verdict)
    else:
        yield from _by_step(verdict)


def bar(llr: float, lowest: float | None = None) -> str:
    """Draw one LLR as a bar; where ``lowest`` lies is marked.

    Example:
        >>> bar(2.303)
        '                  │██████            '
        >>> bar(2.303, -4.606)
        '      <           │██████            '
    """
    signs = [" "] * HALF + [_AXIS] + [" "] * HALF
    reach = _reach(llr)
    for at in range(1, abs(reach) + 1):
        signs[HALF + (at if reach > 0 else -at)] = _BLOCK
    if lowest is not None and _reach(lowest):
        signs[HALF + _reach(lowest)] = _LOWEST
    return "".join(signs)


def _reach(llr: float) -> int:
    return max(-HALF, min(HALF, round(TENFOLD * llr / math.log(10))))


def _by_window(verdict: Verdict) -> Iterator[str]:
    yield f"{'':29}{_SIDES}"
    yield f"  {'from      to':<20}{'LLR':>5}  {_SCALE}"
    heard_to = verdict.segments[0].start_s
    for segment in verdict.segments:
        if segment.start_s > heard_to + 1:
            yield f"  {_span(heard_to, segment.start_s):<20}{'':>5}  {'no speech':^{2 * HALF + 1}}"
        heard_to = segment.end_s
        llr = segment.llr or 0.0
        row = f"  {_span(segment.start_s, segment.end_s):<20}{number(llr):>5}  {bar(llr)}"
        yield f"{row}{_mark([segment], verdict)}".rstrip()


def _by_step(verdict: Verdict) -> Iterator[str]:
    segments = verdict.segments
    first, last = segments[0].start_s, segments[-1].end_s
    step = next((s for s in STEPS_S if (last - first) / s <= MOST_ROWS + 1), STEPS_S[-1])
    yield f"  each row is {_step_words(step)}; the bar is its median window, {_LOWEST} its lowest"
    yield f"{'':28}{_SIDES}"
    yield f"  {'from':<10}{'median':>6}{'lowest':>8}  {_SCALE}"
    for start in range(int(first // step) * step, math.ceil(last), step):
        inside = [s for s in segments if start <= (s.start_s + s.end_s) / 2 < start + step]
        llrs = [s.llr for s in inside if s.llr is not None]
        if not llrs:
            yield f"  {clock(start):<10}{'':>14}  {'no speech':^{2 * HALF + 1}}".rstrip()
            continue
        middle, lowest = median(llrs), min(llrs)
        row = f"  {clock(start):<10}{number(middle):>6}{number(lowest):>8}  {bar(middle, lowest)}"
        yield f"{row}{_mark(inside, verdict)}".rstrip()


def _without_llr(verdict: Verdict) -> Iterator[str]:
    yield f"  {'from      to':<20}{'raw score':>10}"
    for s in verdict.segments:
        yield f"  {_span(s.start_s, s.end_s):<20}{s.raw_score:>10.3f}"


def _span(start_s: float, end_s: float) -> str:
    return f"{clock(start_s):<9} {clock(math.ceil(end_s))}"


def _step_words(step: int) -> str:
    return f"{step} s" if step < 120 else f"{step // 60} min"


def _mark(windows: Sequence[SegmentScore], verdict: Verdict) -> str:
    """Mark the row of windows that lie in a suspicious stretch."""
    middles = [(window.start_s + window.end_s) / 2 for window in windows]
    found = any(s.start_s <= m < s.end_s for s in verdict.stretches for m in middles)
    return "  suspicious" if found else ""
