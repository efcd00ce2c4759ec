"""Noise at falling signal-to-noise ratios: white, pink, and other people talking."""

from __future__ import annotations

from functools import partial

import numpy as np

from earwitness.augmentation._spectra import at_level, rms
from earwitness.augmentation.noise import NoiseDraw, apply
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, Family
from earwitness.evaluation.stress.families._speech import spoken
from earwitness.records import Samples

_SNRS_DB = (20, 10, 5, 0)
_COLOURS = ("white", "pink")
_TALKERS, _FEWEST_TALKERS = 6, 3


@FAMILIES.add
def family() -> Family:
    """List them."""
    coloured = (
        Condition(
            f"{colour}_noise_{snr_db}db",
            f"{colour} noise, {snr_db} dB",
            partial(_coloured, colour=colour, snr_db=snr_db),
        )
        for colour in _COLOURS
        for snr_db in _SNRS_DB
    )
    babble = (
        Condition(
            f"babble_{snr_db}db",
            f"babble, {snr_db} dB",
            partial(_babble, snr_db=snr_db),
            needs=f"bona fide clips of at least {_FEWEST_TALKERS} others to make babble of",
        )
        for snr_db in _SNRS_DB
    )
    return Family(
        "Noise",
        "The ratio is that of the speech, without its pauses, to the noise. Babble is up to "
        f"{_TALKERS} bona fide clips of other kin from the same trials, mixed.",
        (*coloured, *babble),
    )


def _coloured(clip: Clip, rng: np.random.Generator, *, colour: str, snr_db: float) -> Samples:
    whole, speech = rms(clip.samples), rms(spoken(clip))
    if whole == 0:
        return clip.samples
    # The effect measures the whole sound; a clip with long pauses would get off lightly.
    quieter_db = float(20 * np.log10(speech / whole))
    draw = NoiseDraw(colour, snr_db - quieter_db, int(rng.integers(2**32)))
    return apply(clip.samples, draw, clip.sample_rate)


def _babble(clip: Clip, rng: np.random.Generator, *, snr_db: float) -> Samples | None:
    if len(clip.others) < _FEWEST_TALKERS:
        return None
    count = min(_TALKERS, len(clip.others))
    talkers = rng.choice(len(clip.others), size=count, replace=False)
    crowd = np.zeros_like(clip.samples)
    for at in talkers:
        crowd += at_level(_from_anywhere(clip.others[int(at)], len(clip.samples), rng), 1.0)
    return clip.samples + at_level(crowd, rms(spoken(clip)) * 10 ** (-snr_db / 20))


def _from_anywhere(voice: Samples, samples: int, rng: np.random.Generator) -> Samples:
    """Let a voice start somewhere in its speech, and go round until the clip is over."""
    return np.resize(np.roll(voice, -int(rng.integers(len(voice)))), samples)
