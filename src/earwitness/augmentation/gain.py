"""Gain: louder or softer, and now and then so loud that the peaks are cut off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, check_share, uniform
from earwitness.records import Samples


@dataclass(frozen=True)
class GainSettings:
    """How loud a sound comes out.

    Attributes:
        gain_db: the range that the gain is drawn from; what then exceeds full scale is cut off.
        clip_share: how often the sound is clipped on purpose, whatever its level.
        clip_level: the range that the level of that is drawn from, as a share of the peak.
    """

    gain_db: Range = (-20.0, 6.0)
    clip_share: float = 0.15
    clip_level: Range = (0.3, 0.9)

    def __post_init__(self) -> None:
        check_range("gain_db", self.gain_db)
        check_share("clip_share", self.clip_share)
        check_range("clip_level", self.clip_level, least=0.01, most=1)


@dataclass(frozen=True)
class GainDraw:
    """A gain, and the level that peaks are cut at, as a share of the highest (1: none is)."""

    gain_db: float
    clip_level: float


def draw(rng: np.random.Generator, settings: GainSettings) -> GainDraw:
    """Draw a gain, and whether to clip."""
    gain_db, level = uniform(rng, settings.gain_db), uniform(rng, settings.clip_level)
    return GainDraw(gain_db, level if rng.random() < settings.clip_share else 1.0)


def apply(samples: Samples, parameters: GainDraw, sample_rate: int) -> Samples:  # noqa: ARG001
    """Clip, scale, and clip at full scale."""
    top = np.float32(parameters.clip_level * np.abs(samples).max(initial=0))
    scaled = np.clip(samples, -top, top) * np.float32(10 ** (parameters.gain_db / 20))
    return np.asarray(np.clip(scaled, -1, 1), np.float32)


@AUGMENTATIONS.add
def build(settings: GainSettings) -> Effect[GainDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
