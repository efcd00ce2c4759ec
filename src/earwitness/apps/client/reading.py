"""What a server answers → the records that it was made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from earwitness import errors
from earwitness.records import (
    Answer,
    Failure,
    Provenance,
    QualityNotes,
    Reason,
    SegmentScore,
    SourceFacts,
    Stretch,
    Verdict,
)

Table = Mapping[str, Any]
_CLASSES = {
    kind.code: kind
    for kind in (
        errors.UnreadableAudio,
        errors.EmptyAudio,
        errors.AudioError,
        errors.WeightsMissing,
        errors.SettingsError,
        errors.UnknownName,
    )
}


@dataclass(frozen=True)
class Job:
    """A job of a server, as it was when the server was asked.

    Attributes:
        id: to ask after it.
        status: queued, running, done or cancelled.
        sources: what its recordings are called.
        results: of those that were answered, in order; all of them once it is done.
    """

    id: str
    status: Literal["queued", "running", "done", "cancelled"]
    sources: tuple[str, ...]
    results: tuple[Verdict | Failure, ...]

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come."""
        return self.status in ("done", "cancelled")


@dataclass(frozen=True)
class ServedModel:
    """A detector of a server."""

    name: str
    title: str
    is_default: bool
    licence: str
    operating_points: tuple[str, ...]


@dataclass(frozen=True)
class Update:
    """How a stream looks so far.

    Attributes:
        heard_s: seconds of sound that were heard;
        speech_s: of them, speech.
        answer: as if it ended now.
        llr: None without a calibration, or before there is speech.
    """

    heard_s: float
    speech_s: float
    answer: Answer
    llr: float | None


def verdict(table: Table) -> Verdict:
    """Make a verdict of the body of an answer; times come rounded to a microsecond.

    Raises:
        ServerError: it is no such body.
    """
    try:
        return _verdict(table)
    except (KeyError, TypeError, ValueError) as exc:
        raise errors.ServerError(
            f"The server's answer is no verdict ({exc!r}). Is it Earwitness, and of this version?"
        ) from exc


def finding(table: Table) -> Verdict | Failure:
    """Make a verdict or a failure of one result of a job."""
    error = table.get("error")
    if error is None:
        return verdict(table)
    return Failure(table["source"], error["code"], error["message"])


def job(table: Table) -> Job:
    """Make a job of the body of an answer."""
    return Job(
        id=table["id"],
        status=table["status"],
        sources=tuple(file["source"] for file in table["files"]),
        results=tuple(finding(result) for result in table["results"]),
    )


def served(table: Table) -> ServedModel:
    """Make a detector's description of its body."""
    return ServedModel(
        name=table["name"],
        title=table["title"],
        is_default=table["default"],
        licence=table["licence"],
        operating_points=tuple(table["operating_points"]),
    )


def update(table: Table) -> Update:
    """Make a running score of its message."""
    return Update(table["heard_s"], table["speech_s"], Answer(table["verdict"]), table["llr"])


def error(table: Table, status: int, retry_after_s: float | None = None) -> errors.EarwitnessError:
    """Make the error of a problem: our own class where the code is one of the library's."""
    code, detail = str(table.get("code", "server")), str(table.get("detail", "no reason given"))
    own = _CLASSES.get(code)
    if own is not None:
        return own(detail)
    return errors.ServerError(detail, code=code, status=status, retry_after_s=retry_after_s)


def _verdict(table: Table) -> Verdict:
    quality = dict(table["quality"])
    if quality["level_dbfs"] is None:
        quality["level_dbfs"] = -math.inf
    reasons = tuple(Reason(one) for one in table["reasons"])
    return Verdict(
        answer=Answer(table["verdict"]),
        llr=table["llr"],
        raw_score=table["raw_score"],
        speech_s=table["speech_s"],
        segments=tuple(SegmentScore(**one) for one in table["segments"]),
        stretches=tuple(Stretch(**one) for one in table["stretches"]),
        reasons=reasons,
        facts=SourceFacts(
            source=table["source"],
            sha256=table["sha256"],
            duration_s=table["duration_s"],
            truncated=Reason.TRUNCATED in reasons,
            provenance=Provenance(**table["provenance"]),
        ),
        quality=QualityNotes(**quality),
        model=table["model"],
        settings_hash=table["settings_hash"],
        operating_point=table["operating_point"],
        threshold=table["threshold"],
        prior=table["prior"],
    )
