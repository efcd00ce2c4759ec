"""The nouns that walk from room to room: frozen records, no behaviour beyond their own arithmetic.

Sound is mono float32 in [-1, 1] nominally; times are seconds from the start of the recording;
raw scores and LLRs are higher for bona fide, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Seconds: TypeAlias = float
Samples: TypeAlias = NDArray[np.float32]


class Label(StrEnum):
    """The key of a trial, spelled as the field's files spell it."""

    BONA_FIDE = "bonafide"
    SPOOF = "spoof"


class Answer(StrEnum):
    """What a verdict can say."""

    BONA_FIDE = "bonafide"
    SPOOF = "spoof"
    INCONCLUSIVE = "inconclusive"
    UNCALIBRATED = "uncalibrated"


class Reason(StrEnum):
    """Why a verdict is inconclusive, or what else its reader must know."""

    TOO_SHORT = "too_short"
    NO_SPEECH = "no_speech"
    MUSIC = "music"
    POOR_QUALITY = "poor_quality"
    TRUNCATED = "truncated"
    SUSPICIOUS_STRETCH = "suspicious_stretch"


@dataclass(frozen=True)
class Waveform:
    """Sound held in memory.

    Attributes:
        samples: shape (samples,) mono or (samples, channels), float32.
        sample_rate: in Hz.
        source: where it came from, for messages.
    """

    samples: Samples
    sample_rate: int
    source: str = "array"


@dataclass(frozen=True)
class Provenance:
    """Facts about the container, beside the verdict and never part of it.

    ``None`` means "not known". ``bandwidth_hz`` is the highest frequency that carries energy,
    ``encoder`` the tag that the writing program left, ``c2pa`` whether a C2PA manifest is present
    (its signature is not verified).
    """

    container: str | None = None
    codec: str | None = None
    encoder: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    bandwidth_hz: float | None = None
    c2pa: bool | None = None


@dataclass(frozen=True)
class SourceFacts:
    """What is known of a recording once it has been read to its end.

    Attributes:
        source: path or name as the user gave it.
        sha256: of the file's bytes (of the sample bytes for an array), lower-case hex.
        duration_s: length of what was decoded (of the chosen range, if one was asked for).
        truncated: less was decoded than the header or the container promises, or decoding
            broke off.
        provenance: container facts.
    """

    source: str
    sha256: str
    duration_s: Seconds
    truncated: bool
    provenance: Provenance


@dataclass(frozen=True)
class QualityNotes:
    """Measures of the sound itself, which may lead to an inconclusive verdict.

    Attributes:
        level_dbfs: RMS over the whole recording in dB below full scale (-inf for zeros).
        peak: largest absolute sample.
        clipped_share: share of samples at or beyond full scale, 0 to 1.
        snr_db: level of the loud frames over the quiet frames; None when too short to say.
        bandwidth_hz: highest frequency with energy; None for silence.
        music_share: share of the non-silent time that looks like music without speech, 0 to 1.
        non_finite: number of NaN or infinite samples that were replaced by zero.
    """

    level_dbfs: float
    peak: float
    clipped_share: float
    snr_db: float | None
    bandwidth_hz: float | None
    music_share: float
    non_finite: int = 0


@dataclass(frozen=True)
class SpeechSpan:
    """A stretch of time in which the voice activity detector hears speech."""

    start_s: Seconds
    end_s: Seconds


@dataclass(frozen=True)
class Segment:
    """One window of sound, as long as the model wants it.

    Attributes:
        start_s, end_s: the stretch of the recording that it covers (before any tiling).
        speech_s: seconds of speech inside it.
        fresh_s: seconds of speech that no earlier segment covered; they sum to all the speech.
        samples: shape (window samples,), float32, at the model's rate.
    """

    start_s: Seconds
    end_s: Seconds
    speech_s: Seconds
    fresh_s: Seconds
    samples: Samples = field(repr=False)


@dataclass(frozen=True)
class SegmentScore:
    """What the countermeasure said of one segment; ``llr`` is None without a calibration."""

    start_s: Seconds
    end_s: Seconds
    speech_s: Seconds
    fresh_s: Seconds
    raw_score: float
    llr: float | None


@dataclass(frozen=True)
class Stretch:
    """A suspicious stretch of the timeline: consecutive segments that speak for spoof."""

    start_s: Seconds
    end_s: Seconds
    llr: float


@dataclass(frozen=True)
class Verdict:
    """All that can be said of one recording. Words are chosen in ``reporting``.

    Attributes:
        answer: bona fide, spoof, inconclusive or uncalibrated.
        llr: natural-log likelihood ratio, positive for bona fide; None if uncalibrated or
            nothing could be scored.
        raw_score: pooled network score; None if nothing could be scored.
        speech_s: seconds of speech that were heard.
        segments: the timeline, in order.
        stretches: suspicious stretches, in order.
        reasons: why inconclusive, or what to know beside the answer.
        facts: the file; quality: the sound.
        model: name of the detector; settings_hash: of all that can change a score.
        operating_point: name; threshold: LLR at or above which the answer is bona fide (None if
            uncalibrated); prior: the spoof prior that the threshold was made for (None where
            the operating point was set by an error rate).
    """

    answer: Answer
    llr: float | None
    raw_score: float | None
    speech_s: Seconds
    segments: tuple[SegmentScore, ...]
    stretches: tuple[Stretch, ...]
    reasons: tuple[Reason, ...]
    facts: SourceFacts
    quality: QualityNotes
    model: str
    settings_hash: str
    operating_point: str
    threshold: float | None
    prior: float | None


@dataclass(frozen=True)
class Failure:
    """A recording that could not be read: the stable code and the sentence for people."""

    source: str
    code: str
    message: str


@dataclass(frozen=True)
class Progress:
    """How far a long recording has been read; ``total_s`` is None when nobody knows."""

    source: str
    done_s: Seconds
    total_s: Seconds | None


@dataclass(frozen=True)
class Trial:
    """One question put to a countermeasure: this audio, with this key.

    Attributes:
        id: path relative to the data set's root, with forward slashes (base names collide).
        path: where the audio lies.
        label: the key.
        partition: train, dev or eval.
        meta: the protocol's other columns (attack, system, page, language ...).
    """

    id: str
    path: Path
    label: Label
    partition: str
    meta: Mapping[str, str] = field(default_factory=dict)
