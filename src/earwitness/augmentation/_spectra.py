"""Fast Fourier transforms of good lengths, and what is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Samples

_TINY = 1e-12


def good_length(at_least: int) -> int:
    """Find a length that transforms quickly: a power of two times 1, 3, 5, 9 or 15.

    Example:
        >>> [good_length(n) for n in (1, 7, 1000, 64_000)]
        [1, 8, 1024, 65536]
    """
    return min(odd << max(0, -(-at_least // odd) - 1).bit_length() for odd in (1, 3, 5, 9, 15))


def rms(samples: Samples) -> float:
    """Measure the root of the mean square; 0 for nothing at all."""
    return float(np.sqrt(np.dot(samples, samples) / max(1, len(samples))))


def spectrum(samples: Samples, length: int) -> NDArray[np.complexfloating]:
    """Transform samples, with zeros behind them up to ``length``."""
    return np.fft.rfft(samples, length)


def sound(bins: NDArray[np.complexfloating], length: int, samples: int) -> Samples:
    """Transform back, and keep the first ``samples`` of ``length``."""
    return np.fft.irfft(bins, length)[:samples].astype(np.float32)


def filtered(samples: Samples, gains: NDArray[np.float32], length: int) -> Samples:
    """Weigh the bins of a sound, shape (length // 2 + 1,), without delay."""
    return sound(spectrum(samples, length) * gains, length, len(samples))


def frequencies(length: int, sample_rate: int) -> NDArray[np.float32]:
    """Give the frequency of each bin in Hz."""
    return np.arange(length // 2 + 1, dtype=np.float32) * np.float32(sample_rate / length)


def at_level(samples: Samples, level: float) -> Samples:
    """Scale a sound to an RMS; silence stays silence."""
    return samples * np.float32(level / max(rms(samples), _TINY))
