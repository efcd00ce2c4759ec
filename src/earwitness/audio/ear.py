"""One native block after the other: repaired, measured, and mixed into one channel."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from earwitness.audio.quality import QualityMeter
from earwitness.audio.streams import mono
from earwitness.records import QualityNotes, Samples

Channel: TypeAlias = Literal["mix"] | int

LOUDEST = 1e6  # 120 dB above full scale: no sound, but damage


class Ear:
    """Hears a sound that comes in blocks, at its native rate.

    Args:
        sample_rate: of what comes in, in Hz.
        channel: "mix" for the mean of all channels, or one of them, counted from 0.
    """

    def __init__(self, sample_rate: int, channel: Channel = "mix") -> None:
        self.frames = 0
        self._channel = channel
        self._meter = QualityMeter(sample_rate)
        self._non_finite = 0

    def hear(self, block: Samples) -> Samples:
        """Take in a block of shape (frames, channels), and give shape (frames,)."""
        self.frames += len(block)
        if self._channel != "mix":
            block = block[:, self._channel : self._channel + 1]
        sound = np.abs(block) <= LOUDEST  # False for NaN, too
        broken = block.size - int(np.count_nonzero(sound))
        if broken:
            block = np.where(sound, block, np.float32(0))
            self._non_finite += broken
        self._meter.hear(block)
        return mono(block)

    def notes(self) -> QualityNotes:
        """Tell what the sound was like so far."""
        return self._meter.notes(self._non_finite)
