"""Findings → a label track for Audacity: every window with its LLR, and the suspicious stretches.

A label track belongs to one sound; labels of one channel among several carry its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from earwitness.records import Failure, SegmentScore
from earwitness.reporting import FORMS, Finding, _words


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Write the windows and stretches of one recording as Audacity labels."""
    for finding in findings:
        found, channel = finding.found, finding.part.channel
        if isinstance(found, Failure):
            continue
        start = "" if channel == "mix" else f"channel {channel}: "
        for stretch in found.stretches:
            text = f"{start}SUSPICIOUS {_words.number(stretch.llr)}"
            yield _label(stretch.start_s, stretch.end_s, text)
        for segment in found.segments:
            yield _label(segment.start_s, segment.end_s, start + _text(segment))


def _text(segment: SegmentScore) -> str:
    if segment.llr is None:
        return f"raw score {segment.raw_score:.3f}"
    return f"{_words.number(segment.llr)} {_words.strength(segment.llr)}"


def _label(start_s: float, end_s: float, text: str) -> str:
    return f"{start_s:.6f}\t{end_s:.6f}\t{text}"
