"""What a recording sounds like at its edges and in its pauses, block by block. Pure numpy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples, Seconds

SILENT_DBFS = -120.0  # takes the place of minus infinity
_FRAME_S = 0.01
_SMOOTH = 3  # frames: a click of 10 ms is no speech
_LOUD, _FLOOR = 0.95, 0.10  # shares of the frames that are quieter
_ABOVE_FLOOR, _LEAST_BELOW, _MOST_BELOW = 6.0, 20.0, 40.0  # dB
_STEPS = 2**23


@dataclass(frozen=True)
class SoundFacts:
    """Measures of one recording, of the mean of its channels.

    Attributes:
        leading_silence_s, trailing_silence_s: before the first and behind the last 30 ms that
            stand out from the pauses; all of it where nothing does.
        zero_share: share of samples that are exactly zero.
        dc_offset_dbfs: size of the mean, in dB below full scale.
        noise_floor_dbfs: level that a tenth of the 10 ms frames stay below, digital silence apart.
        used_bits: bits that the samples make use of; None where they are on no grid of 24 bits.
    """

    leading_silence_s: Seconds
    trailing_silence_s: Seconds
    zero_share: float
    dc_offset_dbfs: float
    noise_floor_dbfs: float
    used_bits: int | None


class SoundMeter:
    """Listens along while a recording passes by.

    Args:
        sample_rate: of what will be heard, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._length = max(1, round(_FRAME_S * sample_rate))
        self._frame_s = self._length / sample_rate
        self._rest = np.empty(0, np.float32)
        self._powers: list[NDArray[np.float64]] = []
        self._count = self._zeros = self._grid = 0
        self._sum = 0.0
        self._is_on_grid = True

    def hear(self, block: Samples) -> None:
        """Take in a block of shape (samples,), finite."""
        self._count += len(block)
        self._zeros += len(block) - int(np.count_nonzero(block))
        self._sum += float(block.sum(dtype=np.float64))
        self._note_grid(block)
        held = np.concatenate([self._rest, block]) if len(self._rest) else block
        whole = len(held) // self._length * self._length
        frames = held[:whole].reshape(-1, self._length)
        self._powers.append(np.einsum("ij,ij->i", frames, frames, dtype=np.float64))
        self._rest = held[whole:].copy()

    def facts(self) -> SoundFacts:
        """Sum up what was heard."""
        levels = decibels(np.concatenate([np.empty(0), *self._powers]) / self._length)
        lead, trail = _edges(levels)
        sounding = levels[levels > SILENT_DBFS]
        mean = self._sum / max(1, self._count)
        return SoundFacts(
            leading_silence_s=round(lead * self._frame_s, 3),
            trailing_silence_s=round(trail * self._frame_s, 3),
            zero_share=self._zeros / max(1, self._count),
            dc_offset_dbfs=max(SILENT_DBFS, 20 * math.log10(abs(mean))) if mean else SILENT_DBFS,
            noise_floor_dbfs=float(np.quantile(sounding, _FLOOR)) if len(sounding) else SILENT_DBFS,
            used_bits=self._used_bits(),
        )

    def _note_grid(self, block: Samples) -> None:
        """Remember which of 24 bits are in use, as long as all samples lie on that grid."""
        if not self._is_on_grid:
            return
        steps = block.astype(np.float64) * _STEPS
        whole = np.rint(steps)
        self._is_on_grid = (
            bool((steps == whole).all()) and float(np.abs(whole).max(initial=0)) < 2**40
        )
        if self._is_on_grid:
            self._grid |= int(np.bitwise_or.reduce(np.abs(whole).astype(np.int64), initial=0))

    def _used_bits(self) -> int | None:
        if not self._is_on_grid:
            return None
        lowest = self._grid & -self._grid
        return 24 - (lowest.bit_length() - 1) if lowest else 0


def decibels(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn powers into levels in dB, never below ``SILENT_DBFS``.

    Example:
        >>> decibels(np.array([1.0, 0.01, 0.0])).tolist()
        [0.0, -20.0, -120.0]
    """
    return np.asarray(10 * np.log10(np.maximum(powers, 10 ** (SILENT_DBFS / 10))))


def _edges(levels: NDArray[np.float64]) -> tuple[int, int]:
    """Count the frames before the first and behind the last one that stands out."""
    if not len(levels):
        return 0, 0
    width = min(_SMOOTH, len(levels))
    smooth = np.convolve(levels, np.full(width, 1 / width), mode="valid")
    loud, floor = np.quantile(smooth, [_LOUD, _FLOOR])
    line = float(np.clip(floor + _ABOVE_FLOOR, loud - _MOST_BELOW, loud - _LEAST_BELOW))
    standing = np.flatnonzero((smooth > line) & (smooth > SILENT_DBFS + 1))
    if not len(standing):
        return len(levels), len(levels)
    return int(standing[0]), int(len(smooth) - 1 - standing[-1])
