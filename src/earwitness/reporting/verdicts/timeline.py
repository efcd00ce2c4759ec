"""A verdict's windows → places in a picture, in per cent of its width and height."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.records import Stretch, Verdict
from earwitness.reporting import _strips, _words

LEAST_REACH, MOST_REACH = 5.0, 14.0  # of the axis of LLRs: 150 times, a million times
_LEAST_WIDTH = 0.6  # per cent of the picture that a suspicious stretch takes, however short
_MOST_TICKS = 6


@dataclass(frozen=True)
class Bar:
    """A window, or a stretch of equal length where there are many of them.

    Attributes:
        left, width: in per cent of the picture's width.
        top, height: in per cent of the picture's height; LLR 0 lies at 50.
        kind: "bona-fide", "spoof" or "raw".
        start_s, end_s: where it lies in the recording.
        value: as it is read out.
    """

    left: float
    width: float
    top: float
    height: float
    kind: str
    start_s: float
    end_s: float
    value: str


@dataclass(frozen=True)
class Band:
    """A suspicious stretch: where it lies in the picture and in the recording, and its words."""

    left: float
    width: float
    start_s: float
    end_s: float
    words: str
    llr: str


@dataclass(frozen=True)
class Tick:
    """A mark on the time axis."""

    left: float
    words: str


@dataclass(frozen=True)
class Timeline:
    """All that is drawn of a verdict.

    Attributes:
        duration_s: of the picture.
        bars, bands, ticks: in order of time.
        line: where the threshold lies, in per cent from the top; None outside of the picture.
        is_llr: the bars are LLRs, not raw scores.
        step: seconds that a bar stands for, if it stands for several windows.
    """

    duration_s: float
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    line: float | None
    is_llr: bool
    step: int | None

    def read_out(self) -> str:
        """Give the bars as a program of a page reads them: ``start,end,value;…``."""
        return ";".join(f"{b.start_s:.2f},{b.end_s:.2f},{b.value}" for b in self.bars)


def timeline(verdict: Verdict) -> Timeline:
    """Lay out the windows of a recording."""
    segments = verdict.segments
    duration = max([verdict.facts.duration_s, *(s.end_s for s in segments), 0.1])
    step = _strips.step_of(segments) if segments else None
    strips = _strips.strips(segments, step)
    is_llr = bool(segments) and segments[0].llr is not None
    reach = _reach(strips, verdict.threshold)
    return Timeline(
        duration_s=duration,
        bars=tuple(_bars(strips, duration, reach) if is_llr else _raw(strips, duration)),
        bands=tuple(_band(stretch, duration) for stretch in verdict.stretches),
        ticks=tuple(_ticks(duration)),
        line=_line(verdict.threshold, reach) if is_llr else None,
        is_llr=is_llr,
        step=step,
    )


def _bars(strips: list[_strips.Strip], duration: float, reach: float) -> Iterator[Bar]:
    for strip in strips:
        height = min(50.0, max(0.8, 50 * abs(strip.middle) / reach))
        is_up = strip.middle > 0
        yield Bar(
            *_across(strip, duration),
            top=round(50 - height, 2) if is_up else 50.0,
            height=round(height, 2),
            kind="bona-fide" if is_up else "spoof",
            start_s=strip.start_s,
            end_s=strip.end_s,
            value=f"LLR {_words.number(strip.middle)}",
        )


def _raw(strips: list[_strips.Strip], duration: float) -> Iterator[Bar]:
    """Draw raw scores, whose zero means nothing, as marks between the lowest and the highest."""
    values = [strip.middle for strip in strips]
    low, span = min(values, default=0.0), max(values, default=1.0) - min(values, default=0.0)
    for strip in strips:
        share = 0.5 if span == 0 else (strip.middle - low) / span
        yield Bar(
            *_across(strip, duration),
            top=round(88 - 80 * share, 2),
            height=4.0,
            kind="raw",
            start_s=strip.start_s,
            end_s=strip.end_s,
            value=f"raw score {strip.middle:.3f}",
        )


def _across(strip: _strips.Strip, duration: float) -> tuple[float, float]:
    left = 100 * strip.start_s / duration
    return round(left, 3), round(100 * strip.end_s / duration - left, 3)


def _reach(strips: list[_strips.Strip], threshold: float | None) -> float:
    values = [abs(strip.middle) for strip in strips]
    if threshold is not None:
        values.append(abs(threshold))
    return min(MOST_REACH, max(LEAST_REACH, 1.1 * max(values, default=0.0)))


def _line(threshold: float | None, reach: float) -> float | None:
    if threshold is None or abs(threshold) > reach:
        return None
    return round(50 - 50 * threshold / reach, 2)


def _band(stretch: Stretch, duration: float) -> Band:
    width = max(_LEAST_WIDTH, 100 * (stretch.end_s - stretch.start_s) / duration)
    left = min(100 - width, 100 * stretch.start_s / duration)
    return Band(
        left=round(left, 3),
        width=round(width, 3),
        start_s=stretch.start_s,
        end_s=stretch.end_s,
        words=_words.stretches((stretch,)),
        llr=_words.number(stretch.llr),
    )


def _ticks(duration: float) -> Iterator[Tick]:
    marks = _strips.ticks(0.0, duration)
    step = -(-len(marks) // _MOST_TICKS)
    for mark in marks[::step]:
        words = f"{mark} s" if duration < 60 else _words.clock(mark)
        yield Tick(round(100 * mark / duration, 3), words)
