"""Findings → a CSV table (UTF-8) that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import earwitness
from earwitness.records import Failure, Verdict
from earwitness.reporting import FORMS, Finding, _words

HEADER = (
    "source", "channel", "from_s", "to_s", "verdict", "llr", "says", "reasons", "stretches",
    "speech_s", "duration_s", "raw_score", "operating_point", "threshold", "prior", "model",
    "settings_hash", "sha256", "container", "codec", "encoder", "sample_rate", "channels",
    "bandwidth_hz", "c2pa", "error_code", "error_message", "version",
)  # fmt: skip
# A cell that starts with one of these is a formula to a spreadsheet, in half or in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Answer as a CSV table, one row for each recording."""
    yield _row(HEADER)
    for finding in findings:
        cells = {**_asked(finding), **_told(finding.found), "version": earwitness.__version__}
        yield _row([_cell(cells.get(name)) for name in HEADER])


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    Example:
        >>> guarded("=1+1.wav"), guarded("speech.wav")
        ("'=1+1.wav", 'speech.wav')
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _asked(finding: Finding) -> dict[str, Any]:
    part = finding.part
    asked = {"source": finding.source, "channel": str(part.channel)}
    return {**asked, "from_s": part.start_s, "to_s": part.end_s} if part.has_range else asked


def _told(found: Verdict | Failure) -> dict[str, Any]:
    if isinstance(found, Failure):
        return {"error_code": found.code, "error_message": found.message}
    return {
        "verdict": found.answer.value,
        "llr": found.llr,
        "says": _words.says(found),
        "reasons": " ".join(reason.value for reason in found.reasons),
        "stretches": _words.stretches(found.stretches, most=len(found.stretches)),
        "speech_s": round(found.speech_s, 3),
        "duration_s": round(found.facts.duration_s, 3),
        "raw_score": found.raw_score,
        "operating_point": found.operating_point,
        "threshold": found.threshold,
        "prior": found.prior,
        "model": found.model,
        "settings_hash": found.settings_hash,
        "sha256": found.facts.sha256,
        **asdict(found.facts.provenance),
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else guarded(str(value))


def _row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # quotes what holds one of these
    return line.getvalue().removesuffix("\r\n")
