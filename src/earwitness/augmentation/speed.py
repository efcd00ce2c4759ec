"""Speed: faster or slower as a record is, tempo and pitch together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, log_uniform
from earwitness.records import Samples


@dataclass(frozen=True)
class SpeedSettings:
    """How much faster: a tenth up or down is usual (Ko et al. 2015)."""

    factor: Range = (0.9, 1.1)

    def __post_init__(self) -> None:
        check_range("factor", self.factor, least=0.5, most=2)


@dataclass(frozen=True)
class SpeedDraw:
    """One speed: 1.1 lasts a tenth less, and sounds a tenth higher."""

    factor: float


def draw(rng: np.random.Generator, settings: SpeedSettings) -> SpeedDraw:
    """Draw a speed."""
    return SpeedDraw(log_uniform(rng, settings.factor))


def apply(samples: Samples, parameters: SpeedDraw, sample_rate: int) -> Samples:
    """Play at that speed; the end is cut off, or the sound repeated, to the length that came in."""
    played = resample(samples, round(sample_rate * parameters.factor), sample_rate)
    return np.resize(played if len(played) else samples, samples.shape)


@AUGMENTATIONS.add
def build(settings: SpeedSettings) -> Effect[SpeedDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
