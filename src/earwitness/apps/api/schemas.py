"""The bodies of answers: ``detect --json`` (schema version 1) and a little more, for OpenAPI.

A verdict here is a line of ``earwitness detect --json``, with two more keys in each segment, so
that nothing of a ``Verdict`` is lost; ``earwitness.client`` makes records of it again.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from earwitness.records import Failure, Verdict
from earwitness.reporting import Finding, Part
from earwitness.reporting.as_json import table

Channel = Literal["mix"] | int
Seconds = float


class Body(BaseModel):
    """A strict body: what is not described is not sent."""

    model_config = ConfigDict(extra="forbid")


class Problem(Body):
    """What went wrong, as RFC 9457 lays it out."""

    type: str = Field(description="urn:earwitness:problem: and the code")
    title: str
    status: int
    code: str = Field(description="stable; programs look at this one")
    detail: str = Field(description="what happened, the value seen, and what to do")


class Segment(Body):
    """One window of the timeline."""

    start_s: Seconds
    end_s: Seconds
    llr: float | None
    raw_score: float | None
    speech_s: Seconds = Field(description="seconds of speech in it")
    fresh_s: Seconds = Field(description="seconds of speech that no earlier window had")


class Stretch(Body):
    """A suspicious stretch."""

    start_s: Seconds
    end_s: Seconds
    llr: float | None


class Provenance(Body):
    """Facts about the container."""

    container: str | None
    codec: str | None
    encoder: str | None
    sample_rate: int | None
    channels: int | None
    bandwidth_hz: float | None
    c2pa: bool | None


class Quality(Body):
    """Measures of the sound."""

    level_dbfs: float | None
    peak: float
    clipped_share: float
    snr_db: float | None
    bandwidth_hz: float | None
    music_share: float
    non_finite: int


class VerdictBody(Body):
    """What a recording is."""

    schema_version: int
    source: str = Field(description="what its sender calls it")
    channel: Channel
    range_s: tuple[Seconds, Seconds | None] | None
    sha256: str
    verdict: Literal["bonafide", "spoof", "inconclusive", "uncalibrated"]
    llr: float | None = Field(
        description="log-likelihood ratio, natural logarithm, positive for bona fide"
    )
    raw_score: float | None
    speech_s: Seconds
    duration_s: Seconds
    segments: list[Segment]
    stretches: list[Stretch]
    reasons: list[str]
    model: str
    settings_hash: str
    operating_point: str
    threshold: float | None
    prior: float | None
    provenance: Provenance
    quality: Quality
    version: str


class ErrorBody(Body):
    """Why a recording could not be listened to."""

    code: str
    message: str


class FailureBody(Body):
    """A recording of a job that was not answered."""

    schema_version: int
    source: str
    channel: Channel
    range_s: tuple[Seconds, Seconds | None] | None
    error: ErrorBody
    version: str


class Point(Body):
    """An operating point of a detector."""

    threshold: float | None
    prior: float | None
    purpose: str


class ModelBody(Body):
    """A detector that is served."""

    name: str
    title: str
    default: bool
    version: str
    licence: str
    origin: str
    training_data: str
    sample_rate: int
    parameters: int
    is_calibrated: bool
    settings_hash: str
    windows: dict[str, Any]
    operating_points: dict[str, Point]
    quality: dict[str, Any]


class ModelsBody(Body):
    """The detectors that are served."""

    models: list[ModelBody]


class FileBody(Body):
    """How far a recording of a job is."""

    source: str
    status: Literal["waiting", "listening", "done", "failed", "stopped"]
    done_s: Seconds
    total_s: Seconds | None


class JobBody(Body):
    """A job: what became of it, and what it found."""

    id: str
    status: Literal["queued", "running", "done", "cancelled"]
    created_at: str
    expires_at: str | None = Field(description="when its results are forgotten; null until done")
    files: list[FileBody]
    results: list[VerdictBody | FailureBody] = Field(
        description="in the order of the files, as far as they are known"
    )


class HealthBody(Body):
    """How the server is."""

    status: Literal["ok", "stopping"]
    version: str


def verdict_table(verdict: Verdict, part: Part) -> dict[str, Any]:
    """Lay out a verdict as ``VerdictBody`` wants it."""
    told = table(Finding(verdict, part))
    for row, segment in zip(told["segments"], verdict.segments, strict=True):
        row["speech_s"] = round(segment.speech_s, 6)
        row["fresh_s"] = round(segment.fresh_s, 6)
    return told


def verdict_body(verdict: Verdict, part: Part) -> VerdictBody:
    """Make the body of an answer."""
    return VerdictBody.model_validate(verdict_table(verdict, part))


def failure_body(failure: Failure, part: Part) -> FailureBody:
    """Make the body of a recording that was not answered."""
    return FailureBody.model_validate(table(Finding(failure, part)))
