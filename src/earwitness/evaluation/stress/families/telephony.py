"""Telephones: the narrow band, and the codecs of wires, desks and mobiles."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.augmentation import bandwidth, codec
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.evaluation.stress.families._encoders import missing
from earwitness.records import Samples

_RATE = 8000
_BAND = bandwidth.BandwidthDraw(low_hz=300.0, high_hz=3400.0, edge=0.05)
# Name of the condition → title, name of the codec, bit/s (None where there is no choice), and
# whether it carries the narrow band only.
_CODECS = {
    "g722": ("G.722, wide band", "g722", None, False),
    "g711_a_law": ("G.711 A-law", "g711a", None, True),
    "g711_mu_law": ("G.711 µ-law", "g711u", None, True),
    "amr_12k2": ("AMR-NB, 12.2 kbit/s", "amr_nb", 12_200, True),
    "amr_4k75": ("AMR-NB, 4.75 kbit/s", "amr_nb", 4_750, True),
}


@FAMILIES.add
def family() -> Family:
    """List them."""
    codecs = (
        Condition(
            name,
            title,
            partial(_call, draw=codec.CodecDraw(known, bit_rate), is_narrow=is_narrow),
            missing=missing(known),
        )
        for name, (title, known, bit_rate, is_narrow) in _CODECS.items()
    )
    return Family(
        "Telephony",
        "8 kHz sampling and the band from 300 to 3,400 Hz, then the codec. G.722 carries the wide "
        "band.",
        (Condition("telephone_band", "8 kHz, 300 to 3,400 Hz", _narrow), *codecs),
    )


def _narrow(clip: Clip, rng: np.random.Generator) -> Samples:
    """Go over a telephone's sample rate and band."""
    del rng
    there = resample(clip.samples, clip.sample_rate, _RATE)
    back = resample(bandwidth.apply(there, _BAND, _RATE), _RATE, clip.sample_rate)
    return np.pad(back, (0, max(0, len(clip.samples) - len(back))))[: len(clip.samples)]


def _call(
    clip: Clip, rng: np.random.Generator, *, draw: codec.CodecDraw, is_narrow: bool
) -> Samples:
    sound = _narrow(clip, rng) if is_narrow else clip.samples
    return codec.apply(sound, draw, clip.sample_rate)
