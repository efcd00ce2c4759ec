"""Ends: digital silence and a drawn bit of both ends cut off, quiet ends too, the new ends faded.

How a recording starts and stops tells how a corpus was made, not who spoke: in ASVspoof 2019, how
long a file is quiet at its ends already tells bona fide from spoof (Müller et al. 2021, "Speech is
silver, silence is golden").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, check_share, uniform
from earwitness.records import Samples

_FRAME_S = 0.01


@dataclass(frozen=True)
class TrimSettings:
    """What is cut off.

    Attributes:
        cut_s: range of what is cut off at each end, after the silence.
        fade_share: how often the ends are faded.
        fade_s: range of how long that takes.
        quiet_share: how often quiet ends go as a whole, and not only digital silence.
        quiet_db: range of how far below the loudest hundredth of a second quiet is.
        pause_share: how often, then, pauses are cut short as well.
        pause_s: range of how long a pause may be then.
    """

    cut_s: Range = (0.0, 0.3)
    fade_share: float = 0.5
    fade_s: Range = (0.002, 0.1)
    quiet_share: float = 0.5
    quiet_db: Range = (30.0, 50.0)
    pause_share: float = 0.3
    pause_s: Range = (0.1, 0.4)

    def __post_init__(self) -> None:
        check_range("cut_s", self.cut_s, least=0)
        check_share("fade_share", self.fade_share)
        check_range("fade_s", self.fade_s, least=0)
        check_share("quiet_share", self.quiet_share)
        check_range("quiet_db", self.quiet_db, least=10, most=120)
        check_share("pause_share", self.pause_share)
        check_range("pause_s", self.pause_s, least=_FRAME_S)


@dataclass(frozen=True)
class TrimDraw:
    """What is cut.

    Attributes:
        start_s, end_s: seconds to cut at the start and the end.
        fade_s: to fade over; 0 for none.
        quiet_db: how far below the loudest quiet ends are; None where only digital silence goes.
        pause_s: how long a pause may be; None where pauses stay as they are.
    """

    start_s: float
    end_s: float
    fade_s: float
    quiet_db: float | None = None
    pause_s: float | None = None


def draw(rng: np.random.Generator, settings: TrimSettings) -> TrimDraw:
    """Draw cuts and a fade."""
    start_s, end_s = uniform(rng, settings.cut_s), uniform(rng, settings.cut_s)
    fade_s, is_faded = uniform(rng, settings.fade_s), rng.random() < settings.fade_share
    quiet_db, is_quiet_cut = uniform(rng, settings.quiet_db), rng.random() < settings.quiet_share
    pause_s, is_pause_cut = uniform(rng, settings.pause_s), rng.random() < settings.pause_share
    return TrimDraw(
        start_s=start_s,
        end_s=end_s,
        fade_s=fade_s if is_faded else 0.0,
        quiet_db=quiet_db if is_quiet_cut else None,
        pause_s=pause_s if is_quiet_cut and is_pause_cut else None,
    )


def apply(samples: Samples, parameters: TrimDraw, sample_rate: int) -> Samples:
    """Cut, fade, and repeat what is left up to the length that came in."""
    heard = _without_silence(samples, parameters, sample_rate)
    if len(heard) == 0:
        return samples.copy()
    start = round(parameters.start_s * sample_rate)
    end = len(heard) - round(parameters.end_s * sample_rate)
    # Where there is hardly anything, only the silence goes.
    rest = (heard[start:end] if start < end else heard).copy()
    fade = min(round(parameters.fade_s * sample_rate), len(rest) // 2)
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
    rest[:fade] *= ramp
    rest[len(rest) - fade :] *= ramp[::-1]
    return np.resize(rest, samples.shape)


@AUGMENTATIONS.add
def build(settings: TrimSettings) -> Effect[TrimDraw]:
    """Build the effect."""
    return Effect(partial(draw, settings=settings), apply)


def _without_silence(samples: Samples, cut: TrimDraw, sample_rate: int) -> Samples:
    """Cut digital silence off both ends; quiet ends and long pauses too, where that was drawn."""
    heard = np.flatnonzero(samples)
    if len(heard) == 0:
        return samples[:0]
    sound = samples[heard[0] : heard[-1] + 1]
    if cut.quiet_db is None:
        return sound
    frame = max(1, round(_FRAME_S * sample_rate))
    loud = np.flatnonzero(_are_loud(sound, frame, cut.quiet_db))
    if cut.pause_s is None:
        return sound[loud[0] * frame : (loud[-1] + 1) * frame]
    stays = np.repeat(_near(loud, round(cut.pause_s / _FRAME_S)), frame)[: len(sound)]
    return sound[: len(stays)][stays]


def _are_loud(sound: Samples, frame: int, quiet_db: float) -> NDArray[np.bool_]:
    """Say of each frame whether it is loud; at least one always is."""
    padded = np.pad(sound.astype(np.float64), (0, -len(sound) % frame))
    power = np.square(padded.reshape(-1, frame)).mean(axis=1)
    return np.asarray(power >= power.max() * 10 ** (-quiet_db / 10))


def _near(loud: NDArray[np.intp], pause: int) -> NDArray[np.bool_]:
    """Say of each frame whether it is loud or in a pause, half of which stays on either side."""
    frames = np.arange(loud[-1] + 1)
    after = np.searchsorted(loud, frames)
    since, until = frames - loud[np.maximum(after - 1, 0)], loud[after] - frames
    return np.asarray((frames >= loud[0]) & ((since <= (pause + 1) // 2) | (until <= pause // 2)))
