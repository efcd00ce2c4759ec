"""Small things to train on and with: clips whose labels are easy to hear, and tiny recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earwitness import config
from earwitness.records import Label, Trial
from earwitness.training.clips import Clip
from earwitness.training.settings import TrainingSettings

RATE = 16_000

# 6 * bins - 2 + cepstra rows, of which the first ``bins`` are log power; bins = size // 2 + 1.
FINE = {
    "frontend": "spectrum",
    "backend": "statistics",
    "frontend_settings": {"size": 64, "hop": 64, "cepstra": 4},
    "backend_settings": {"rows": 200, "power_rows": 33, "hidden": 8, "dropout": 0.1},
}
COARSE = {
    "frontend": "spectrum",
    "backend": "statistics",
    "frontend_settings": {"size": 32, "hop": 32, "cepstra": 2},
    "backend_settings": {"rows": 102, "power_rows": 17, "hidden": 8, "dropout": 0.1},
}


def recipe(**changes: Any) -> TrainingSettings:
    """Give a recipe that a test trains in a second; changes replace tables of it."""
    table: dict[str, Any] = {
        "name": "tiny",
        "title": "Two small spectra",
        "seed": 3,
        "epochs": 2,
        "branches": [FINE, COARSE],
        "augmentation": [{"name": "gain", "share": 0.5}, {"name": "noise", "share": 0.5}],
        "sampling": {"batch": 6, "shortest_s": 0.3, "longest_s": 0.5, "augmented_share": 0.5},
        "optimiser": {"pretrained_rate": 1e-3, "head_rate": 3e-3},
    }
    return config.settings(TrainingSettings, {**table, **changes}, where="tiny recipe")


def trial(name: str, label: Label, *, page: str = "owner/page", **meta: str) -> Trial:
    is_spoof = label is Label.SPOOF
    columns = {"attack_type": "tts" if is_spoof else "-", "system": "S" if is_spoof else "-"}
    return Trial(name, Path(name), label, "train", {"page": page, **columns, **meta})


def rumble(rng: np.random.Generator, seconds: float) -> NDArray[np.int16]:
    """Low noise: what bona fide sounds like here."""
    noise = np.cumsum(rng.normal(size=int(seconds * RATE)))
    noise = noise - np.convolve(noise, np.full(400, 1 / 400), "same")
    return as_int16(0.2 * noise / np.abs(noise).max())


def hiss(rng: np.random.Generator, seconds: float) -> NDArray[np.int16]:
    """White noise: what a spoof sounds like here."""
    return as_int16(0.05 * rng.normal(size=int(seconds * RATE)))


def as_int16(sound: NDArray[np.floating]) -> NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def clip(one: Trial, sound: NDArray[np.int16], *regions: tuple[int, int]) -> Clip:
    return Clip(one, sound, regions or ((0, len(sound)),))


def easy_clips(count: int = 24, *, seconds: float = 0.7, seed: int = 1) -> list[Clip]:
    """Make clips in turn bona fide (a rumble) and spoof (a hiss), on a few pages."""
    rng = np.random.default_rng(seed)
    clips = []
    for number in range(count):
        label = Label.SPOOF if number % 2 else Label.BONA_FIDE
        sound = hiss(rng, seconds) if number % 2 else rumble(rng, seconds)
        page = f"owner{number // 2 % 4}/page"
        one = trial(f"{number:02}.wav", label, page=page, system="-" if not number % 2 else page)
        clips.append(clip(one, sound))
    return clips
