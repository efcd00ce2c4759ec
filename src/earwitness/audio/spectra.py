"""A sound → short power spectra, frame by frame, however it is cut into blocks.

A frame is about 32 ms long at every sample rate, so that a bin is always 31.25 Hz wide (1000 / 32).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples

_RANGE = 1e-6  # as a share of the power of the loudest bin
_ROUNDING = 10**-10.6  # in a bin, of a sound that is rounded to 16 bits with dither


class Framer:
    """Cuts a mono sound into frames that stand side by side, and keeps the rest for later.

    Args:
        sample_rate: of what will come in, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        # As near as a multiple of 32 comes: a length that the FFT likes.
        self.length = 32 * max(1, round(sample_rate / 1000))
        window = np.hanning(self.length)
        self._window = (window * 2 / window.sum()).astype(np.float32)
        self._rest = np.empty(0, np.float32)

    def frames(self, block: Samples) -> Samples:
        """Take in shape (samples,), and give shape (frames, length)."""
        held = np.concatenate([self._rest, block]) if len(self._rest) else block
        whole = len(held) // self.length * self.length
        self._rest = held[whole:].copy()
        return held[:whole].reshape(-1, self.length)

    def powers(self, frames: Samples) -> Samples:
        """Give shape (frames, bins); a sine at full scale has power 1 in its bin."""
        spectra = np.fft.rfft(frames * self._window, axis=1)
        return np.square(spectra.real, dtype=np.float32) + np.square(spectra.imag, dtype=np.float32)


def bandwidth_hz(power: NDArray[np.float64], sample_rate: int) -> float | None:
    """Find the highest frequency with energy in a long-term power spectrum.

    Energy is what lies less than 60 dB below the loudest bin (what was once at 8 kHz and then coded
    again ends at 4 kHz by that), and above what rounding to 16 bits leaves behind.

    Args:
        power: shape (bins,), the mean of ``Framer.powers``.
        sample_rate: in Hz.

    Returns:
        None if there is no energy at all.
    """
    smooth = np.convolve(power, np.full(3, 1 / 3), mode="same")
    least = max(float(power.max(initial=0.0)) * _RANGE, _ROUNDING)
    loud = np.flatnonzero(smooth > least)
    if not len(loud):
        return None
    return float((loud[-1] + 0.5) / (len(power) - 0.5) * sample_rate / 2)
