"""Denoising: what calls and editors do to a noisy voice, as a spectral gate.

Each band's quiet moments are taken for its noise. What does not stand out of it is turned down, so
that pauses go dead and weak consonants with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, uniform
from earwitness.records import Samples

_FRAME_S, _OVERLAP = 0.032, 4
_SMOOTHED_BANDS, _SMOOTHED_FRAMES = 5, 5  # a gate that opens bin by bin rings like bells
_LEAST_MAGNITUDE = 1e-8


@dataclass(frozen=True)
class DenoiseSettings:
    """How eager the gate is.

    Attributes:
        quiet_share: the range of the share of time in which a band is taken to hold noise only.
        above: the range of how many times louder than its noise a band has to be to pass.
        reduction_db: the range of how far everything else is turned down.
    """

    quiet_share: Range = (0.1, 0.3)
    above: Range = (1.5, 3.0)
    reduction_db: Range = (6.0, 24.0)

    def __post_init__(self) -> None:
        check_range("quiet_share", self.quiet_share, least=0.01, most=0.9)
        check_range("above", self.above, least=1, most=20)
        check_range("reduction_db", self.reduction_db, least=0, most=80)


@dataclass(frozen=True)
class DenoiseDraw:
    """One gate."""

    quiet_share: float
    above: float
    reduction_db: float


def draw(rng: np.random.Generator, settings: DenoiseSettings) -> DenoiseDraw:
    """Draw a gate."""
    return DenoiseDraw(
        quiet_share=uniform(rng, settings.quiet_share),
        above=uniform(rng, settings.above),
        reduction_db=uniform(rng, settings.reduction_db),
    )


def apply(samples: Samples, parameters: DenoiseDraw, sample_rate: int) -> Samples:
    """Turn down what does not stand out of the noise."""
    hop = max(1, round(_FRAME_S * sample_rate / _OVERLAP))
    size = _OVERLAP * hop
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    padded = np.pad(samples, (size, size + -len(samples) % hop))
    bins = np.fft.rfft(sliding_window_view(padded, size)[::hop] * window)
    frames = np.fft.irfft(bins * _gains(np.abs(bins), parameters), size).astype(np.float32)
    sound = _added(frames * window, hop) / np.float32((window**2).sum() / hop)
    return sound[size : size + len(samples)]


@AUGMENTATIONS.add
def build(settings: DenoiseSettings) -> Effect[DenoiseDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def _gains(magnitudes: NDArray[np.floating], gate: DenoiseDraw) -> NDArray[np.float32]:
    """Say how far each bin of each frame is turned down; both have the shape (frames, bins)."""
    # The frames of zeros around the recording, and digital silence in it, say nothing of its noise.
    heard = magnitudes[magnitudes.max(axis=1) > _LEAST_MAGNITUDE]
    if len(heard) == 0:
        return np.ones(magnitudes.shape, np.float32)
    noise = np.quantile(_smoothed(heard**2), gate.quiet_share, axis=0)
    is_open = _smoothed(magnitudes**2) > gate.above**2 * noise
    closed = np.float32(10 ** (-gate.reduction_db / 20))
    return closed + (1 - closed) * _smoothed(is_open)


def _smoothed(cells: NDArray[Any]) -> NDArray[np.float32]:
    """Average over neighbours in time and frequency."""
    for axis, length in enumerate((_SMOOTHED_FRAMES, _SMOOTHED_BANDS)):
        around = [(0, 0), (0, 0)]
        around[axis] = (length // 2, length // 2)
        padded = np.pad(np.asarray(cells, np.float32), around, mode="edge")
        cells = sliding_window_view(padded, length, axis=axis).mean(axis=-1)
    return np.asarray(cells, np.float32)


def _added(frames: NDArray[np.float32], hop: int) -> Samples:
    """Add frames up, each ``hop`` samples behind the one before it."""
    count = len(frames) + _OVERLAP - 1
    sound = np.zeros((count, hop), np.float32)
    pieces = frames.reshape(len(frames), _OVERLAP, hop)
    for at in range(_OVERLAP):
        sound[at : at + len(frames)] += pieces[:, at]
    return sound.reshape(-1)
