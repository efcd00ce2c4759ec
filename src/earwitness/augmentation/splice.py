"""Splices: pieces of a sound are cut out and joined in another order, as an editor would.

Nothing is added, so whoever spoke, or whatever synthesised, is still the same; only the joints are
new, and they are in both classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, check_share, uniform
from earwitness.errors import SettingsError
from earwitness.records import Samples


@dataclass(frozen=True)
class SpliceSettings:
    """How many cuts, and how well they are hidden.

    Attributes:
        cuts: at most so many, at least one.
        hard_share: how often pieces are joined as they are; else one fades into the next.
        fade_s: range of how long that takes.
    """

    cuts: int = 3
    hard_share: float = 0.3
    fade_s: Range = (0.002, 0.03)

    def __post_init__(self) -> None:
        if self.cuts < 1:
            raise SettingsError(f"cuts ({self.cuts}) must be at least 1.")
        check_share("hard_share", self.hard_share)
        check_range("fade_s", self.fade_s, least=0, most=0.5)


@dataclass(frozen=True)
class SpliceDraw:
    """One edit.

    Attributes:
        places: of the cuts, as shares of the sound, ascending.
        order: in which the pieces follow each other.
        fade_s: over which one fades into the next; 0 for a hard cut.
    """

    places: tuple[float, ...]
    order: tuple[int, ...]
    fade_s: float


def draw(rng: np.random.Generator, settings: SpliceSettings) -> SpliceDraw:
    """Draw cuts and an order that is not the old one."""
    cuts = 1 + int(rng.integers(settings.cuts))
    places = tuple(sorted(float(place) for place in rng.random(cuts)))
    order = rng.permutation(cuts + 1)
    if (order == np.arange(cuts + 1)).all():
        order = np.roll(order, 1)
    fade_s, is_hard = uniform(rng, settings.fade_s), rng.random() < settings.hard_share
    return SpliceDraw(places, tuple(order.tolist()), 0.0 if is_hard else fade_s)


def apply(samples: Samples, parameters: SpliceDraw, sample_rate: int) -> Samples:
    """Cut and join; while one piece fades into the next, both go on beyond their cuts."""
    whole = len(samples)
    cuts = [0, *(round(place * whole) for place in parameters.places), whole]
    half = round(parameters.fade_s * sample_rate / 2)
    around = np.pad(samples, half, mode="symmetric")  # beyond an end there is but its mirror
    joined = np.zeros(whole + 2 * half, np.float32)
    at = 0
    for turn, piece in enumerate(parameters.order):
        start, end = cuts[piece], cuts[piece + 1]
        sound = around[start : end + 2 * half].copy()
        ramp = np.linspace(0, 1, 2 * half + 2, dtype=np.float32)[1:-1]
        if turn > 0:
            sound[: 2 * half] *= ramp
        if turn < len(parameters.order) - 1:
            sound[len(sound) - 2 * half :] *= ramp[::-1]
        joined[at : at + len(sound)] += sound
        at += end - start
    return joined[half : half + whole]


@AUGMENTATIONS.add
def build(settings: SpliceSettings) -> Effect[SpliceDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
