"""From corpus to detector: cross-fit, choose, fit on everything, write the folder.

Each step leaves its result in the run's folder and is skipped when it is there, so a run that was
stopped is started again with the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from earwitness.config import plain
from earwitness.decision import pool
from earwitness.errors import ProtocolError, SettingsError, WeightsMissing
from earwitness.export.to_onnx import write_onnx
from earwitness.models.layouts.ctranslate2_whisper import encoder_weights, read_arrays
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial
from earwitness.segmentation.windows import WindowSettings
from earwitness.training.choosing import Chosen, choose, with_llrs
from earwitness.training.clips import Clip, read_clips
from earwitness.training.crossfit import ClipScores, cross_fit, read_folds
from earwitness.training.fit import Pretrained, Workplace, fit
from earwitness.training.folder import write_folder
from earwitness.training.measuring import Figures, measure
from earwitness.training.settings import TrainingSettings

FULL = "full"
DETECTOR = "detector"


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
    """

    recipe: TrainingSettings
    corpus: Path
    folds: Path
    encoder: Path | None
    place: Workplace
    limit: int | None = None


def train(job: Job, *, tell: Callable[[str], None] = lambda _line: None) -> Path:
    """Do the whole job, or what is left of it.

    Args:
        job: what is to be done.
        tell: told in a line what happens now.

    Returns:
        The detector's folder.
    """
    recipe = job.recipe
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    folds, trials = read_folds(job.folds), _trials(job)
    pretrained = load_pretrained(recipe, job.encoder)
    windows = WindowSettings(**recipe.windows)
    tell(f"reading {len(trials)} clips")
    clips = read_clips(
        trials, sample_rate=recipe.sample_rate, windows=windows, cache=job.place.folder / "clips"
    )
    scores = cross_fit(
        recipe, clips, _folds_of(clips, folds, job.folds), pretrained, job.place,
        on_fold=lambda fold, count: tell(f"fold {fold} of {count}"),
    )  # fmt: skip
    chosen = choose(trials, scores, hop_s=windows.hop_s, rng=np.random.default_rng(recipe.seed))
    figures = out_of_fold_figures(trials, scores, chosen, seed=recipe.seed)
    tell(f"out of fold: EER {figures.eer.value:.1%}, Cllr {figures.cllr:.3f} bits")
    tell(f"fitting on all {len(clips)} clips")
    network = fit(recipe, clips, pretrained, replace(job.place, folder=job.place.folder / FULL))
    folder = job.place.folder / DETECTOR
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(
        network, folder / "network.onnx",
        window=round(windows.length_s * recipe.sample_rate), half=True,
    )  # fmt: skip
    parameters = sum(p.numel() for p in network.parameters())
    write_folder(folder, recipe, plain(windows), chosen, figures, parameters=parameters)
    return folder


def out_of_fold_figures(
    trials: Sequence[Trial], scores: ClipScores, chosen: Chosen, *, seed: int
) -> Figures:
    """Measure the pooled, calibrated out-of-fold scores."""
    heard = [trial for trial in trials if trial.id in scores]
    llrs = [pool(with_llrs(scores[t.id], chosen.calibration), chosen.policy) for t in heard]
    return measure(heard, np.array(llrs), rng=np.random.default_rng(seed))


def load_pretrained(recipe: TrainingSettings, encoder: Path | None) -> Pretrained:
    """Read the weights that the recipe's front ends start from.

    Raises:
        SettingsError: a front end wants an encoder, and none was given.
        WeightsMissing: there is no such file.
    """
    layers = [
        int(branch.frontend_settings.get("layers", 3))
        for branch in recipe.branches
        if branch.frontend == "whisper"
    ]
    if not layers:
        return {}
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
    return {"whisper": encoder_weights(arrays, layers=max(layers))}


def _trials(job: Job) -> list[Trial]:
    trials = list(PROTOCOLS.get("pages")(job.corpus, "train"))
    if job.limit is None or job.limit >= len(trials):
        return trials
    if job.limit < 1:
        raise SettingsError(f"limit must be at least 1, but got {job.limit}.")
    order = np.random.default_rng(job.recipe.seed).permutation(len(trials))[: job.limit]
    chosen = [trials[i] for i in sorted(order)]
    if len({trial.label for trial in chosen}) < len(Label):
        raise SettingsError(f"{job.limit} clips are too few: they are all of one label.")
    return chosen


def _folds_of(clips: Sequence[Clip], folds: dict[str, int], path: Path) -> dict[str, int]:
    missing = [clip.trial.id for clip in clips if clip.trial.id not in folds]
    if missing:
        raise ProtocolError(f"{path}: has no fold for '{missing[0]}' ({len(missing)} missing).")
    return {clip.trial.id: folds[clip.trial.id] for clip in clips}
