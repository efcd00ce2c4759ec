"""Codecs: what telephones, messengers and video sites do to speech, at drawn bit rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.audio.codecs import CODECS, transcode
from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_choices, check_range, choice, log_uniform
from earwitness.records import Samples

# What is in use for speech, in bit/s. The codecs that are not here have no choice.
_BIT_RATES: dict[str, Range] = {
    "mp3": (16_000, 128_000),
    "aac": (16_000, 96_000),
    "opus": (8_000, 48_000),
    "vorbis": (24_000, 96_000),
    "amr_nb": (4_750, 12_200),
}


@dataclass(frozen=True)
class CodecSettings:
    """Which codecs.

    Attributes:
        codecs: drawn equally often; one that is named twice is drawn twice as often.
        rate_scale: all bit rates are drawn between this many times the lowest and the highest
            that are in use for speech.
    """

    codecs: tuple[str, ...] = tuple(CODECS)
    rate_scale: Range = (1.0, 1.0)

    def __post_init__(self) -> None:
        check_choices("codecs", self.codecs, tuple(CODECS))
        check_range("rate_scale", self.rate_scale, least=0.25, most=4)


@dataclass(frozen=True)
class CodecDraw:
    """A codec, and its bit rate in bit/s (None where it has no choice)."""

    codec: str
    bit_rate: int | None


def draw(rng: np.random.Generator, settings: CodecSettings) -> CodecDraw:
    """Draw a codec and a bit rate, equally often in each octave."""
    codec = choice(rng, settings.codecs)
    if codec not in _BIT_RATES:
        return CodecDraw(codec, None)
    low, high = _BIT_RATES[codec]
    scaled = (low * settings.rate_scale[0], high * settings.rate_scale[1])
    return CodecDraw(codec, round(log_uniform(rng, scaled)))


def apply(samples: Samples, parameters: CodecDraw, sample_rate: int) -> Samples:
    """Send the sound through the codec and back."""
    return transcode(samples, sample_rate, parameters.codec, parameters.bit_rate)


@AUGMENTATIONS.add
def build(settings: CodecSettings) -> Effect[CodecDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
