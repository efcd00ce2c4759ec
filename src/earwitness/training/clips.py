"""Trials → clips in memory: decoded once, with the regions of speech that windows are cut from.

The sound is decoded and its speech found by rooms 1 and 2, as they are used for a verdict; what
was read is kept in a cache folder, since decoding eight hours takes minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earwitness.audio.read import open_recording
from earwitness.config import digest
from earwitness.errors import AudioError, UnreadableAudio
from earwitness.records import Samples, Segment, Trial
from earwitness.segmentation.vad import VoiceActivity
from earwitness.segmentation.windows import WindowSettings, split

Regions = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Clip:
    """A trial's sound.

    Attributes:
        trial: with its label.
        sound: all of it, shape (samples,), int16.
        regions: start and end of the stretches of speech that windows are cut from, in samples;
            all of the sound where no speech was heard.
    """

    trial: Trial
    sound: NDArray[np.int16]
    regions: Regions


def read_clips(
    trials: Sequence[Trial],
    *,
    sample_rate: int,
    windows: WindowSettings,
    cache: Path,
    on_clip: Callable[[int, int], None] | None = None,
) -> list[Clip]:
    """Read the sound of all trials, or take it from the cache.

    Args:
        trials: what to read; one that cannot be read is left out.
        sample_rate: in Hz.
        windows: how speech is cut, which tells where regions begin and end.
        cache: folder to keep the sound in.
        on_clip: told (clips read, clips in all) now and then.

    Raises:
        UnreadableAudio: not one of them can be read.
    """
    name = digest([trial.id for trial in trials], sample_rate, windows)
    sounds, table = cache / f"{name}.npy", cache / f"{name}.json"
    if not table.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _fill(trials, sample_rate, windows, sounds, table, on_clip or (lambda _done, _all: None))
    found = {row["id"]: row for row in json.loads(table.read_text(encoding="utf-8"))}
    sound = np.load(sounds, mmap_mode="r")
    return [
        Clip(
            trial,
            sound[found[trial.id]["start"] : found[trial.id]["end"]],
            tuple((start, end) for start, end in found[trial.id]["regions"]),
        )
        for trial in trials
        if trial.id in found
    ]


def segments_of(clip: Clip, windows: WindowSettings, *, sample_rate: int) -> list[Segment]:
    """Cut a clip into the windows that a verdict on it would hear."""
    return list(split([_as_float(clip.sound)], windows, VoiceActivity(), sample_rate=sample_rate))


def _fill(
    trials: Sequence[Trial],
    sample_rate: int,
    windows: WindowSettings,
    sounds: Path,
    table: Path,
    on_clip: Callable[[int, int], None],
) -> None:
    rows, pieces, refused, at = [], [], [], 0
    for number, trial in enumerate(trials, start=1):
        on_clip(number, len(trials))
        try:
            with open_recording(trial.path, sample_rate=sample_rate) as recording:
                sound = np.concatenate(list(recording.blocks()))
        except AudioError as exc:
            refused.append(exc)
            continue
        pieces.append((np.clip(sound, -1, 1) * (2**15 - 1)).astype(np.int16))
        regions = _regions(sound, windows, sample_rate)
        rows.append({"id": trial.id, "start": at, "end": at + len(sound), "regions": regions})
        at += len(sound)
    if not pieces:
        raise UnreadableAudio(f"None of {len(trials)} clips could be read: {refused[0]}")
    # Another process may be reading or writing the same: each writes a file of its own.
    partial = sounds.with_suffix(f".{os.getpid()}.partial")
    with partial.open("wb") as file:
        np.save(file, np.concatenate(pieces))
    partial.replace(sounds)
    partial.write_text(json.dumps(rows), encoding="utf-8")
    partial.replace(table)


def _regions(sound: Samples, windows: WindowSettings, sample_rate: int) -> Regions:
    """Join the windows of a verdict that touch: what they cover is what may be trained on."""
    joined: list[list[int]] = []
    for segment in split([sound], windows, VoiceActivity(), sample_rate=sample_rate):
        start, end = round(segment.start_s * sample_rate), round(segment.end_s * sample_rate)
        if joined and start <= joined[-1][1]:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return tuple((start, end) for start, end in joined) or ((0, len(sound)),)


def _as_float(sound: NDArray[np.int16]) -> Samples:
    return np.asarray(sound, np.float32) / np.float32(2**15)
