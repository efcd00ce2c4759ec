"""A sound that comes in pieces while it is made: measured, mixed and resampled as it comes.

What ``read.open_recording`` does for a file, pushed instead of pulled, in constant memory.
"""

from __future__ import annotations

import hashlib
from typing import Protocol, Self

import numpy as np

from earwitness.audio.ear import Ear
from earwitness.audio.formats import Format
from earwitness.audio.headers.header import Header
from earwitness.audio.provenance import provenance
from earwitness.audio.resample import StreamResampler
from earwitness.errors import SettingsError
from earwitness.records import QualityNotes, Samples, SourceFacts


class Digest(Protocol):
    """A hash on its way, as of ``hashlib``."""

    def copy(self) -> Self:
        """Give one like it."""

    def hexdigest(self) -> str:
        """Give the hash."""


_RATES = range(1000, 1_000_000)
_MOST_CHANNELS = 64
_NOTHING = np.empty(0, np.float32)


class LiveSound:
    """A sound on its way in.

    Args:
        form: how it comes.
        sample_rate: the rate that is wanted, in Hz.
        source: what to call it.
        digest: is told the bytes as they are sent, by whoever takes them in.

    Raises:
        SettingsError: its rate or number of channels cannot be meant.

    Example:
        >>> sound = LiveSound(Format(8000, 1), sample_rate=16000, source="line")
        >>> pieces = [sound.feed(np.zeros((4000, 1), np.float32)) for _ in range(2)]
        >>> sum(map(len, [*pieces, sound.finish()])), sound.heard_s
        (16000, 1.0)
    """

    def __init__(
        self, form: Format, *, sample_rate: int, source: str, digest: Digest | None = None
    ) -> None:
        if form.sample_rate not in _RATES or not 1 <= form.channels <= _MOST_CHANNELS:
            raise SettingsError(
                f"{source}: {form.sample_rate} Hz and {form.channels} channels are no sound. A "
                f"stream has 1000 Hz or more and 1 to {_MOST_CHANNELS} channels."
            )
        self.source = source
        self._form = form
        self._ear = Ear(form.sample_rate)
        self._resampler = StreamResampler(form.sample_rate, sample_rate)
        self._digest = digest or hashlib.sha256()

    @property
    def heard_s(self) -> float:
        """How much has come in, in seconds."""
        return self._ear.frames / self._form.sample_rate

    def feed(self, block: Samples) -> Samples:
        """Take in a block of shape (frames, channels), and give what is ready, (samples,)."""
        return self._resampler.feed(self._ear.hear(block)) if len(block) else _NOTHING

    def finish(self) -> Samples:
        """Say that nothing follows, and give the rest."""
        return self._resampler.feed(_NOTHING, last=True)

    def facts(self, *, truncated: bool = False) -> SourceFacts:
        """Tell what is known of it so far."""
        return SourceFacts(
            source=self.source,
            sha256=self._digest.copy().hexdigest(),
            duration_s=self.heard_s,
            truncated=truncated,
            provenance=provenance(Header(), self._form, self.notes().bandwidth_hz),
        )

    def notes(self) -> QualityNotes:
        """Tell what it sounded like so far."""
        return self._ear.notes()
