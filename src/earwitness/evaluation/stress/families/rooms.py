"""Rooms that answer longer and longer."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation.reverb import ReverbDraw, apply
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.records import Samples

# What each room is like → RT60 in seconds, and level of the direct sound over the tail in dB.
_ROOMS = {"office": (0.3, 3.0), "kitchen": (0.6, 0.0), "stairwell": (0.9, -3.0)}
_GAP_S, _DAMPING_HZ = 0.005, 5000.0


@FAMILIES.add
def family() -> Family:
    """List them."""
    return Family(
        "Rooms",
        "A simulated room: the direct sound and a tail of noise that falls by 60 dB in the stated "
        "time. The tail is another one for each clip.",
        tuple(
            Condition(
                f"room_{name}",
                f"{name}, RT60 {rt60_s} s",
                partial(_in_room, rt60_s=rt60_s, direct_db=direct_db),
            )
            for name, (rt60_s, direct_db) in _ROOMS.items()
        ),
    )


def _in_room(clip: Clip, rng: np.random.Generator, *, rt60_s: float, direct_db: float) -> Samples:
    room = ReverbDraw(rt60_s, direct_db, _GAP_S, _DAMPING_HZ, seed=int(rng.integers(2**32)))
    return apply(clip.samples, room, clip.sample_rate)
