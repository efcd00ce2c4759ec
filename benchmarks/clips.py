"""Real speech to measure with: clips of exactly four seconds, from the corpus or the examples."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soundfile
from machine import ROOT

SECONDS = 4.0
EXAMPLES = ROOT / "examples"
CORPUS = Path(os.environ.get("EARWITNESS_SHARED", ROOT.parent / "shared")) / "corpus"


def write_clips(folder: Path, count: int) -> str:
    """Write ``count`` clips, WAV and FLAC in turn, and say what they were cut from."""
    from_corpus = list(islice(corpus_files(), count))
    origin = "corpus" if from_corpus else "examples"
    pieces = corpus_pieces(from_corpus) if from_corpus else example_pieces()
    for number, (samples, rate) in enumerate(islice(pieces, count)):
        suffix = ("wav", "flac")[number % 2]
        soundfile.write(folder / f"clip_{number:04d}.{suffix}", samples, rate, subtype="PCM_16")
    return origin


def corpus_files() -> Iterator[Path]:
    """Name the training clips that are long enough, if the corpus is here."""
    manifest = CORPUS / "manifest.tsv"
    if not manifest.exists():
        return
    with manifest.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if row["split"] == "train" and float(row["seconds"]) > SECONDS:
                yield CORPUS / row["path"]


def corpus_pieces(paths: list[Path]) -> Iterator[tuple[np.ndarray, int]]:
    for path in cycle(paths):
        yield first_seconds(path, start_s=0.0)


def example_pieces() -> Iterator[tuple[np.ndarray, int]]:
    """Cut the spoken examples at ever new places, for ever."""
    paths = [p for p in sorted(EXAMPLES.glob("*.[wf][al]*")) if p.name != "silence.wav"]
    for turn, path in enumerate(cycle(paths)):
        spare = max(0.0, soundfile.info(path).duration - SECONDS)
        yield first_seconds(path, start_s=spare * (turn * 0.618 % 1.0))


def first_seconds(path: Path, *, start_s: float) -> tuple[np.ndarray, int]:
    """Read four seconds from ``start_s``, repeating a clip that is shorter."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)[int(start_s * rate) :]
    return np.resize(mono, int(SECONDS * rate)), rate
