"""Babble: several people talk behind a voice, too many to be understood.

From a folder of recordings; without one, from the sound itself, several times over, each copy moved
and at a speed of its own, so that it has another pitch and other formants. Other clips of a batch
are not taken: they would put synthesised voices behind bona fide speech, and the reverse, and what
a clip sounds like would depend on which others it happens to lie beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.audio.resample import resample
from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, log_uniform, uniform
from earwitness.augmentation._recordings import Piece, draw_piece, heard, recordings_in
from earwitness.augmentation._spectra import at_level, rms
from earwitness.errors import SettingsError
from earwitness.records import Samples


@dataclass(frozen=True)
class BabbleSettings:
    """How many talk, and how loud.

    Attributes:
        snr_db: level of the sound over that of all talkers together.
        talkers: the fewest and the most.
        speed: range of the speed of a copy; recordings of a folder keep theirs.
        folder: of recordings of speech, best of bona fide speech only; empty for copies.
    """

    snr_db: Range = (10.0, 30.0)
    talkers: tuple[int, int] = (3, 7)
    speed: Range = (0.75, 1.35)
    folder: str = ""

    def __post_init__(self) -> None:
        check_range("snr_db", self.snr_db)
        if not 1 <= self.talkers[0] <= self.talkers[1] <= 20:
            raise SettingsError(f"talkers {self.talkers} must run upwards within 1 and 20.")
        check_range("speed", self.speed, least=0.5, most=2)


@dataclass(frozen=True)
class Talker:
    """One of those who talk: a recording, or a copy moved by a share of its length."""

    speed: float
    moved: float
    recorded: Piece | None = None


@dataclass(frozen=True)
class BabbleDraw:
    """All who talk, each as loud as the others."""

    snr_db: float
    talkers: tuple[Talker, ...]


def draw(
    rng: np.random.Generator, settings: BabbleSettings, paths: tuple[str, ...] = ()
) -> BabbleDraw:
    """Draw a level and who talks; recordings at ``paths`` where there are any."""
    snr_db, (fewest, most) = uniform(rng, settings.snr_db), settings.talkers
    talkers = tuple(
        Talker(
            log_uniform(rng, settings.speed),
            float(rng.random()),
            draw_piece(rng, paths) if paths else None,
        )
        for _ in range(int(rng.integers(fewest, most + 1)))
    )
    return BabbleDraw(snr_db, talkers)


def apply(samples: Samples, parameters: BabbleDraw, sample_rate: int) -> Samples:
    """Let them talk behind the sound; behind silence nobody does."""
    level = rms(samples)
    babble = np.zeros(len(samples), np.float32)
    for talker in parameters.talkers:
        babble += at_level(_voice(samples, talker, sample_rate), level)
    return samples + at_level(babble, level * 10 ** (-parameters.snr_db / 20))


@AUGMENTATIONS.add
def build(settings: BabbleSettings) -> Effect[BabbleDraw]:
    """Build the effect."""
    paths = recordings_in(settings.folder) if settings.folder else ()
    return Effect(partial(draw, settings=settings, paths=paths), apply)


def _voice(samples: Samples, talker: Talker, sample_rate: int) -> Samples:
    if talker.recorded is not None:
        return heard(talker.recorded, len(samples), sample_rate)
    played = resample(samples, round(sample_rate * talker.speed), sample_rate)
    copy = np.resize(played if len(played) else samples, samples.shape)
    return np.roll(copy, int(talker.moved * len(copy)))
