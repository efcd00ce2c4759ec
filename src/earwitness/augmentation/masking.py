"""Holes: stretches of time and of frequency that are gone, so that nothing hangs on one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, uniform
from earwitness.augmentation._spectra import filtered, frequencies, good_length
from earwitness.errors import SettingsError
from earwitness.records import Samples


@dataclass(frozen=True)
class MaskingSettings:
    """How many holes at most (each number from 0 on is equally likely), and how wide."""

    time_masks: int = 2
    time_s: Range = (0.02, 0.3)
    frequency_masks: int = 2
    band_hz: Range = (100.0, 1200.0)
    highest_hz: float = 8000.0

    def __post_init__(self) -> None:
        if min(self.time_masks, self.frequency_masks) < 0:
            raise SettingsError(
                f"time_masks ({self.time_masks}) and frequency_masks ({self.frequency_masks}) "
                "must not be below 0."
            )
        check_range("time_s", self.time_s, least=0)
        check_range("band_hz", self.band_hz, least=0, most=self.highest_hz)


@dataclass(frozen=True)
class MaskingDraw:
    """The holes.

    Attributes:
        times: each from where, as a share of the sound, and how long, in seconds.
        bands: each from where to where, in Hz.
    """

    times: tuple[tuple[float, float], ...]
    bands: tuple[tuple[float, float], ...]


def draw(rng: np.random.Generator, settings: MaskingSettings) -> MaskingDraw:
    """Draw the holes."""
    times = int(rng.integers(settings.time_masks + 1))
    bands = int(rng.integers(settings.frequency_masks + 1))
    return MaskingDraw(
        times=tuple((float(rng.random()), uniform(rng, settings.time_s)) for _ in range(times)),
        bands=tuple(_band(rng, settings) for _ in range(bands)),
    )


def apply(samples: Samples, parameters: MaskingDraw, sample_rate: int) -> Samples:
    """Make the holes: zeros in time, nothing left in the bands."""
    masked = samples.copy()
    if parameters.bands:
        length = good_length(len(samples))
        hz = frequencies(length, sample_rate)
        gains = np.ones_like(hz)
        for low, high in parameters.bands:
            gains[np.searchsorted(hz, low) : np.searchsorted(hz, high)] = 0
        masked = filtered(masked, gains, length)
    for place, long_s in parameters.times:
        start = int(place * len(masked))
        masked[start : start + round(long_s * sample_rate)] = 0
    return masked


@AUGMENTATIONS.add
def build(settings: MaskingSettings) -> Effect[MaskingDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def _band(rng: np.random.Generator, settings: MaskingSettings) -> tuple[float, float]:
    width = uniform(rng, settings.band_hz)
    low = float(rng.uniform(0, settings.highest_hz - width))
    return low, low + width
