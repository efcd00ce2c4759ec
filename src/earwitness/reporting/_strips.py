"""A timeline → strips of a picture, few enough to be told apart, and the ticks of its time axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from earwitness.records import SegmentScore

MOST_STRIPS = 320
MOST_TICKS = 11
STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 36000)


@dataclass(frozen=True)
class Strip:
    """A stretch of time in the picture; strips do not overlap.

    Attributes:
        start_s, end_s: where it is drawn.
        middle: value of its window; the median, where it stands for many.
        lowest: of its windows.
    """

    start_s: float
    end_s: float
    middle: float
    lowest: float


def step_of(segments: Sequence[SegmentScore]) -> int | None:
    """Say how many seconds each strip stands for; None where each window has its own."""
    if len(segments) <= MOST_STRIPS:
        return None
    return _step(segments[-1].end_s - segments[0].start_s, MOST_STRIPS)


def strips(segments: Sequence[SegmentScore], step: int | None) -> list[Strip]:
    """Turn windows into strips: one a window (overlaps are halved), or one for each ``step``."""
    return list(_by_window(segments) if step is None else _by_step(segments, step))


def value(segment: SegmentScore) -> float:
    """Give what is drawn of a window: its LLR, or its raw score where there is no calibration."""
    return segment.raw_score if segment.llr is None else segment.llr


def ticks(start_s: float, end_s: float) -> list[int]:
    """Choose round times between two times, not too many to be written side by side.

    Example:
        >>> ticks(2.0, 11.0)
        [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
        >>> ticks(0.0, 36000.0)[:3]
        [0, 3600, 7200]
    """
    step = _step(end_s - start_s, MOST_TICKS)
    first = -int(-start_s // step) * step
    return list(range(first, int(end_s) + 1, step))


def _by_window(segments: Sequence[SegmentScore]) -> Iterator[Strip]:
    last = len(segments) - 1
    for at, segment in enumerate(segments):
        start, end = segment.start_s, segment.end_s
        if at > 0:
            start = max(start, (segments[at - 1].end_s + start) / 2)
        if at < last:
            end = min(end, (end + segments[at + 1].start_s) / 2)
        yield Strip(start, end, value(segment), value(segment))


def _by_step(segments: Sequence[SegmentScore], step: int) -> Iterator[Strip]:
    inside: dict[int, list[float]] = defaultdict(list)
    for segment in segments:
        inside[int((segment.start_s + segment.end_s) / 2 // step)].append(value(segment))
    for number, values in inside.items():
        yield Strip(number * step, (number + 1) * step, median(values), min(values))


def _step(length_s: float, most: int) -> int:
    return next((step for step in STEPS_S if length_s / step <= most), STEPS_S[-1])
