"""A detector's windows on trials whose answer is known → calibration, points, and their worth.

The line and the thresholds are fitted on all trials. What is said of them is measured by
cross-validation: each trial gets the LLR of a line that was fitted without it and without its kin
(same page, speaker or source).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.calibration.affine import AffineCalibration, fit_affine
from earwitness.calibration.points import Price, operating_points, price, thresholds
from earwitness.calibration.recordings import mean_raw, with_llrs
from earwitness.decision import Policy, pool
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.folding import FOLDS, dealt
from earwitness.evaluation.pools import Kin, Pool, cluster_of, kin_among, pooled
from earwitness.evaluation.records import Measure, Scored
from earwitness.metrics.dcf import Costs
from earwitness.records import Label, SegmentScore, Trial
from earwitness.weights.cards import PointTable

ENOUGH = 50  # trials of a label: an operating point for one error in a hundred wants no fewer
LEAST = 10  # with which a line can be fitted and tried on others at all

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """A trial, and what the network said of its windows; at least one."""

    trial: Trial
    windows: tuple[SegmentScore, ...]


@dataclass(frozen=True)
class Calibrated:
    """A calibration, and what it is worth on trials that it was not fitted on.

    Attributes:
        line: raw score → LLR, fitted on all trials.
        points: operating points by name; their prices are cross-validated.
        before: Cllr of the detector as it was; of raw scores read as LLRs if it gave none.
        was_calibrated: it gave LLRs.
        after: Cllr, min Cllr and EER by cross-validation.
        n_bona_fide, n_spoof: trials that it was fitted on.
        folds: of the cross-validation.
        kin: what stays in one fold, and is resampled together.
    """

    line: AffineCalibration
    points: dict[str, PointTable]
    before: Measure
    was_calibrated: bool
    after: tuple[Measure, ...]
    n_bona_fide: int
    n_spoof: int
    folds: int
    kin: Kin


def calibrate(
    heard: Sequence[Heard],
    policy: Policy,
    *,
    kin: Sequence[str] = (),
    is_few_enough: bool = False,
    rounds: int = 1000,
    seed: int = 1,
) -> Calibrated:
    """Fit calibration and operating points, and measure what they are worth.

    Args:
        heard: trials of both labels.
        policy: of the detector, by which windows are pooled.
        kin: columns by which trials belong together, best first.
        is_few_enough: fewer than fifty trials of a label are meant.
        rounds: replicates for intervals.
        seed: of folds and intervals.

    Raises:
        SettingsError: too few trials.
        ProtocolError: the scores point the wrong way, or tell nothing.
    """
    trials = [one.trial for one in heard]
    key = np.array([trial.label is Label.BONA_FIDE for trial in trials], np.bool_)
    refuse_too_few(int(key.sum()), int((~key).sum()), is_few_enough=is_few_enough)
    raw = np.array([mean_raw(one.windows) for one in heard])
    folds, found = _folds(trials, key, kin, np.random.default_rng(seed))

    def measured(scores: Array) -> Pool:
        return pooled(_scored(trials, scores), found, costs=Costs(), rounds=rounds, seed=seed)

    _refuse_if_inverted(measured(raw))
    line = _line(raw, key)
    llrs, prices = _cross_fitted(heard, raw, key, folds, policy)
    final = np.array([pool(with_llrs(one.windows, line), policy) for one in heard])
    before = _before(heard, raw, policy)
    counted = f"cross-validated on {key.sum()} bona fide and {(~key).sum()} spoofed clips"
    return Calibrated(
        line=line,
        points=operating_points(final, key, prices=prices, counted=counted),
        before=measured(raw if before is None else before).measures("cllr")[0],
        was_calibrated=before is not None,
        after=measured(llrs).measures("cllr", "min_cllr", "eer"),
        n_bona_fide=int(key.sum()),
        n_spoof=int((~key).sum()),
        folds=FOLDS,
        kin=found,
    )


def refuse_too_few(bona_fide: int, spoof: int, *, is_few_enough: bool) -> None:
    """See to it that there are trials enough.

    Raises:
        SettingsError: there are not.
    """
    least = LEAST if is_few_enough else ENOUGH
    if min(bona_fide, spoof) >= least:
        return
    hint = "" if is_few_enough else f" With --few, {LEAST} are enough, and the figures say little."
    raise SettingsError(
        f"A calibration needs at least {least} trials of each label, but there are {bona_fide} "
        f"bona fide and {spoof} spoofed ones.{hint}"
    )


def _scored(trials: Sequence[Trial], scores: Array) -> list[Scored]:
    return [Scored(trial, None, llr) for trial, llr in zip(trials, scores.tolist(), strict=True)]


def _before(heard: Sequence[Heard], raw: Array, policy: Policy) -> Array | None:
    """Pool the LLRs that the detector gave; None if it gave none."""
    if any(row.llr is None for one in heard for row in one.windows):
        return None
    return np.array([pool(one.windows, policy) for one in heard], raw.dtype)


def _refuse_if_inverted(raw: Pool) -> None:
    (area,) = raw.measures("auc")
    if area.value is not None and area.high is not None and area.high < 0.5:
        raise ProtocolError(
            f"INVERTED: the scores point the wrong way (AUC {area.value:.3f}, 95 % interval "
            f"{area.low:.3f} to {area.high:.3f}; turned round it would be {1 - area.value:.3f}). "
            "A calibration would hide that. Mend the labels, or the sign of the scores."
        )


def _line(raw: Array, key: NDArray[np.bool_]) -> AffineCalibration:
    try:
        return fit_affine(raw, key)
    except SettingsError as exc:
        raise ProtocolError(
            "The scores tell bona fide from spoofed trials no better than chance here, so there is "
            f"nothing to calibrate. {exc}"
        ) from exc


def _folds(
    trials: Sequence[Trial],
    key: NDArray[np.bool_],
    columns: Sequence[str],
    rng: np.random.Generator,
) -> tuple[NDArray[np.intp], Kin]:
    """Deal clusters into folds; single trials, where clusters would leave a label out."""
    nameless = [Scored(trial, None, None) for trial in trials]
    for kin in (kin_among(nameless, columns), Kin(None, len(trials))):
        clusters = [cluster_of(one, kin.column) if kin.column else one.trial.id for one in nameless]
        folds = dealt(clusters, key, rng)
        if all(min(_both(key[folds != fold])) >= LEAST // 2 for fold in range(FOLDS)):
            break
    return folds, kin


def _both(key: NDArray[np.bool_]) -> tuple[int, int]:
    return int(key.sum()), int((~key).sum())


def _cross_fitted(
    heard: Sequence[Heard],
    raw: Array,
    key: NDArray[np.bool_],
    folds: NDArray[np.intp],
    policy: Policy,
) -> tuple[Array, Mapping[str, Price]]:
    """Give each trial the LLR of a line, and the answers of thresholds, that did not see it."""
    llrs = np.zeros(len(heard))
    called: dict[str, NDArray[np.bool_]] = {}
    for fold in range(FOLDS):
        out = folds == fold
        line = _line(raw[~out], key[~out])
        all_llrs = np.array([pool(with_llrs(one.windows, line), policy) for one in heard])
        llrs[out] = all_llrs[out]
        for name, limit in thresholds(all_llrs[~out], key[~out]).items():
            called.setdefault(name, np.zeros(len(heard), np.bool_))[out] = llrs[out] >= limit
    return llrs, {name: price(answers, key) for name, answers in called.items()}
