"""Clips that sound a little like speech, with what is planted in them known to the sample."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from earwitness.records import Label, Trial

RATE = 16000


def voice(seed=0, *, seconds=1.5, rate=RATE, level=0.1, floor=1e-3):
    """Give syllables of band-limited noise over a floor of faint noise."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    spectrum *= 1 / (1 + np.square(hertz / 1500))
    noise = np.fft.irfft(spectrum, count)
    steps = rng.uniform(0.2, 1.0, size=max(2, round(seconds * 8)))
    swell = np.interp(np.linspace(0, len(steps) - 1, count), np.arange(len(steps)), steps)
    sound = noise * swell / np.std(noise * swell) * level
    return (sound + floor * rng.standard_normal(count)).astype(np.float32)


def written(path: Path, sound, *, rate=RATE, subtype=None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.clip(sound, -1, 1), rate, subtype)
    return path


def trial(path: Path, label: Label, *, partition="eval", **meta) -> Trial:
    return Trial(f"{path.parent.name}/{path.name}", path, label, partition, meta)


def folder(root: Path, sounds: Sequence, label: Label, suffix=".wav") -> list[Trial]:
    """Write sounds into a folder of one label."""
    name = "Real" if label is Label.BONA_FIDE else "Fake"
    return [
        trial(written(root / name / f"{name}{at:03}{suffix}", sound), label)
        for at, sound in enumerate(sounds)
    ]
