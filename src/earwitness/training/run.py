"""From corpus to detector: cross-fit, choose, fit on everything, write the folder.

Each step leaves its result in the run's folder and is skipped when it is there, so a run that was
stopped is started again with the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from earwitness.calibration.recordings import with_llrs
from earwitness.config import digest, plain
from earwitness.decision import pool
from earwitness.errors import ProtocolError, SettingsError, WeightsMissing
from earwitness.export.parity import Clip as WindowOfClip
from earwitness.export.parity import check_parity
from earwitness.export.to_onnx import SMALLEST_HALVED, write_onnx
from earwitness.models.branches import Branches
from earwitness.models.ctranslate2_whisper import encoder_weights, read_arrays
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial
from earwitness.training.choosing import Chosen, choose
from earwitness.training.clips import Clip, read_clips
from earwitness.training.crossfit import (
    ClipScores,
    fit_fold,
    read_all_scores,
    read_folds,
)
from earwitness.training.data import crop
from earwitness.training.fit import Start, Workplace, fit, new_network
from earwitness.training.folder import NETWORK, write_folder
from earwitness.training.measuring import Figures, measure
from earwitness.training.probe import probe_scores
from earwitness.training.settings import TrainingSettings
from earwitness.training.warm import pooled_views

FULL = "full"
DETECTOR = "detector"
FLOOR = "floor.json"
CLAIM = "run.txt"  # whose run it is: a hash of recipe, clips and folds
PAGES = "pages.txt"  # that were trained on, for the model card
PARITY = 1e-4  # of raw scores, both engines having the same rounded weights
COMPARED = 32


@dataclass(frozen=True)
class Job:
    """What is to be trained, on what.

    Attributes:
        recipe: the settings.
        corpus: root of a corpus of protocol ``pages``; only its train partition is opened.
        folds: file of clip → fold.
        encoder: CTranslate2 file with the pretrained Whisper encoder; None if no branch has one.
        place: where to work.
        limit: use so many clips only, spread over the corpus; None for all.
        parts: fit only these (numbers of folds, or "full") and stop, so that several processes can
            share a run's folder; empty for the whole job.
    """

    recipe: TrainingSettings
    corpus: Path
    folds: Path
    encoder: Path | None
    place: Workplace
    limit: int | None = None
    parts: tuple[str, ...] = ()


Tell = Callable[[str], None]


def train(job: Job, *, tell: Tell = lambda _line: None) -> Path:
    """Do the whole job, or what is left of it.

    Args:
        job: what is to be done.
        tell: told in a line what happens now.

    Returns:
        The detector's folder (the run's folder, if only parts of the job were asked for).
    """
    recipe, place = job.recipe, job.place
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.set_num_threads(place.threads)
    trials = _trials(job)
    start = load_start(recipe, job.encoder)
    windows = recipe.cut()
    tell(f"reading {len(trials)} clips")
    clips = read_clips(
        trials, sample_rate=recipe.sample_rate, windows=windows, cache=job.place.folder / "clips"
    )
    folds = _folds_of(clips, read_folds(job.folds), job.folds)
    parts = _parts(job, folds)
    _claim(job, folds)
    start = _warm(job, clips, start, tell)
    for part in parts:
        tell(f"fitting: {part}")
        if part == FULL:
            network = fit(recipe, clips, start, replace(place, folder=place.folder / FULL))
        else:
            fit_fold(recipe, clips, folds, int(part), start, place)
    if job.parts:
        return place.folder
    scores = read_all_scores(place.folder, folds)
    floor = _floor(job, clips, folds, start, scored=scores.keys(), tell=tell)
    chosen = choose(trials, scores, hop_s=windows.hop_s, rng=np.random.default_rng(recipe.seed))
    figures = out_of_fold_figures(trials, scores, chosen, seed=recipe.seed)
    tell(f"out of fold: EER {figures.eer.value:.1%}, Cllr {figures.cllr:.3f} bits")
    return _assembled(job, network, chosen, (figures, floor), clips)


def _assembled(
    job: Job,
    network: Branches,
    chosen: Chosen,
    measured: tuple[Figures, Figures | None],
    clips: Sequence[Clip],
) -> Path:
    """Write the detector's folder, and prove that its network says what the fitted one says."""
    windows = job.recipe.cut()
    window = round(windows.length_s * job.recipe.sample_rate)
    folder = job.place.folder / DETECTOR
    folder.mkdir(parents=True, exist_ok=True)
    round_to_half(network)
    write_onnx(network, folder / NETWORK, window=window, half=True)
    parity = check_parity(network, folder / NETWORK, _some(clips, window), tolerance=PARITY)
    (folder / "parity.json").write_text(parity.text(), encoding="utf-8")
    trials = [clip.trial for clip in clips]
    pages = sorted({trial.meta["page"] for trial in trials})
    (folder / PAGES).write_text("\n".join(pages) + "\n", encoding="utf-8")
    parameters = sum(p.numel() for p in network.parameters())
    write_folder(
        folder, job.recipe, plain(windows), chosen, measured,
        trained_on=trials, parameters=parameters,
    )  # fmt: skip
    return folder


