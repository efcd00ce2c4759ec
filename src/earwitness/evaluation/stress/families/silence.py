"""Silence before the first word and after the last: taken away, or added."""

from __future__ import annotations

import numpy as np

from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.evaluation.stress.families._speech import extent
from earwitness.records import Samples

_ADDED_S = 1.0


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Silence",
        "How a recording starts and ends tells how a corpus was made, not who spoke.",
        (
            Condition(
                "ends_trimmed",
                "both ends cut to the speech",
                _trimmed,
                needs="some speech",
            ),
            Condition(
                "silence_added", f"{_ADDED_S:g} s of zeros added at both ends", _with_silence
            ),
        ),
    )


def _trimmed(clip: Clip, rng: np.random.Generator) -> Samples | None:
    del rng
    start, end = extent(clip)
    return clip.samples[start:end] if clip.speech else None


def _with_silence(clip: Clip, rng: np.random.Generator) -> Samples:
    del rng
    return np.pad(clip.samples, round(_ADDED_S * clip.sample_rate))
