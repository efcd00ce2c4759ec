"""Score files of several detectors → LLRs, and what the fusion is worth on trials it did not see.

The weights are fitted on all development trials. What is reported of them is measured by
cross-validation: each trial is fused with weights that were fitted without it and without its kin
(same page, speaker or source).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.calibration.fusion import LogisticFusion, fit_fusion
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.folding import FOLDS, dealt
from earwitness.evaluation.matching import matched
from earwitness.evaluation.pairing import Side, paired
from earwitness.evaluation.pools import Kin, Pool, cluster_of, kin_among, pooled
from earwitness.evaluation.records import Measure, Scored
from earwitness.metrics.dcf import Costs
from earwitness.records import Trial

MEASURES = ("eer", "cllr", "min_cllr")
FUSED = "the fusion"

Array = NDArray[np.float64]
ScoreFile: TypeAlias = Mapping[str, float]


@dataclass(frozen=True)
class Ear:
    """One of the detectors.

    Attributes:
        name: of its score file.
        weight: in LLR a unit of its score.
        measures: of it alone, calibrated in the same way, by the same cross-validation.
        differences: of the fusion to it, paired.
    """

    name: str
    weight: float
    measures: tuple[Measure, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Fusion:
    """Weights, and what they are worth.

    Attributes:
        line: turns scores into LLRs.
        ears: the detectors, in the order of the weights.
        measures: of the fusion, by cross-validation.
        llrs: of the development trials, each by weights that were fitted without it.
        n_bona_fide, n_spoof: development trials.
        left_out: development trials that not all score files hold.
        folds: of the cross-validation.
        kin: what stays in one fold, and is resampled together.
    """

    line: LogisticFusion
    ears: tuple[Ear, ...]
    measures: tuple[Measure, ...]
    llrs: Mapping[str, float]
    n_bona_fide: int
    n_spoof: int
    left_out: int
    folds: int
    kin: Kin


def fuse(
    names: Sequence[str],
    files: Sequence[ScoreFile],
    key: Sequence[Trial],
    *,
    kin: Sequence[str] = (),
    is_common_enough: bool = False,
    rounds: int = 1000,
    seed: int = 1,
) -> Fusion:
    """Fit a fusion on the trials of a key, and measure it by cross-validation.

    Args:
        names: of the detectors, for messages and results.
        files: their scores, by trial id; trials beyond the key are not looked at.
        key: the development trials.
        kin: columns by which trials belong together, best first.
        is_common_enough: leave out development trials that only some files hold.
        rounds: replicates for intervals.
        seed: of folds and intervals.

    Raises:
        ProtocolError: trials do not match, or the scores of a detector point the wrong way.
        SettingsError: too few trials, or of one label only.
    """
    trials = _development_trials(names, files, key, is_common_enough=is_common_enough)
    scores = np.array([[file[trial.id] for file in files] for trial in trials], np.float64)
    pools = [
        _pool(trials, column, kin_among(_scored(trials, column), kin), rounds, seed)
        for column in scores.T
    ]
    line = fit_fusion(scores, pools[0].is_bona_fide)
    for name, pool in zip(names, pools, strict=True):
        _refuse_if_inverted(name, pool)
    folds, found = _folds(trials, scores, kin, np.random.default_rng(seed))
    fused, *alone = (
        _pool(trials, _cross_fitted(part, pools[0].is_bona_fide, folds), found, rounds, seed)
        for part in (scores, *(scores[:, [at]] for at in range(len(names))))
    )
    together = _side(FUSED, fused)
    ears = tuple(
        Ear(name, weight, tuple(side.measures.values()), paired(MEASURES, side, together))
        for name, weight, side in zip(names, line.weights, map(_side, names, alone), strict=True)
    )
    llrs = dict(zip((trial.id for trial in trials), fused.scores.tolist(), strict=True))
    measures = tuple(together.measures.values())
    left_out = len(key) - len(trials)
    return Fusion(line, ears, measures, llrs, *fused.n, left_out, FOLDS, found)


def apply(
    fusion: Fusion, files: Sequence[ScoreFile], *, is_common_enough: bool = False
) -> dict[str, float]:
    """Fuse the scores of new trials.

    Raises:
        ProtocolError: the files do not hold the same trials.
    """
    names = [ear.name for ear in fusion.ears]
    ids = matched(names, files, is_common_enough=is_common_enough)
    llrs = fusion.line.llr([[file[trial] for file in files] for trial in ids])
    return dict(zip(ids, llrs.tolist(), strict=True))


def _development_trials(
    names: Sequence[str],
    files: Sequence[ScoreFile],
    key: Sequence[Trial],
    *,
    is_common_enough: bool,
) -> list[Trial]:
    asked = [trial.id for trial in key]
    held = [dict.fromkeys(trial for trial in asked if trial in file) for file in files]
    ids = set(matched(["the key", *names], [asked, *held], is_common_enough=is_common_enough))
    return [trial for trial in key if trial.id in ids]


def _scored(trials: Sequence[Trial], llrs: Array) -> list[Scored]:
    return [Scored(trial, None, llr) for trial, llr in zip(trials, llrs.tolist(), strict=True)]


def _pool(trials: Sequence[Trial], llrs: Array, kin: Kin, rounds: int, seed: int) -> Pool:
    return pooled(_scored(trials, llrs), kin, costs=Costs(), rounds=rounds, seed=seed)


def _side(name: str, pool: Pool) -> Side:
    return Side(name, pool, {one.name: one for one in pool.measures(*MEASURES)})


def _refuse_if_inverted(name: str, pool: Pool) -> None:
    """See to it that no detector is turned round without a word."""
    (area,) = pool.measures("auc")
    if area.high is not None and area.high < 0.5 and area.value is not None:
        raise ProtocolError(
            f"{name}: its scores point the wrong way (AUC {area.value:.3f}, 95 % interval "
            f"{area.low:.3f} to {area.high:.3f}; mirrored {1 - area.value:.3f}), and a fusion "
            "would turn them round without a word. Mend the sign of the scores or the key."
        )


def _folds(
    trials: Sequence[Trial], scores: Array, columns: Sequence[str], rng: np.random.Generator
) -> tuple[NDArray[np.intp], Kin]:
    """Deal clusters into folds; single trials, where clusters leave too little to fit on."""
    heard = _scored(trials, scores[:, 0])
    labels = np.array([one.is_bona_fide for one in heard], np.bool_)
    for kin in (kin_among(heard, columns), Kin(None, len(heard))):
        clusters = [cluster_of(one, kin.column) if kin.column else one.trial.id for one in heard]
        folds = dealt(clusters, labels, rng)
        try:
            _cross_fitted(scores, labels, folds)
        except SettingsError as error:
            if kin.column is None:
                raise SettingsError(
                    f"With a fifth held out for cross-validation: {error}"
                ) from error
        else:
            break
    return folds, kin


def _cross_fitted(scores: Array, labels: NDArray[np.bool_], folds: NDArray[np.intp]) -> Array:
    """Give each trial the LLR of a fusion that was fitted on the other folds."""
    llrs = np.zeros(len(scores))
    for fold in range(FOLDS):
        held_out = folds == fold
        if held_out.any():
            llrs[held_out] = fit_fusion(scores[~held_out], labels[~held_out]).llr(scores[held_out])
    return llrs
