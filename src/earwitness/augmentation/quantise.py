"""Coarse numbers: few bits, with or without dither, and a detour over another sample rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import check_choices, check_share, choice, seed
from earwitness.records import Samples


@dataclass(frozen=True)
class QuantiseSettings:
    """How coarse.

    Attributes:
        bits: drawn equally often.
        dither_share: how often triangular dither hides the steps.
        rates: sample rates in Hz to go through; 0 for none. Drawn equally often.
    """

    bits: tuple[int, ...] = (8, 10, 12, 16)
    dither_share: float = 0.5
    rates: tuple[int, ...] = (0, 11_025, 22_050)

    def __post_init__(self) -> None:
        check_choices("bits", self.bits, tuple(range(4, 25)))
        check_share("dither_share", self.dither_share)
        check_choices("rates", self.rates, (0, 8000, 11_025, 22_050, 24_000, 32_000, 44_100))


@dataclass(frozen=True)
class QuantiseDraw:
    """One detour; ``dither_seed`` is None without dither, ``rate`` 0 without a detour."""

    bits: int
    dither_seed: int | None
    rate: int


def draw(rng: np.random.Generator, settings: QuantiseSettings) -> QuantiseDraw:
    """Draw bits, dither and a rate."""
    dither_seed, is_dithered = seed(rng), rng.random() < settings.dither_share
    return QuantiseDraw(
        bits=choice(rng, settings.bits),
        dither_seed=dither_seed if is_dithered else None,
        rate=choice(rng, settings.rates),
    )


def apply(samples: Samples, parameters: QuantiseDraw, sample_rate: int) -> Samples:
    """Go over the other rate, and round there."""
    rate = parameters.rate or sample_rate
    there = resample(samples, sample_rate, rate)
    step = np.float32(2.0 ** (1 - parameters.bits))
    levels = there / step
    if parameters.dither_seed is not None:
        rng = np.random.Generator(np.random.PCG64(parameters.dither_seed))
        dither = rng.random((2, len(levels)), np.float32)
        levels = levels + dither[0] - dither[1]
    top = np.float32(2 ** (parameters.bits - 1))
    back = resample(np.clip(np.round(levels), -top, top - 1) * step, rate, sample_rate)
    return np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]


@AUGMENTATIONS.add
def build(settings: QuantiseSettings) -> Effect[QuantiseDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
