"""Level: too soft, too loud, and cut off at the top."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation import gain, quantise
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_AS_STORED = quantise.QuantiseDraw(bits=16, dither_seed=None, rate=0)
# Name → title, gain in dB, and the level that peaks are cut at, as a share of the highest.
_LEVELS = {
    "level_minus_12db": ("12 dB softer", -12.0, 1.0),
    "level_minus_30db": ("30 dB softer", -30.0, 1.0),
    "level_plus_12db": ("12 dB louder, cut at full scale", 12.0, 1.0),
    "clipped_half": ("cut at 1/2 of the peak", 0.0, 0.5),
    "clipped_fifth": ("cut at 1/5 of the peak", 0.0, 0.2),
}


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Level and clipping",
        "Made softer or louder, or cut off, and stored in 16 bits.",
        tuple(
            Condition(name, title, partial(_scaled, draw=gain.GainDraw(gain_db, clip_level)))
            for name, (title, gain_db, clip_level) in _LEVELS.items()
        ),
    )


def _scaled(clip: Clip, rng: np.random.Generator, *, draw: gain.GainDraw) -> Samples:
    del rng
    scaled = gain.apply(clip.samples, draw, clip.sample_rate)
    return quantise.apply(scaled, _AS_STORED, clip.sample_rate)
