"""What the two engines have in common: a sound at its native rate, coming in blocks.

Goes out: blocks of shape (frames, channels), float32, as they were decoded: not yet mixed, not yet
resampled, possibly with NaN in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from earwitness.audio.formats import Format, block_frames
from earwitness.errors import EmptyAudio
from earwitness.records import Samples, Waveform


class NativeStream(Protocol):
    """A recording that can be decoded from its start, once.

    Attributes:
        format: the header's facts.
        broke_off: decoding met an error after at least one sample; valid after ``blocks``.
    """

    format: Format
    broke_off: bool

    def blocks(self, start: int, stop: int | None) -> Iterator[Samples]:
        """Decode the frames from ``start`` up to ``stop`` (None: to the end)."""

    def close(self) -> None:
        """Let go of files and processes."""


class ArrayStream:
    """A waveform that is in memory already.

    Raises:
        EmptyAudio: the array has no sample or no channel.
    """

    def __init__(self, waveform: Waveform) -> None:
        samples = np.asarray(waveform.samples)
        samples = samples[:, None] if samples.ndim == 1 else samples
        if samples.ndim != 2 or samples.size == 0:
            shape = np.shape(waveform.samples)
            raise EmptyAudio(
                f"{waveform.source}: an array of shape {shape} holds no sound. "
                "Give shape (samples,) or (samples, channels)."
            )
        self.name = waveform.source
        self._samples = samples
        self.format = Format(waveform.sample_rate, samples.shape[1], frames=samples.shape[0])
        self.broke_off = False

    def blocks(self, start: int, stop: int | None) -> Iterator[Samples]:
        """Cut the array into blocks."""
        step = block_frames(self.format.sample_rate, self.format.channels)
        end = len(self._samples) if stop is None else min(stop, len(self._samples))
        for at in range(start, end, step):
            yield as_float(self._samples[at : min(at + step, end)])

    def close(self) -> None:
        """Do nothing: there is no file."""

    def sha256(self) -> str:
        """Hash the sample bytes; lower-case hex."""
        return hashlib.sha256(np.ascontiguousarray(self._samples).tobytes()).hexdigest()


def as_float(samples: NDArray[Any]) -> Samples:
    """Turn samples of any numeric type into float32; integers are scaled to [-1, 1)."""
    kind, bits = samples.dtype.kind, 8 * samples.dtype.itemsize
    if kind not in "iu":
        with np.errstate(over="ignore"):
            return np.asarray(samples, np.float32)
    half = 2.0 ** (bits - 1)
    middle = half if kind == "u" else 0.0
    return ((samples.astype(np.float64) - middle) / half).astype(np.float32)


def mono(block: Samples) -> Samples:
    """Mix the channels of a block, shape (frames, channels), into shape (frames,)."""
    if block.shape[1] == 1:
        return np.ascontiguousarray(block[:, 0])
    return np.asarray(block.mean(axis=1, dtype=np.float32))
