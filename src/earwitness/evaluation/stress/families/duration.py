"""Duration: only so many seconds of the recording are there, cut where somebody speaks."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.evaluation.stress.families._speech import extent, is_speech
from earwitness.records import Samples

_SECONDS = (8.0, 4.0, 2.0, 1.0, 0.5)
_GRID_S = 0.05
_NEAR_THE_BEST = 0.9  # stretches with so much of the most speech that can be had are drawn from


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Duration",
        "One stretch between the first and the last word, drawn from those with the most speech "
        "in it. Clips that are shorter are left out, here and of the clean trials beside it.",
        tuple(
            Condition(
                f"duration_{seconds:g}s".replace(".", "_"),
                f"{seconds:g} s of it",
                partial(_cut, seconds=seconds),
                needs=f"at least {seconds:g} s from the first word to the last",
            )
            for seconds in _SECONDS
        ),
    )


def _cut(clip: Clip, rng: np.random.Generator, *, seconds: float) -> Samples | None:
    length = round(seconds * clip.sample_rate)
    first, last = extent(clip)
    if not clip.speech or last - first < length:
        return None
    starts = np.arange(first, last - length + 1, max(1, round(_GRID_S * clip.sample_rate)))
    up_to = np.concatenate([[0], np.cumsum(is_speech(clip))])
    speech = up_to[starts + length] - up_to[starts]
    start = int(rng.choice(starts[speech >= _NEAR_THE_BEST * speech.max()]))
    return clip.samples[start : start + length]
