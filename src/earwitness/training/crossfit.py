"""Out-of-fold scores: each clip is scored by a network that saw neither its page nor its system.

One run a fold, in ``fold_K/``; the scores of its held-out clips stay in ``fold_K/scores.tsv``,
one row a window. Everything that is chosen for a detector is chosen on these scores.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from earwitness.errors import ProtocolError
from earwitness.records import SegmentScore
from earwitness.runtimes.torch_runtime import TorchRuntime
from earwitness.segmentation.windows import WindowSettings
from earwitness.training.clips import Clip, segments_of
from earwitness.training.fit import Start, Workplace, fit
from earwitness.training.settings import TrainingSettings

SCORES = "scores.tsv"
ClipScores = dict[str, tuple[SegmentScore, ...]]
_COLUMNS = ("path", "start_s", "end_s", "speech_s", "fresh_s", "raw_score")
_BATCH = 8


def read_folds(path: Path) -> dict[str, int]:
    """Read clip → fold, as ``corpus.folds`` writes it.

    Raises:
        ProtocolError: the file cannot be read or a row is malformed.
    """
    try:
        with path.open(encoding="utf-8", newline="") as table:
            return {row["path"]: int(row["fold"]) for row in csv.DictReader(table, delimiter="\t")}
    except OSError as exc:
        raise ProtocolError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except (KeyError, ValueError, TypeError) as exc:
        raise ProtocolError(f"{path}: expected the columns path and fold ({exc}).") from exc


def halves(
    clips: Sequence[Clip], folds: Mapping[str, int], fold: int
) -> tuple[list[Clip], list[Clip]]:
    """Part the clips into those to train on and those held out.

    A clip of another fold whose system is in the held-out fold, too, is in neither.
    """
    held_out = [clip for clip in clips if folds[clip.trial.id] == fold]
    heard = {clip.trial.meta["system"].casefold() for clip in held_out} - {"-"}
    kept = [
        clip
        for clip in clips
        if folds[clip.trial.id] != fold and clip.trial.meta["system"].casefold() not in heard
    ]
    return kept, held_out


def fit_fold(
    recipe: TrainingSettings,
    clips: Sequence[Clip],
    folds: Mapping[str, int],
    fold: int,
    start: Start,
    place: Workplace,
) -> None:
    """Fit a network without one fold, and score the clips of it; nothing if that is done."""
    done = scores_path(place.folder, fold)
    if done.exists():
        return
    kept, held_out = halves(clips, folds, fold)
    network = fit(recipe, kept, start, replace(place, folder=done.parent))
    runtime = TorchRuntime(network, threads=place.threads)
    write_scores(done, score_clips(runtime, held_out, recipe.cut(), recipe.sample_rate))


def read_all_scores(run: Path, folds: Mapping[str, int]) -> ClipScores:
    """Read the scores of all folds of a run."""
    scores: ClipScores = {}
    for fold in sorted(set(folds.values())):
        scores |= read_scores(scores_path(run, fold))
    return scores


def scores_path(run: Path, fold: int) -> Path:
    """Say where the scores of a fold's clips are."""
    return run / f"fold_{fold}" / SCORES


def score_clips(
    runtime: TorchRuntime, clips: Iterable[Clip], windows: WindowSettings, sample_rate: int
) -> ClipScores:
    """Score the windows that a verdict on each clip would hear."""
    pieces = [
        (clip.trial.id, segment)
        for clip in clips
        for segment in segments_of(clip, windows, sample_rate=sample_rate)
    ]
    scores: dict[str, list[SegmentScore]] = {}
    for start in range(0, len(pieces), _BATCH):
        batch = pieces[start : start + _BATCH]
        raw = runtime.scores(np.stack([segment.samples for _, segment in batch]))
        for (name, s), value in zip(batch, raw, strict=True):
            scored = SegmentScore(s.start_s, s.end_s, s.speech_s, s.fresh_s, float(value), None)
            scores.setdefault(name, []).append(scored)
    return {name: tuple(rows) for name, rows in scores.items()}


def write_scores(path: Path, scores: ClipScores) -> None:
    """Write window scores as a table."""
    lines = ["\t".join(_COLUMNS)]
    for name, rows in scores.items():
        for row in rows:
            times = (row.start_s, row.end_s, row.speech_s, row.fresh_s)
            lines.append("\t".join([name, *(f"{t:.3f}" for t in times), f"{row.raw_score:.6f}"]))
    partial = path.with_suffix(".partial")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(path)


def read_scores(path: Path) -> ClipScores:
    """Read what ``write_scores`` wrote."""
    scores: dict[str, list[SegmentScore]] = {}
    with path.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            start, end, speech, fresh, raw = (float(row[column]) for column in _COLUMNS[1:])
            score = SegmentScore(start, end, speech, fresh, raw, llr=None)
            scores.setdefault(row["path"], []).append(score)
    return {name: tuple(rows) for name, rows in scores.items()}
