"""Noise that goes on all the time: coloured, shaped like the speech itself, or recorded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import (
    Range,
    check_choices,
    check_range,
    choice,
    seed,
    uniform,
)
from earwitness.augmentation._recordings import Piece, draw_piece, heard, recordings_in
from earwitness.augmentation._spectra import at_level, good_length, rms, sound, spectrum
from earwitness.records import Samples

COLOURS = ("white", "pink", "brown", "speech")
_SLOPES = {"white": 0.0, "pink": -0.5, "brown": -1.0}
_LOWEST_HZ = 40.0  # below it, a coloured noise stays flat: nobody hears what is there
_SMOOTHED_BINS = 32


@dataclass(frozen=True)
class NoiseSettings:
    """Which noise, and how loud.

    Attributes:
        snr_db: the signal-to-noise ratio, of the whole sound.
        colours: drawn equally often.
        folder: of recorded noise, which then takes the place of colours; empty for none.
    """

    snr_db: Range = (5.0, 40.0)
    colours: tuple[str, ...] = COLOURS
    folder: str = ""

    def __post_init__(self) -> None:
        check_range("snr_db", self.snr_db)
        check_choices("colours", self.colours, COLOURS)


@dataclass(frozen=True)
class NoiseDraw:
    """One noise; ``recorded`` takes the place of the colour where there is one."""

    colour: str
    snr_db: float
    seed: int
    recorded: Piece | None = None


def draw(
    rng: np.random.Generator, settings: NoiseSettings, paths: tuple[str, ...] = ()
) -> NoiseDraw:
    """Draw a colour, a level and a seed; or one of the recordings at ``paths``."""
    colour, snr_db = choice(rng, settings.colours), uniform(rng, settings.snr_db)
    return NoiseDraw(colour, snr_db, seed(rng), draw_piece(rng, paths) if paths else None)


def apply(samples: Samples, parameters: NoiseDraw, sample_rate: int) -> Samples:
    """Add the noise; silence gets none."""
    if parameters.recorded is None:
        noise = _made(samples, parameters, sample_rate)
    else:
        noise = heard(parameters.recorded, len(samples), sample_rate)
    return samples + at_level(noise, rms(samples) * 10 ** (-parameters.snr_db / 20))


@AUGMENTATIONS.add
def build(settings: NoiseSettings) -> Effect[NoiseDraw]:
    """Build the effect."""
    paths = recordings_in(settings.folder) if settings.folder else ()
    return Effect(partial(draw, settings=settings, paths=paths), apply)


def _made(samples: Samples, parameters: NoiseDraw, sample_rate: int) -> Samples:
    """Make noise of the drawn colour, as long as a sound."""
    length = good_length(len(samples))
    if parameters.colour == "speech":
        envelope = _envelope(samples, length)
    else:
        envelope = _coloured(_SLOPES[parameters.colour], length, sample_rate)
    rng = np.random.Generator(np.random.PCG64(parameters.seed))
    bins = rng.standard_normal((len(envelope), 2), np.float32).view(np.complex64)[:, 0]
    return sound(bins * envelope, length, len(samples))


def _coloured(slope: float, length: int, sample_rate: int) -> NDArray[np.float32]:
    """Amplitude over frequency: f to the power of ``slope``."""
    lowest = _LOWEST_HZ * length / sample_rate
    bins = np.maximum(np.arange(length // 2 + 1, dtype=np.float32), np.float32(max(1.0, lowest)))
    return bins ** np.float32(slope)


def _envelope(samples: Samples, length: int) -> NDArray[np.float32]:
    """Measure the long-term spectrum of a sound, smoothed so that its harmonics are gone."""
    power = np.abs(spectrum(samples, length)).astype(np.float32) ** 2
    sums = np.cumsum(np.pad(power, _SMOOTHED_BINS, mode="edge"), dtype=np.float64)
    smooth = sums[2 * _SMOOTHED_BINS :] - sums[: -2 * _SMOOTHED_BINS]
    return np.sqrt(np.maximum(smooth, 0)).astype(np.float32)
