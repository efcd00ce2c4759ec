"""Played back over a small loudspeaker and recorded again."""

from __future__ import annotations

import numpy as np

from earwitness.augmentation.playback import PlaybackSettings, apply, draw
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_SETTINGS = PlaybackSettings()


@FAMILIES.add
def family() -> Family:
    """List it."""
    return Family(
        "Playback",
        "A small loudspeaker, a room and a microphone, drawn anew for each clip. Labels stay: "
        "asked is who spoke, not whether the voice came out of a loudspeaker.",
        (Condition("loudspeaker", "loudspeaker to microphone", _played),),
    )


def _played(clip: Clip, rng: np.random.Generator) -> Samples:
    return apply(clip.samples, draw(rng, _SETTINGS), clip.sample_rate)
