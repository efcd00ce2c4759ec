"""Overlapping windows → turns that do not overlap, each with what it speaks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.records import Answer, SegmentScore, Verdict


@dataclass(frozen=True)
class Turn:
    """A stretch of time with one label."""

    start_s: float
    end_s: float
    label: str


def turns(verdict: Verdict) -> Iterator[Turn]:
    """Give the windows as turns: neighbours of one label are joined, overlaps are halved."""
    held: Turn | None = None
    for segment in verdict.segments:
        turn = Turn(segment.start_s, segment.end_s, _label(segment, verdict.threshold))
        if held is None or turn.start_s > held.end_s:
            yield from [held] if held else []
            held = turn
        elif turn.label == held.label:
            held = Turn(held.start_s, max(held.end_s, turn.end_s), held.label)
        else:
            middle = (held.end_s + turn.start_s) / 2
            yield Turn(held.start_s, middle, held.label)
            held = Turn(middle, turn.end_s, turn.label)
    yield from [held] if held else []


def _label(segment: SegmentScore, threshold: float | None) -> str:
    if segment.llr is None or threshold is None:
        return Answer.UNCALIBRATED.value
    return (Answer.BONA_FIDE if segment.llr >= threshold else Answer.SPOOF).value
