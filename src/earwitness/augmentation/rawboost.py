"""RawBoost (Tak et al., ICASSP 2022): filters, clicks and coloured noise, without any other data.

Three kinds: linear and non-linear convolutive noise (LnL), impulsive signal-dependent noise (ISD)
and stationary signal-independent noise (SSI). The paper's numbers of the combinations are kept: 0
nothing, 1 LnL, 2 ISD, 3 SSI, 4 all three in a row, 5 LnL and ISD, 6 LnL and SSI, 7 ISD and SSI,
8 LnL and ISD side by side.

The chance comes from numpy's legacy stream, in the order of the reference's calls, so that a seed
gives the sound that it gives there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_choices, check_range, choice, seed
from earwitness.errors import SettingsError
from earwitness.records import Samples

Sound: TypeAlias = NDArray[np.floating]

ALGORITHMS = tuple(range(9))
_BLOCK = 4096


@dataclass(frozen=True)
class RawboostSettings:
    """The paper's settings; ``algorithms`` are drawn equally often.

    Attributes:
        bands: notches of a filter; ``centre_hz``, ``width_hz``, ``taps``: where, how wide, how
            long each of them is.
        gain_db: of a filter; ``powers``: filters, one for each power of the sound;
            ``power_loss_db``: by how much the powers above the first are softer.
        clicks_percent: at most so many samples get a click, ``click_gain`` times as high at most.
        snr_db: of the stationary noise.
    """

    algorithms: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    bands: int = 5
    centre_hz: Range = (20.0, 8000.0)
    width_hz: Range = (100.0, 1000.0)
    taps: Range = (10.0, 100.0)
    gain_db: Range = (0.0, 0.0)
    powers: int = 5
    power_loss_db: Range = (5.0, 20.0)
    clicks_percent: float = 10.0
    click_gain: float = 2.0
    snr_db: Range = (10.0, 40.0)

    def __post_init__(self) -> None:
        check_choices("algorithms", self.algorithms, ALGORITHMS)
        check_range("centre_hz", self.centre_hz, least=0)
        check_range("width_hz", self.width_hz, least=1)
        check_range("taps", self.taps, least=1, most=400)
        check_range("gain_db", self.gain_db)
        check_range("power_loss_db", self.power_loss_db)
        check_range("clicks_percent", (0.0, self.clicks_percent), most=100)
        check_range("snr_db", self.snr_db)
        if self.bands < 1 or self.powers < 1:
            raise SettingsError(
                f"bands ({self.bands}) and powers ({self.powers}) must be at least 1."
            )


@dataclass(frozen=True)
class RawboostDraw:
    """An algorithm, and the seed of all its chance."""

    algorithm: int
    seed: int
    settings: RawboostSettings = field(default_factory=RawboostSettings)


def draw(rng: np.random.Generator, settings: RawboostSettings) -> RawboostDraw:
    """Draw an algorithm and a seed."""
    return RawboostDraw(choice(rng, settings.algorithms), seed(rng), settings)


def apply(samples: Samples, parameters: RawboostDraw, sample_rate: int) -> Samples:
    """Distort; see ``distorted``."""
    return distorted(samples, parameters, sample_rate).astype(np.float32)


def distorted(samples: Samples, parameters: RawboostDraw, sample_rate: int) -> Sound:
    """Distort as precisely as the reference does, which rounds clicks to what it was given.

    The parts follow each other, but for number 8, where they stand side by side.

    Returns:
        Shape (samples,), float64; float32 only where no part but clicks touched a float32 sound.
    """
    chance = np.random.RandomState(parameters.seed)
    room = _Room(chance, parameters.settings, sample_rate)
    lnl, isd, ssi = room.convolutive, room.impulsive, room.stationary
    steps = {1: (lnl,), 2: (isd,), 3: (ssi,), 4: (lnl, isd, ssi), 5: (lnl, isd), 6: (lnl, ssi)}
    steps[7] = (isd, ssi)
    sound: Sound = samples
    if parameters.algorithm == 8:
        sound = _within_full_scale(lnl(sound) + isd(sound))
    for step in steps.get(parameters.algorithm, ()):
        sound = step(sound)
    return sound


@AUGMENTATIONS.add
def build(settings: RawboostSettings) -> Effect[RawboostDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


@dataclass(frozen=True)
class _Room:
    """The three kinds of noise, over one stream of chance."""

    chance: np.random.RandomState
    settings: RawboostSettings
    sample_rate: int

    def convolutive(self, sound: Sound) -> Sound:
        """LnL: sum up powers of the sound, each through notch filters of its own."""
        told, filters = self.settings, []
        powers: list[Sound] = [sound.astype(np.float64)]
        low, high = told.gain_db
        for power in range(told.powers):
            if power == 1:
                low, high = low - told.power_loss_db[0], high - told.power_loss_db[1]
            if power:
                powers.append(powers[-1] * sound)
            filters.append(self._notches(low, high))
        summed = _filtered(powers, filters)
        return _within_full_scale(summed - summed.mean())

    def impulsive(self, sound: Sound) -> Sound:
        """ISD: add clicks at random places, in proportion to the sound there."""
        told, samples = self.settings, len(sound)
        clicks = int(samples * (self._uniform(0, told.clicks_percent) / 100))
        places = self.chance.permutation(samples)[:clicks]
        heights = (2 * self.chance.rand(clicks) - 1) * (2 * self.chance.rand(clicks) - 1)
        clicked = sound.copy()
        clicked[places] += told.click_gain * sound[places] * heights
        return _within_full_scale(clicked)

    def stationary(self, sound: Sound) -> Sound:
        """SSI: add white noise through notch filters, at a drawn signal-to-noise ratio."""
        noise: Sound = self.chance.normal(0, 1, len(sound))
        noise = _filtered([noise], [self._notches(*self.settings.gain_db)])
        snr_db = self._uniform(*self.settings.snr_db)
        level = np.linalg.norm(sound.astype(np.float64)) / max(float(np.linalg.norm(noise)), 1e-12)
        return sound + noise * (level / 10 ** (0.05 * snr_db))

    def _notches(self, low_db: float, high_db: float) -> Sound:
        """Draw a linear-phase filter with several notches."""
        told, half = self.settings, self.sample_rate / 2
        taps: Sound = np.ones(1)
        for _ in range(told.bands):
            centre, width = self._uniform(*told.centre_hz), self._uniform(*told.width_hz)
            length = int(self._uniform(*told.taps)) | 1
            low, high = centre - width / 2, centre + width / 2
            low = 1e-3 if low <= 0 else low
            high = half - 1e-3 if high >= half else high
            taps = np.convolve(_notch(length, low / half, high / half), taps)
        gain = 10.0 ** (self._uniform(low_db, high_db) / 20)
        highest = float(np.abs(np.fft.rfft(taps, 1024)[:512]).max())
        return np.asarray(taps * (gain / highest))

    def _uniform(self, low: float, high: float) -> float:
        return float(self.chance.uniform(low, high))


def _notch(length: int, low: float, high: float) -> Sound:
    """Design one notch: an ideal band stop under a Hamming window, with a gain of 1 at 0 Hz."""
    at = np.arange(length) - (length - 1) / 2
    ideal = low * np.sinc(low * at) + np.sinc(at) - high * np.sinc(high * at)
    taps = ideal * np.hamming(length)
    return np.asarray(taps / taps.sum())


def _filtered(sounds: list[Sound], filters: list[Sound]) -> Sound:
    """Sum up sounds, each through its filter, as long as they are and one sample early.

    Block by block (overlap-add), one sound after the other: each fits the processor's cache.
    """
    samples, longest = len(sounds[0]), max(map(len, filters))
    length = max(_BLOCK, 1 << (2 * longest).bit_length())
    hop = length - longest + 1
    count = -(-samples // hop)
    blocks = np.zeros((count, hop))
    bins = np.zeros((count, length // 2 + 1), np.complex128)
    for sound, taps in zip(sounds, filters, strict=True):
        blocks.reshape(-1)[:samples] = sound
        ahead = (longest - len(taps)) // 2
        bins += np.fft.rfft(blocks, length) * np.fft.rfft(np.pad(taps, (ahead, 0)), length)
    through = np.fft.irfft(bins, length)
    joined = np.zeros((count + 1, hop))
    joined[:-1] = through[:, :hop]
    joined[1:, : longest - 1] += through[:, hop:]
    start = (longest + 1) // 2
    return np.pad(joined.ravel(), (0, 1))[start : start + samples]


def _within_full_scale(sound: Sound) -> Sound:
    peak = float(np.abs(sound).max(initial=0))
    return sound / peak if peak > 1 else sound
