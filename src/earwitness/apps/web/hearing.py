"""One uploaded file → all that the page shows of it. Knows no Gradio.

The file is decoded once, in a process of its own; on its way to the detector the sound passes by a
meter, for the picture, and is written down for the player.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np

from earwitness import detector
from earwitness.apps.web.looking import SoundMeter
from earwitness.audio.apart import open_apart
from earwitness.audio.recording import Readable
from earwitness.detector import Detector
from earwitness.errors import AudioError, UnreadableAudio
from earwitness.records import Failure, Progress, QualityNotes, Samples, SourceFacts, Verdict
from earwitness.reporting.verdicts.sound import Sound

OnShare: TypeAlias = Callable[[float | None], None]
_MOST_DETECTORS = 3


@dataclass(frozen=True)
class Ask:
    """What is wanted of a file.

    Attributes:
        name: as the user gave it; it stands in every message in the place of the path.
        model: name of the detector; None for the default one.
        operating_point: that is stored with it.
        threads: how many threads one window may use.
        most_s: the longest recording that is heard, in seconds.
        playable: where a WAV goes that browsers can play; None for none.
    """

    name: str
    model: str | None = None
    operating_point: str = "balanced"
    threads: int = 1
    most_s: float = 7200.0
    playable: Path | None = None


@dataclass(frozen=True)
class Heard:
    """What was found, and the picture; there is none of what cannot be read."""

    found: Verdict | Failure
    sound: Sound | None = None
    heard_at: int | None = None


Hear: TypeAlias = Callable[[Path, Ask, OnShare], Heard]


def hear(file: Path, ask: Ask, on_share: OnShare) -> Heard:
    """Listen to a file.

    Args:
        file: where it lies.
        ask: what is wanted.
        on_share: is told which share is done, 0 to 1, or None when nobody knows; may raise.

    Raises:
        ModelError: the detector cannot be used.
        UnknownName: it has no such operating point.
    """
    listener = detector_of(ask)
    rate = listener.sample_rate
    meter = SoundMeter(rate)
    try:
        with (
            open_apart(file, sample_rate=rate, name=ask.name) as recording,
            closing(_Player(ask.playable, rate)) as player,
        ):
            overheard = _Overheard(recording, ask.most_s, (meter.hear, player.write))
            verdict = listener.judge(overheard, on_progress=lambda p: on_share(_share(p)))
    except AudioError as error:
        return Heard(Failure(ask.name, error.code, str(error)))
    return Heard(verdict, meter.look(), rate)


def detector_of(ask: Ask) -> Detector:
    """Give the detector, loaded once, at the operating point that is asked for.

    Raises:
        ModelError: it cannot be used.
        UnknownName: it has no such operating point.
    """
    found = _loaded(ask.model, ask.threads)
    return found if found.calibration is None else found.at(ask.operating_point)


@lru_cache(maxsize=_MOST_DETECTORS)
def _loaded(model: str | None, threads: int) -> Detector:
    return detector.load(model, threads=threads)


class _Overheard:
    """A recording whose sound others hear, too, on its way; what is too long is refused.

    Args:
        recording: that is open.
        most_s: how much of it is heard, in seconds.
        hearers: each is given every block.
    """

    def __init__(
        self, recording: Readable, most_s: float, hearers: tuple[Callable[[Samples], None], ...]
    ) -> None:
        self._recording = recording
        self._most_s = most_s
        self._hearers = hearers
        self.source = recording.source
        self.sample_rate = recording.sample_rate

    @property
    def expected_s(self) -> float | None:
        """How long it will probably be; None if nobody knows."""
        return self._recording.expected_s

    def blocks(self) -> Iterator[Samples]:
        """Give mono blocks, shape (samples,), once."""
        heard = 0
        for block in self._recording.blocks():
            heard += len(block)
            if heard > self._most_s * self.sample_rate:
                raise UnreadableAudio(
                    f"{self.source}: is longer than the {self._most_s / 60:g} minutes that are "
                    "heard here. Cut out the part in question."
                )
            for hears in self._hearers:
                hears(block)
            yield block

    def facts(self) -> SourceFacts:
        """Tell what is known of the file, once all blocks were read."""
        return self._recording.facts()

    def notes(self) -> QualityNotes:
        """Tell what the sound is like, once all blocks were read."""
        return self._recording.notes()


class _Player:
    """Writes what browsers play: 16 bits, mono, at the detector's rate."""

    def __init__(self, file: Path | None, sample_rate: int) -> None:
        self._wave = None
        if file is not None:
            self._wave = wave.open(str(file), "wb")  # noqa: SIM115 - closed by close
            self._wave.setnchannels(1)
            self._wave.setsampwidth(2)
            self._wave.setframerate(sample_rate)

    def write(self, block: Samples) -> None:
        """Add samples, shape (samples,)."""
        if self._wave is not None:
            loud = np.clip(block, -1.0, 1.0) * 32767
            self._wave.writeframesraw(loud.astype("<i2").tobytes())

    def close(self) -> None:
        """Finish the file."""
        if self._wave is not None:
            self._wave.close()


def _share(progress: Progress) -> float | None:
    return min(1.0, progress.done_s / progress.total_s) if progress.total_s else None
