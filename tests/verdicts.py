"""Verdicts made by hand, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from earwitness.records import (
    Answer,
    Provenance,
    QualityNotes,
    SegmentScore,
    SourceFacts,
    Verdict,
)

PROVENANCE = Provenance("mp4", "aac", "Lavf60", 44100, 1, 15900.0, c2pa=False)
QUALITY = QualityNotes(-20.0, 0.5, 0.0, 30.0, 15900.0, 0.0)


def window(start_s: float, llr: float | None, *, length_s: float = 4.0) -> SegmentScore:
    raw = 0.5 if llr is None else llr / 2
    return SegmentScore(start_s, start_s + length_s, length_s, 2.0, raw, llr)


def verdict(source: str = "speech.m4a", **changes: Any) -> Verdict:
    """Give a verdict of bona fide with three windows; changes go to the record they belong to."""
    facts = SourceFacts(source, "ab" * 32, 10.0, False, changes.pop("provenance", PROVENANCE))
    whole = Verdict(
        answer=Answer.BONA_FIDE,
        llr=3.1,
        raw_score=1.55,
        speech_s=8.0,
        segments=(window(0.5, 2.0), window(2.5, 3.0), window(4.5, 4.0)),
        stretches=(),
        reasons=(),
        facts=facts,
        quality=changes.pop("quality", QUALITY),
        model="by hand",
        settings_hash="0123456789abcdef",
        operating_point="balanced",
        threshold=0.0,
        prior=0.5,
    )
    return replace(whole, **changes)
