"""Speed: played faster or slower, so that pitch moves, too."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_PER_CENT = (110, 90)


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Speed",
        "Played at another speed, as a tape would be: duration, tempo and pitch change together.",
        tuple(
            Condition(
                f"speed_{percent}",
                f"{percent / 100:.1f} times the speed",
                partial(_played, percent=percent),
            )
            for percent in _PER_CENT
        ),
    )


def _played(clip: Clip, rng: np.random.Generator, *, percent: int) -> Samples:
    del rng
    return resample(clip.samples, percent, 100)
