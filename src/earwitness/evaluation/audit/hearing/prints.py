"""Fingerprints of sounds: what stays the same when a recording is coded again, cut or made louder.

For every 16 ms of the first minute, 24 bits say whether the difference between neighbouring bands
(300 to 3,000 Hz) has grown (Haitsma and Kalker, ISMIR 2002). Two prints of one recording differ in
few bits once they are lined up; those of two recordings differ in half of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.audio.resample import StreamResampler
from earwitness.records import Samples, Seconds

RATE = 8000
HOP = 128
HOP_S: Seconds = HOP / RATE
BITS = 24
MOST_S: Seconds = 60.0
_WINDOW = 2048
_LOW_HZ, _HIGH_HZ = 300, 3000
_SHAPE = np.hanning(_WINDOW).astype(np.float32)
_EDGES = np.round(np.geomspace(_LOW_HZ, _HIGH_HZ, BITS + 2) * _WINDOW / RATE).astype(np.intp)
_ONES = np.array([number.bit_count() for number in range(256)])  # in a byte
_WEIGHTS = 1 << np.arange(BITS, dtype=np.uint32)

Print = NDArray[np.uint32]


class FirstMinute:
    """Keeps the first minute of a sound at 8 kHz, however it comes in.

    Args:
        sample_rate: of what will be heard, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._resampler = StreamResampler(sample_rate, RATE)
        self._kept: list[Samples] = []
        self._left = int(MOST_S * RATE)

    def hear(self, block: Samples, *, last: bool = False) -> None:
        """Take in a block of shape (samples,); the last one may be empty."""
        if self._left > 0:
            self._kept.append(self._resampler.feed(block, last=last)[: self._left])
            self._left -= len(self._kept[-1])

    def samples(self) -> Samples:
        """Give what was kept."""
        return np.concatenate(self._kept) if self._kept else np.empty(0, np.float32)


def print_of(samples: Samples) -> Print:
    """Take the print of a sound at 8 kHz.

    Args:
        samples: shape (samples,).

    Returns:
        24 bits for each 16 ms; empty for less than 0.28 s.

    Example:
        >>> print_of(np.zeros(8000, np.float32)).shape
        (46,)
    """
    if len(samples) < _WINDOW + HOP:
        return np.empty(0, np.uint32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::HOP]
    spectra = np.fft.rfft(frames * _SHAPE, axis=1)
    power = np.square(spectra.real) + np.square(spectra.imag)
    bands = np.log(np.add.reduceat(power, _EDGES, axis=1)[:, :-1] + 1e-10)
    slope = bands[:, :-1] - bands[:, 1:]
    grown = slope[1:] > slope[:-1]
    return np.asarray(grown @ _WEIGHTS, np.uint32)


def differing_share(one: Print, other: Print, shift: int) -> tuple[float, int]:
    """Compare two prints that are lined up.

    Args:
        one: a print.
        other: another one.
        shift: frame of ``one`` at which ``other`` begins; negative where it begins earlier.

    Returns:
        The share of bits that differ, and the frames that were compared.
    """
    ours, theirs = one[max(0, shift) :], other[max(0, -shift) :]
    frames = min(len(ours), len(theirs))
    if frames < 1:
        return 1.0, 0
    bits = _ONES[(ours[:frames] ^ theirs[:frames]).view(np.uint8)].sum()
    return float(bits) / (BITS * frames), frames


def likeness(one: Samples, other: Samples, shift: int) -> float:
    """Correlate two sounds at 8 kHz, from 300 to 3,000 Hz, where they overlap.

    Args:
        one: shape (samples,).
        other: shape (samples,).
        shift: as in ``differing_share``; looked at two hops to either side.

    Returns:
        The size of the largest correlation, 0 to 1: two codings of one recording are near 1, and
        what was spoken (or made) anew is not, however alike it sounds.
    """
    ours, theirs = one[max(0, shift * HOP) :], other[max(0, -shift * HOP) :]
    length = min(len(ours), len(theirs))
    size = 1 << (2 * max(1, length) - 1).bit_length()
    band = _band(size)
    first, second = (np.fft.rfft(x[:length], size) * band for x in (ours, theirs))
    cross = np.fft.irfft(first * np.conj(second), size)
    near = np.abs(np.concatenate([cross[: 2 * HOP + 1], cross[-2 * HOP :]]))
    energy = np.sqrt(_energy(first, size) * _energy(second, size))
    return float(near.max() / energy) if energy > 0 else 0.0


def _band(size: int) -> NDArray[np.bool_]:
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    return np.asarray((hertz >= _LOW_HZ) & (hertz <= _HIGH_HZ))


def _energy(spectrum: NDArray[np.complexfloating], size: int) -> float:
    return float(2 * np.square(np.abs(spectrum)).sum() / size)
