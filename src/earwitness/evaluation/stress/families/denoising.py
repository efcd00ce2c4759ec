"""Denoising, as calls and editors do it."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation.denoise import DenoiseDraw, apply
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

_GATES = {
    "gentle": DenoiseDraw(quiet_share=0.1, above=1.5, reduction_db=12.0),
    "hard": DenoiseDraw(quiet_share=0.2, above=2.5, reduction_db=24.0),
}


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Denoising",
        "A spectral gate: what does not stand out of each band's quiet moments is turned down, by "
        "12 dB (gentle) or 24 dB (hard).",
        tuple(
            Condition(f"denoised_{name}", f"{name} spectral gate", partial(_gated, gate=gate))
            for name, gate in _GATES.items()
        ),
    )


def _gated(clip: Clip, rng: np.random.Generator, *, gate: DenoiseDraw) -> Samples:
    del rng
    return apply(clip.samples, gate, clip.sample_rate)
