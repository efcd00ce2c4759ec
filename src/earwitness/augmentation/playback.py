"""Playback: a sound comes out of a small loudspeaker, crosses a room, and a microphone hears it.

The loudspeaker has no depth, no top, resonances of its own, and distorts what is loud; the room
answers; the microphone adds its hiss.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect, noise, reverb
from earwitness.augmentation._chance import Range, check_range, log_uniform, seed, uniform
from earwitness.augmentation._spectra import at_level, filtered, frequencies, good_length, rms
from earwitness.records import Samples

_RESONANCES, _OCTAVES = 6, 0.4
_RESONANCES_HZ = (300.0, 7000.0)
_LEAST_PEAK = 1e-12


@dataclass(frozen=True)
class PlaybackSettings:
    """Which loudspeakers, rooms and microphones.

    Attributes:
        low_hz: below it, the loudspeaker gets weaker by 12 dB an octave.
        high_hz: above it, too.
        resonance_db: how far its resonances stand out, up or down.
        drive: how hard it is driven; at 1, a full peak is bent to about three quarters.
        rt60_s, direct_db: of the room, as in ``reverb``.
        snr_db: level of the sound over the microphone's hiss.
    """

    low_hz: Range = (150.0, 500.0)
    high_hz: Range = (5000.0, 8000.0)
    resonance_db: Range = (2.0, 8.0)
    drive: Range = (0.2, 2.0)
    rt60_s: Range = (0.15, 0.5)
    direct_db: Range = (-3.0, 12.0)
    snr_db: Range = (25.0, 45.0)

    def __post_init__(self) -> None:
        check_range("low_hz", self.low_hz, least=10, most=2000)
        check_range("high_hz", self.high_hz, least=2000)
        check_range("resonance_db", self.resonance_db, least=0, most=20)
        check_range("drive", self.drive, least=0.01, most=10)
        check_range("rt60_s", self.rt60_s, least=0.01, most=10)
        check_range("direct_db", self.direct_db)
        check_range("snr_db", self.snr_db)


@dataclass(frozen=True)
class PlaybackDraw:
    """One loudspeaker, its place in a room, and one microphone."""

    low_hz: float
    high_hz: float
    resonance_db: float
    resonance_seed: int
    drive: float
    room: reverb.ReverbDraw
    hiss: noise.NoiseDraw


def draw(rng: np.random.Generator, settings: PlaybackSettings) -> PlaybackDraw:
    """Draw all three."""
    room = reverb.ReverbSettings(rt60_s=settings.rt60_s, direct_db=settings.direct_db)
    hiss = noise.NoiseSettings(snr_db=settings.snr_db, colours=("white", "pink"))
    return PlaybackDraw(
        low_hz=log_uniform(rng, settings.low_hz),
        high_hz=log_uniform(rng, settings.high_hz),
        resonance_db=uniform(rng, settings.resonance_db),
        resonance_seed=seed(rng),
        drive=log_uniform(rng, settings.drive),
        room=reverb.draw(rng, room),
        hiss=noise.draw(rng, hiss),
    )


def apply(samples: Samples, parameters: PlaybackDraw, sample_rate: int) -> Samples:
    """Play the sound back and record it; loudness stays."""
    length = good_length(len(samples))
    gains = _loudspeaker(parameters, frequencies(length, sample_rate))
    played = filtered(_driven(samples, parameters.drive), gains, length)
    heard = reverb.apply(at_level(played, rms(samples)), parameters.room, sample_rate)
    return noise.apply(heard, parameters.hiss, sample_rate)


@AUGMENTATIONS.add
def build(settings: PlaybackSettings) -> Effect[PlaybackDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def _driven(samples: Samples, drive: float) -> Samples:
    """Bend what is loud, whatever the level that the file was stored at."""
    peak = np.float32(max(np.abs(samples).max(initial=0), _LEAST_PEAK))
    return np.asarray(np.tanh(samples / peak * np.float32(drive)) * peak, np.float32)


def _loudspeaker(box: PlaybackDraw, hz: NDArray[np.float32]) -> NDArray[np.float32]:
    """Amplitude over frequency: two slopes, and bumps that lie anywhere between them."""
    low, high = (hz / np.float32(box.low_hz)) ** 2, (hz / np.float32(box.high_hz)) ** 2
    slopes = low / np.sqrt(1 + low**2) / np.sqrt(1 + high**2)
    rng = np.random.Generator(np.random.PCG64(box.resonance_seed))
    centres = [log_uniform(rng, _RESONANCES_HZ) for _ in range(_RESONANCES)]
    heights_db = rng.uniform(-box.resonance_db, box.resonance_db, size=_RESONANCES)
    octaves = np.log2(np.maximum(hz, 1.0))
    bumps_db = sum(
        height * np.exp(-(((octaves - np.log2(centre)) / _OCTAVES) ** 2))
        for centre, height in zip(centres, heights_db, strict=True)
    )
    return np.asarray(slopes * 10 ** (np.asarray(bumps_db) / 20), np.float32)
