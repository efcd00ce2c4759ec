"""Bandwidth: the top is missing, as after a low sample rate, and in a telephone the bottom, too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, check_share, log_uniform, uniform
from earwitness.augmentation._spectra import filtered, frequencies, good_length
from earwitness.records import Samples


@dataclass(frozen=True)
class BandwidthSettings:
    """Where the band ends.

    Attributes:
        high_hz: the range of the upper end; drawn equally often in each octave.
        edge: the range of the width of the edges, as a share of their frequency: steep as after a
            resampler, or gentle as in a cheap microphone.
        telephone_share: how often the bottom is cut off as well.
        low_hz: the range of the lower end.
    """

    high_hz: Range = (3400.0, 8000.0)
    edge: Range = (0.01, 0.15)
    telephone_share: float = 0.25
    low_hz: Range = (150.0, 350.0)

    def __post_init__(self) -> None:
        check_range("high_hz", self.high_hz, least=500)
        check_range("edge", self.edge, least=0.001, most=1)
        check_share("telephone_share", self.telephone_share)
        check_range("low_hz", self.low_hz, least=1)


@dataclass(frozen=True)
class BandwidthDraw:
    """A band; ``low_hz`` is 0 where the bottom stays."""

    low_hz: float
    high_hz: float
    edge: float


def draw(rng: np.random.Generator, settings: BandwidthSettings) -> BandwidthDraw:
    """Draw a band."""
    high_hz, edge = log_uniform(rng, settings.high_hz), log_uniform(rng, settings.edge)
    low_hz, is_telephone = uniform(rng, settings.low_hz), rng.random() < settings.telephone_share
    return BandwidthDraw(low_hz if is_telephone else 0.0, high_hz, edge)


def apply(samples: Samples, parameters: BandwidthDraw, sample_rate: int) -> Samples:
    """Cut the band out, with edges that are straight in amplitude."""
    length = good_length(len(samples))
    hz = frequencies(length, sample_rate)
    high, edge = parameters.high_hz, parameters.edge
    gains = np.clip((high * (1 + edge / 2) - hz) / np.float32(high * edge), 0, 1)
    if parameters.low_hz > 0:
        gains *= np.clip((hz - parameters.low_hz * 0.75) / np.float32(parameters.low_hz / 2), 0, 1)
    return filtered(samples, gains, length)


@AUGMENTATIONS.add
def build(settings: BandwidthSettings) -> Effect[BandwidthDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)
