"""Blocks of sound, as they come → what a picture of them is drawn from. Bounded, however long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples
from earwitness.reporting.verdicts.sound import Sound

FRAME_S = 0.01
MOST_COLUMNS = 1200
ROWS = 96
_WINDOW_S = 0.032
_RANGE_DB = 70.0
_FLOOR = 1e-12


class SoundMeter:
    """Measures envelope and spectrum; columns grow wider as the recording grows longer.

    Args:
        sample_rate: of the blocks, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._hop = round(sample_rate * FRAME_S)
        self._size = round(sample_rate * _WINDOW_S)
        self._window = np.hanning(self._size).astype(np.float32)
        self._rest = np.empty(0, np.float32)
        self._heard = 0
        self._merged = 1  # frames in a column
        self._peaks: list[NDArray[np.float32]] = []
        self._powers: list[NDArray[np.float32]] = []
        self._columns = 0

    def hear(self, block: Samples) -> None:
        """Take in the next samples, shape (samples,)."""
        self._heard += len(block)
        sound = np.concatenate([self._rest, block])
        frames = max(0, (len(sound) - self._size) // self._hop + 1)
        frames -= frames % self._merged
        if frames:
            self._measure(sound, frames)
        self._rest = sound[frames * self._hop :]

    def look(self) -> Sound:
        """Give the picture of all that was heard."""
        if len(self._rest):
            whole = self._size + self._hop * (self._merged - 1)
            padded = np.zeros(max(whole, len(self._rest)), np.float32)
            padded[: len(self._rest)] = self._rest
            frames = (len(padded) - self._size) // self._hop + 1
            self._measure(padded, frames - frames % self._merged)
        peaks = np.concatenate(self._peaks) if self._peaks else np.zeros(1, np.float32)
        power = np.concatenate(self._powers) if self._powers else np.zeros((1, ROWS), np.float32)
        return Sound(
            duration_s=self._heard / self._rate,
            peaks=tuple(round(float(peak), 3) for peak in np.minimum(peaks, 1.0)),
            spectrum=_shades(power).tobytes(),
            rows=ROWS,
            top_hz=self._rate / 2,
        )

    def _measure(self, sound: Samples, frames: int) -> None:
        starts = np.arange(frames) * self._hop
        pieces = np.lib.stride_tricks.sliding_window_view(sound, self._size)[starts]
        power = np.abs(np.fft.rfft(pieces * self._window, axis=1)) ** 2
        edges = np.linspace(0, power.shape[1], ROWS + 1).astype(int)[:-1]
        rows = np.maximum.reduceat(power, edges, axis=1).astype(np.float32)
        steps = sound[: frames * self._hop].reshape(frames, self._hop)
        self._keep(np.abs(steps).max(axis=1), rows)
        while self._columns > 2 * MOST_COLUMNS:
            self._halve()

    def _keep(self, peaks: Samples, rows: Samples) -> None:
        columns = len(peaks) // self._merged
        self._peaks.append(peaks.reshape(columns, self._merged).max(axis=1))
        self._powers.append(rows.reshape(columns, self._merged, ROWS).max(axis=1))
        self._columns += columns

    def _halve(self) -> None:
        """Join neighbouring columns; one that is left over keeps its own width."""
        peaks, powers = np.concatenate(self._peaks), np.concatenate(self._powers)
        if len(peaks) % 2:
            peaks = np.append(peaks, peaks[-1:])
            powers = np.append(powers, powers[-1:], axis=0)
        self._peaks = [peaks.reshape(-1, 2).max(axis=1)]
        self._powers = [powers.reshape(-1, 2, ROWS).max(axis=1)]
        self._columns = len(self._peaks[0])
        self._merged *= 2


def _shades(power: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Turn powers, shape (columns, rows), into shades, the highest frequency first."""
    level = 10 * np.log10(power + _FLOOR)
    loudest = max(float(level.max()), 10 * np.log10(_FLOOR) + _RANGE_DB)
    shade = np.clip((level - loudest + _RANGE_DB) / _RANGE_DB, 0.0, 1.0) ** 1.5
    return np.ascontiguousarray((255 * shade).astype(np.uint8).T[::-1])
