"""Bandwidth: the top is missing, as after an old upload."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation.bandwidth import BandwidthDraw, apply
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_TOPS_HZ = (6000, 4000)
_EDGE = 0.05


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Bandwidth",
        "Everything above the stated frequency is taken out.",
        tuple(
            Condition(
                f"lowpass_{top // 1000}k",
                f"nothing above {top // 1000} kHz",
                partial(_cut, band=BandwidthDraw(0.0, float(top), _EDGE)),
            )
            for top in _TOPS_HZ
        ),
    )


def _cut(clip: Clip, rng: np.random.Generator, *, band: BandwidthDraw) -> Samples:
    del rng
    return apply(clip.samples, band, clip.sample_rate)
