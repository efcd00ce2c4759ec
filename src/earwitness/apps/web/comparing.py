"""Two recordings, heard → what can be said of both, and what sets them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.records import Answer, Failure, Verdict
from earwitness.reporting._words import number, strength
from earwitness.reporting.as_details import file_facts
from earwitness.reporting.verdicts.page import Shown

_ALIKE_HZ = 1_000.0
_ALIKE_DB = 10.0
_DIFFERENT = 2.303  # LLRs: ten times


@dataclass(frozen=True)
class Against:
    """What is said of two recordings.

    Attributes:
        sentences: of both, the most important one first.
        rows: a name, and its value for each of them.
    """

    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]


def against(one: Shown, other: Shown) -> Against:
    """Set two recordings side by side."""
    first, second = one.finding.found, other.finding.found
    if isinstance(first, Failure) or isinstance(second, Failure):
        return Against(("There is nothing to compare: a recording could not be read.",), ())
    return Against(tuple(_told(first, second)), tuple(_rows(first, second)))


def _told(first: Verdict, second: Verdict) -> Iterator[str]:
    if first.facts.sha256 == second.facts.sha256:
        yield "Both are the very same file."
        return
    if first.llr is None or second.llr is None or _is_open(first) or _is_open(second):
        yield "At least one of them does not carry enough to be set against the other."
        return
    yield f"The first {strength(first.llr)}, the second {strength(second.llr)}."
    apart = abs(first.llr - second.llr)
    if apart < _DIFFERENT:
        yield "Their LLRs are less than a factor of ten apart: do not make much of the difference."
    if _are_unlike(first, second):
        yield (
            "They are not of one quality, and that alone can move an LLR: compare recordings made "
            "in the same way where you can."
        )
    yield "Whether the same person speaks is not examined."


def _is_open(verdict: Verdict) -> bool:
    return verdict.answer in (Answer.INCONCLUSIVE, Answer.UNCALIBRATED)


def _are_unlike(first: Verdict, second: Verdict) -> bool:
    mine, theirs = first.quality, second.quality
    bands = (mine.bandwidth_hz, theirs.bandwidth_hz)
    noises = (mine.snr_db, theirs.snr_db)
    return _differ(bands, _ALIKE_HZ) or _differ(noises, _ALIKE_DB)


def _differ(values: tuple[float | None, float | None], limit: float) -> bool:
    one, other = values
    return one is not None and other is not None and abs(one - other) > limit


def _rows(first: Verdict, second: Verdict) -> Iterator[tuple[str, str, str]]:
    for name, tell in (
        ("LLR", _llr),
        ("Speech", lambda v: f"{v.speech_s:.1f} s of {v.facts.duration_s:.1f} s"),
        ("File", lambda v: file_facts(v.facts.provenance)),
        ("Sound reaches up to", _band),
        ("Speech over noise", _noise),
        ("Level", lambda v: f"{v.quality.level_dbfs:.0f} dB below full scale".replace("-", "")),
        ("Clipped", _clipped),
    ):
        yield name, tell(first), tell(second)


def _llr(verdict: Verdict) -> str:
    if verdict.answer is Answer.UNCALIBRATED:
        return "–" if verdict.raw_score is None else f"raw score {verdict.raw_score:.3f}"
    return number(verdict.llr)


def _band(verdict: Verdict) -> str:
    band = verdict.quality.bandwidth_hz
    return "–" if band is None else f"{band / 1000:.1f} kHz"


def _noise(verdict: Verdict) -> str:
    noise = verdict.quality.snr_db
    return "–" if noise is None else f"{noise:.0f} dB"


def _clipped(verdict: Verdict) -> str:
    share = verdict.quality.clipped_share
    return f"{share:.1%} of the samples" if share >= 0.0005 else "next to nothing"
