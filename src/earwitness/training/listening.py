"""Trials → rows of sound: decoded once into a cache that several runs share, then cut from there.

The cache is one file of int16 samples that is written clip by clip and mapped into memory, so that
a set may be larger than memory. Its name is a digest of what was read; processes that want the same
wait for the first one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from earwitness.audio.read import open_recording
from earwitness.audio.resample import QUALITY
from earwitness.config import digest
from earwitness.errors import AudioError, UnreadableAudio
from earwitness.records import Samples, Trial
from earwitness.segmentation.vad import VoiceActivity
from earwitness.segmentation.windows import WindowSettings, split
from earwitness.training.clips import Clip
from earwitness.training.recipes import DataSettings

OnClip = Callable[[int, int], None]
FULL_SCALE = np.float32(2**15)


@dataclass(frozen=True)
class Cache:
    """Where sound is kept, and in what form.

    Attributes:
        folder: holds one pair of files a set; several runs may share it.
        sample_rate: in Hz.
        speech_only: note where speech is heard, for windows of ``window_s``.
    """

    folder: Path
    sample_rate: int
    speech_only: bool = False
    window_s: float = 4.0


@dataclass(frozen=True)
class Heard:
    """What could be read of a list of trials.

    Attributes:
        clips: in the order of the list.
        unread: a sentence for each trial that could not be read.
    """

    clips: tuple[Clip, ...]
    unread: tuple[str, ...] = ()


def read_sounds(
    trials: Sequence[Trial], cache: Cache, *, on_clip: OnClip = lambda _done, _all: None
) -> Heard:
    """Read the sound of all trials, or take it from the cache.

    Args:
        trials: what to read.
        cache: where to keep it.
        on_clip: told (clips read, clips in all) after each.

    Raises:
        UnreadableAudio: not one of them can be read.
    """
    if not trials:
        return Heard(())
    files = [[one.id, str(one.path.resolve()), *_stamp(one.path)] for one in trials]
    windows = cache.window_s if cache.speech_only else None
    name = digest(files, cache.sample_rate, QUALITY, windows)
    sounds, table = cache.folder / f"{name}.pcm", cache.folder / f"{name}.json"
    if not table.exists():
        cache.folder.mkdir(parents=True, exist_ok=True)
        with _locked(cache.folder / f"{name}.lock"):
            if not table.exists():
                _fill(trials, cache, sounds, table, on_clip)
    return _heard(trials, json.loads(table.read_text(encoding="utf-8")), sounds)


def row_of(clip: Clip, samples: int, settings: DataSettings, rng: np.random.Generator) -> Samples:
    """Cut one row from a clip: (samples,) float32.

    Args:
        clip: what is heard; regions are drawn by their length.
        samples: how long the row is.
        settings: crop and padding.
        rng: draws the place, for a random crop.
    """
    start, end = clip.regions[0]
    if settings.crop == "random":
        lengths = np.array([end - start for start, end in clip.regions], np.float64)
        start, end = clip.regions[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
        start += int(rng.integers(max(0, end - start - samples) + 1))
    sound = clip.sound[start : min(end, start + samples)].astype(np.float32) / FULL_SCALE
    if settings.padding == "tile":
        return np.resize(sound, samples)
    return np.pad(sound, (0, samples - len(sound)))


def _stamp(path: Path) -> list[int]:
    try:
        facts = path.stat()
    except OSError:
        return []
    return [facts.st_size, facts.st_mtime_ns]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process of this machine in at a time; the lock goes with a process that dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        path.unlink(missing_ok=True)


def _fill(
    trials: Sequence[Trial], cache: Cache, sounds: Path, table: Path, on_clip: OnClip
) -> None:
    partial = sounds.with_suffix(f".{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            rows = _decoded(trials, cache, file, on_clip)
        partial.replace(sounds)
    finally:
        partial.unlink(missing_ok=True)
    partial.write_text(json.dumps(rows), encoding="utf-8")
    partial.replace(table)


def _decoded(
    trials: Sequence[Trial], cache: Cache, file: BinaryIO, on_clip: OnClip
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    at = 0
    for number, trial in enumerate(trials, start=1):
        try:
            with open_recording(trial.path, sample_rate=cache.sample_rate) as recording:
                sound = np.concatenate(list(recording.blocks()))
        except AudioError as exc:
            rows.append({"id": trial.id, "unread": str(exc)})
            continue
        _as_int16(sound).tofile(file)
        regions = _regions(sound, cache) if cache.speech_only else [(0, len(sound))]
        rows.append({"id": trial.id, "start": at, "end": at + len(sound), "regions": regions})
        at += len(sound)
        on_clip(number, len(trials))
    return rows


def _as_int16(sound: Samples) -> NDArray[np.int16]:
    return (np.clip(sound, -1.0, 1.0) * np.float32(2**15 - 1)).round().astype(np.int16)


def _regions(sound: Samples, cache: Cache) -> list[tuple[int, int]]:
    """Join the windows that a verdict would hear where they touch; all of it if there is none."""
    rate = cache.sample_rate
    windows = WindowSettings(length_s=cache.window_s, hop_s=cache.window_s / 2)
    joined: list[tuple[int, int]] = []
    for segment in split([sound], windows, VoiceActivity(), sample_rate=rate):
        start, end = round(segment.start_s * rate), round(segment.end_s * rate)
        if joined and start <= joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined or [(0, len(sound))]


def _heard(trials: Sequence[Trial], rows: Sequence[dict[str, Any]], sounds: Path) -> Heard:
    unread = tuple(row["unread"] for row in rows if "unread" in row)
    if len(unread) == len(rows):
        raise UnreadableAudio(f"None of {len(rows):,} clips could be read: {unread[0]}")
    sound = np.memmap(sounds, np.int16, mode="r")
    clips = [
        Clip(trial, sound[row["start"] : row["end"]], tuple(map(tuple, row["regions"])))
        for trial, row in zip(trials, rows, strict=True)
        if "unread" not in row
    ]
    return Heard(tuple(clips), unread)