def round_to_half(network: Branches) -> None:
    """Round large weights to what a file of half precision holds, so that both say the same."""
    for weight in network.parameters():
        if weight.numel() >= SMALLEST_HALVED:
            weight.data = weight.data.half().float()


def _some(clips: Sequence[Clip], window: int) -> list[WindowOfClip]:
    """Take a window of a few clips, spread over the corpus."""
    rng = np.random.default_rng(0)
    chosen = clips[:: max(1, len(clips) // COMPARED)]
    return [WindowOfClip(clip.trial.id, crop(clip, window, rng)) for clip in chosen]


def _warm(job: Job, clips: Sequence[Clip], start: Start, tell: Tell) -> Start:
    if not job.recipe.warm.views:
        return start
    pooled = pooled_views(
        job.recipe, new_network(job.recipe, start), clips, job.place.folder / "views",
        workers=job.place.workers,
        on_view=lambda view, views: tell(f"pooling view {view + 1} of {views}"),
    )  # fmt: skip
    return replace(start, pooled=pooled)


def _floor(
    job: Job,
    clips: Sequence[Clip],
    folds: dict[str, int],
    start: Start,
    *,
    scored: Collection[str],
    tell: Tell,
) -> Figures | None:
    """Measure what a shallow probe does on the same folds and clips; its scores are kept."""
    if not start.pooled:
        return None
    path = job.place.folder / FLOOR
    if not path.exists():
        scores = probe_scores(job.recipe, clips, folds, start.pooled)
        path.write_text(json.dumps(scores), encoding="utf-8")
    scores = json.loads(path.read_text(encoding="utf-8"))
    heard = [clip.trial for clip in clips if clip.trial.id in scored]
    raw = np.array([scores[trial.id] for trial in heard])
    figures = measure(heard, raw, rng=np.random.default_rng(job.recipe.seed))
    tell(f"the floor, a shallow probe: EER {figures.eer.value:.1%}")
    return figures


def out_of_fold_figures(
    trials: Sequence[Trial], scores: ClipScores, chosen: Chosen, *, seed: int
) -> Figures:
    """Measure the pooled, calibrated out-of-fold scores."""
    heard = [trial for trial in trials if trial.id in scores]
    llrs = [pool(with_llrs(scores[t.id], chosen.calibration), chosen.policy) for t in heard]
    return measure(heard, np.array(llrs), rng=np.random.default_rng(seed))


def load_start(recipe: TrainingSettings, encoder: Path | None) -> Start:
    """Read the weights that the recipe's front ends start from.

    Raises:
        SettingsError: a front end wants an encoder, and none was given.
        WeightsMissing: there is no such file.
        IncompatibleWeights: it holds something else.
    """
    layers = [
        int(branch.frontend_settings.get("layers", 3))
        for branch in recipe.branches
        if branch.frontend == "whisper"
    ]
    if not layers:
        return Start()
    if encoder is None:
        raise SettingsError(
            f"The recipe '{recipe.name}' starts from a Whisper encoder: fetch it with "
            "scripts/fetch_encoder, and give it with --encoder."
        )
    try:
        blob = encoder.read_bytes()
    except OSError as exc:
        raise WeightsMissing(f"{encoder}: cannot be read ({exc.strerror}).") from exc
    arrays = read_arrays(blob, source=str(encoder))
    return Start({"whisper": encoder_weights(arrays, layers=max(layers), source=str(encoder))})


def _trials(job: Job) -> list[Trial]:
    trials = list(PROTOCOLS.get("pages")().trials(job.corpus, "train"))
    if job.limit is None or job.limit >= len(trials):
        return trials
    if job.limit < 1:
        raise SettingsError(f"limit must be at least 1, but got {job.limit}.")
    order = np.random.default_rng(job.recipe.seed).permutation(len(trials))[: job.limit]
    chosen = [trials[i] for i in sorted(order)]
    if len({trial.label for trial in chosen}) < len(Label):
        raise SettingsError(f"{job.limit} clips are too few: they are all of one label.")
    return chosen


def _parts(job: Job, folds: Mapping[str, int]) -> Sequence[str]:
    """List what is to be fitted, in order."""
    known = [*map(str, sorted(set(folds.values()))), FULL]
    unknown = [part for part in job.parts if part not in known]
    if unknown:
        raise SettingsError(f"There is no part '{unknown[0]}'. There are: {', '.join(known)}.")
    return job.parts or known


def _claim(job: Job, folds: Mapping[str, int]) -> None:
    """Refuse a folder that holds a run of something else: its results would be taken for ours."""
    path = job.place.folder / CLAIM
    ours = digest(replace(job.recipe, name="", title=""), dict(folds))
    theirs = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if not theirs:
        path.write_text(ours + "\n", encoding="utf-8")
    elif theirs != ours:
        raise SettingsError(
            f"{job.place.folder}: holds a run of another recipe, other clips or other folds. "
            "Take another folder, or delete this one."
        )


def _folds_of(clips: Sequence[Clip], folds: dict[str, int], path: Path) -> dict[str, int]:
    missing = [clip.trial.id for clip in clips if clip.trial.id not in folds]
    if missing:
        raise ProtocolError(f"{path}: has no fold for '{missing[0]}' ({len(missing)} missing).")
    return {clip.trial.id: folds[clip.trial.id] for clip in clips}
