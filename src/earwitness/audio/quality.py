"""Measures of the sound itself, block by block: level, clipping, noise, bandwidth, music."""

from __future__ import annotations

import math

import numpy as np

from earwitness.audio.music import MusicMeter
from earwitness.audio.spectra import Framer, bandwidth_hz
from earwitness.audio.streams import mono
from earwitness.records import QualityNotes, Samples

FULL_SCALE = 0.999
_LEAST_FRAMES = 16  # half a second: below that, no telling loud from quiet
_LOUD, _QUIET = 0.95, 0.10  # shares of the frames that are quieter
_LEVELS = np.arange(-100.0, 40.0, 0.5)  # in dBFS; below is digital silence


class QualityMeter:
    """Listens along while a recording passes by, at its native rate.

    Args:
        sample_rate: of what will be heard, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._count = 0
        self._energy = 0.0
        self._peak = 0.0
        self._clipped = 0
        self._framer = Framer(sample_rate)
        self._music = MusicMeter()
        self._power = np.zeros(self._framer.length // 2 + 1)
        self._frames = 0
        self._levels = np.zeros(len(_LEVELS), np.int64)

    def hear(self, block: Samples) -> None:
        """Take in a block of shape (samples, channels), finite."""
        size = np.abs(block)
        self._count += size.size
        self._energy += float(np.sum(np.square(size, dtype=np.float64)))
        self._peak = max(self._peak, float(size.max(initial=0.0)))
        if self._peak >= FULL_SCALE:
            self._clipped += int(np.count_nonzero(size >= FULL_SCALE))
        self._hear_frames(self._framer.frames(mono(block)))

    def notes(self, non_finite: int = 0) -> QualityNotes:
        """Sum up what was heard."""
        count = max(1, self._count)
        power = self._energy / count
        return QualityNotes(
            level_dbfs=10 * math.log10(power) if power > 0 else -math.inf,
            peak=self._peak,
            clipped_share=self._clipped / count,
            snr_db=self._snr_db(),
            bandwidth_hz=bandwidth_hz(self._power / max(1, self._frames), self.sample_rate),
            music_share=self._music.share(),
            non_finite=non_finite,
        )

    def _hear_frames(self, frames: Samples) -> None:
        if not len(frames):
            return
        powers = self._framer.powers(frames)
        self._frames += len(frames)
        self._power += powers.sum(axis=0, dtype=np.float64)
        self._music.hear(powers)
        means = np.einsum("ij,ij->i", frames, frames) / frames.shape[1]
        level = 10 * np.log10(means[means > 10 ** (_LEVELS[0] / 10)])
        at = np.minimum((level - _LEVELS[0]) * 2, len(_LEVELS) - 1).astype(int)
        self._levels += np.bincount(at, minlength=len(_LEVELS))

    def _snr_db(self) -> float | None:
        """Compare loud frames with quiet ones; digital silence is neither."""
        up_to = np.cumsum(self._levels)
        if up_to[-1] < _LEAST_FRAMES:
            return None
        loud, quiet = np.searchsorted(up_to, [_LOUD * up_to[-1], _QUIET * up_to[-1]])
        return float(_LEVELS[loud] - _LEVELS[quiet])
