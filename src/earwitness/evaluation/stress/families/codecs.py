"""Codecs of messengers, video sites and downloads, at falling bit rates."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation.codec import CodecDraw, apply
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.evaluation.stress.families._encoders import missing
from earwitness.records import Samples

_CODECS = {"mp3": ("MP3", (64, 32)), "aac": ("AAC", (64, 32)), "opus": ("Opus", (24, 12, 6))}


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Codecs",
        "The sound is encoded at the stated bit rate, for one channel at the detector's sample "
        "rate, and decoded again.",
        tuple(
            Condition(
                f"{codec}_{kbits}k",
                f"{title}, {kbits} kbit/s",
                partial(_through, draw=CodecDraw(codec, 1000 * kbits)),
                missing=missing(codec),
            )
            for codec, (title, rates) in _CODECS.items()
            for kbits in rates
        ),
    )


def _through(clip: Clip, rng: np.random.Generator, *, draw: CodecDraw) -> Samples:
    del rng  # an encoder leaves nothing to chance
    return apply(clip.samples, draw, clip.sample_rate)
