"""Findings → JSON Lines: one object a line, pure ASCII, by ``schemas/verdict-1.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import earwitness
from earwitness.records import Failure, Stretch, Verdict
from earwitness.reporting import FORMS, Finding

SCHEMA_VERSION = 1


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Answer as JSON Lines, one object for each recording."""
    for finding in findings:
        yield json.dumps(table(finding), allow_nan=False)


def table(finding: Finding) -> dict[str, Any]:
    """Lay out one finding as the schema wants it."""
    found, part = finding.found, finding.part
    asked = {
        "schema_version": SCHEMA_VERSION,
        "source": finding.source,
        "channel": part.channel,
        "range_s": [_time(part.start_s), _time(part.end_s)] if part.has_range else None,
    }
    told = _failure(found) if isinstance(found, Failure) else _verdict(found)
    return {**asked, **told, "version": earwitness.__version__}


def schema() -> dict[str, Any]:
    """Read the schema that is shipped with the package."""
    text = (
        files(__package__).joinpath("schemas", f"verdict-{SCHEMA_VERSION}.json").read_text("utf-8")
    )
    found: dict[str, Any] = json.loads(text)
    return found


def _failure(failure: Failure) -> dict[str, Any]:
    return {"error": {"code": failure.code, "message": failure.message}}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "sha256": verdict.facts.sha256,
        "verdict": verdict.answer.value,
        "llr": _finite(verdict.llr),
        "raw_score": _finite(verdict.raw_score),
        "speech_s": _time(verdict.speech_s),
        "duration_s": _time(verdict.facts.duration_s),
        "segments": [
            {**_span(segment.start_s, segment.end_s), "llr": _finite(segment.llr),
             "raw_score": _finite(segment.raw_score)}
            for segment in verdict.segments
        ],
        "stretches": [_stretch(stretch) for stretch in verdict.stretches],
        "reasons": [reason.value for reason in verdict.reasons],
        "model": verdict.model,
        "settings_hash": verdict.settings_hash,
        "operating_point": verdict.operating_point,
        "threshold": _finite(verdict.threshold),
        "prior": _finite(verdict.prior),
        "provenance": _plain(asdict(verdict.facts.provenance)),
        "quality": _plain(asdict(verdict.quality)),
    }  # fmt: skip


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {**_span(stretch.start_s, stretch.end_s), "llr": _finite(stretch.llr)}


def _span(start_s: float, end_s: float) -> dict[str, Any]:
    return {"start_s": _time(start_s), "end_s": _time(end_s)}


def _time(seconds: float | None) -> float | None:
    """Round to a microsecond: finer than a sample, without digits that say nothing."""
    return None if seconds is None else _finite(round(seconds, 6))


def _finite(value: float | None) -> float | None:
    """Give a plain number; JSON knows no NaN and no infinity, so these become null."""
    return float(value) if value is not None and math.isfinite(value) else None


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {k: _finite(v) if isinstance(v, float) else v for k, v in record.items()}
