"""Reverberation: a simulated room, as the direct sound and a tail of noise that dies away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, log_uniform, seed, uniform
from earwitness.augmentation._spectra import (
    at_level,
    frequencies,
    good_length,
    rms,
    sound,
    spectrum,
)
from earwitness.records import Samples

_DECAY = 3 * np.log(10)  # amplitude falls by 60 dB: a thousandth, over RT60
_LONGEST_TAIL_S = 0.8  # the tail is cut off here at the latest


@dataclass(frozen=True)
class ReverbSettings:
    """Which rooms.

    Attributes:
        rt60_s: the time in which the tail falls by 60 dB.
        direct_db: level of the direct sound over that of the tail.
        gap_s: from the direct sound to the first reflection.
        damping_hz: above it, the tail gets darker, as from walls and air.
    """

    rt60_s: Range = (0.1, 0.6)
    direct_db: Range = (-5.0, 15.0)
    gap_s: Range = (0.002, 0.02)
    damping_hz: Range = (2000.0, 8000.0)

    def __post_init__(self) -> None:
        check_range("rt60_s", self.rt60_s, least=0.01, most=10)
        check_range("direct_db", self.direct_db)
        check_range("gap_s", self.gap_s, least=0, most=0.2)
        check_range("damping_hz", self.damping_hz, least=100)


@dataclass(frozen=True)
class ReverbDraw:
    """One place in one room."""

    rt60_s: float
    direct_db: float
    gap_s: float
    damping_hz: float
    seed: int


def draw(rng: np.random.Generator, settings: ReverbSettings) -> ReverbDraw:
    """Draw a room."""
    return ReverbDraw(
        rt60_s=log_uniform(rng, settings.rt60_s),
        direct_db=uniform(rng, settings.direct_db),
        gap_s=uniform(rng, settings.gap_s),
        damping_hz=log_uniform(rng, settings.damping_hz),
        seed=seed(rng),
    )


def apply(samples: Samples, parameters: ReverbDraw, sample_rate: int) -> Samples:
    """Let the room answer; loudness stays, and the tail behind the end is cut off."""
    tail = _tail(parameters, sample_rate)
    length = good_length(len(samples) + len(tail))
    hz = frequencies(length, sample_rate)
    room = spectrum(tail, length) / np.sqrt(1 + (hz / np.float32(parameters.damping_hz)) ** 2)
    wet = sound(spectrum(samples, length) * (1 + room), length, len(samples))
    return at_level(wet, rms(samples))


@AUGMENTATIONS.add
def build(settings: ReverbSettings) -> Effect[ReverbDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def _tail(room: ReverbDraw, sample_rate: int) -> Samples:
    """Make the answer of the room to a click of size 1, without the click itself."""
    rng = np.random.Generator(np.random.PCG64(room.seed))
    samples = max(1, round(min(room.rt60_s, _LONGEST_TAIL_S) * sample_rate))
    decay = np.exp(np.arange(samples, dtype=np.float32) * (-_DECAY / (room.rt60_s * sample_rate)))
    tail = rng.standard_normal(samples, np.float32) * decay.astype(np.float32)
    tail *= np.float32(10 ** (-room.direct_db / 20) / max(np.sqrt(np.dot(tail, tail)), 1e-9))
    return np.pad(tail, (max(1, round(room.gap_s * sample_rate)), 0))
