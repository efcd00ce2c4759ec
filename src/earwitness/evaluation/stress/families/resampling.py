"""Resampling: a detour over another sample rate, well done, which should not matter at all."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_RATES_HZ = (44_100, 22_050, 11_025)


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Resampling",
        "There and back with a good resampler. Only a rate below the detector's takes anything "
        "away.",
        tuple(
            Condition(
                f"over_{rate // 1000}k", f"over {rate / 1000:g} kHz", partial(_over, rate=rate)
            )
            for rate in _RATES_HZ
        ),
    )


def _over(clip: Clip, rng: np.random.Generator, *, rate: int) -> Samples:
    del rng
    return resample(resample(clip.samples, clip.sample_rate, rate), rate, clip.sample_rate)
