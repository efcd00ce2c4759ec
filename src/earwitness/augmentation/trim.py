"""Ends: digital silence and a drawn bit of both ends cut off, and the new ends faded.

How a recording starts and stops tells how a corpus was made, not who spoke.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, check_share, uniform
from earwitness.records import Samples


@dataclass(frozen=True)
class TrimSettings:
    """What is cut off.

    Attributes:
        cut_s: range of what is cut off at each end, after the digital silence.
        fade_share: how often the ends are faded.
        fade_s: range of how long that takes.
    """

    cut_s: Range = (0.0, 0.3)
    fade_share: float = 0.5
    fade_s: Range = (0.002, 0.1)

    def __post_init__(self) -> None:
        check_range("cut_s", self.cut_s, least=0)
        check_share("fade_share", self.fade_share)
        check_range("fade_s", self.fade_s, least=0)


@dataclass(frozen=True)
class TrimDraw:
    """Seconds to cut at the start and the end, and to fade over (0: none)."""

    start_s: float
    end_s: float
    fade_s: float


def draw(rng: np.random.Generator, settings: TrimSettings) -> TrimDraw:
    """Draw cuts and a fade."""
    start_s, end_s = uniform(rng, settings.cut_s), uniform(rng, settings.cut_s)
    fade_s, is_faded = uniform(rng, settings.fade_s), rng.random() < settings.fade_share
    return TrimDraw(start_s, end_s, fade_s if is_faded else 0.0)


def apply(samples: Samples, parameters: TrimDraw, sample_rate: int) -> Samples:
    """Cut, fade, and repeat what is left up to the length that came in."""
    heard = np.flatnonzero(samples)
    if len(heard) == 0:
        return samples.copy()
    start = heard[0] + round(parameters.start_s * sample_rate)
    end = heard[-1] + 1 - round(parameters.end_s * sample_rate)
    if start >= end:  # there is hardly anything: only the silence goes
        start, end = heard[0], heard[-1] + 1
    rest = samples[start:end].copy()
    fade = min(round(parameters.fade_s * sample_rate), len(rest) // 2)
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
    rest[:fade] *= ramp
    rest[len(rest) - fade :] *= ramp[::-1]
    return np.resize(rest, samples.shape)


@AUGMENTATIONS.add
def build(settings: TrimSettings) -> Effect[TrimDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
