"""What a detector is told beside its weights, chosen on out-of-fold scores and on nothing else.

Calibration, the correlation of windows, operating points and the limits of suspicious stretches.
The report-only partition never comes in here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from earwitness.calibration.affine import AffineCalibration, fit_affine
from earwitness.calibration.points import operating_points
from earwitness.calibration.recordings import mean_raw, with_llrs
from earwitness.decision import Policy, find_stretches, pool
from earwitness.metrics.cllr import cllr
from earwitness.records import Label, SegmentScore, Trial
from earwitness.training.crossfit import ClipScores
from earwitness.weights.cards import PointTable

CORRELATIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
STRETCH_LLRS = (-1.5, -2.5, -3.5, -4.5, -5.5)
STRETCH_DROPS = (2.5, 3.0, 3.5)
FALSE_STRETCHES_AN_HOUR = 1.0
_LEAST_WINDOWS = 12  # of a page: with fewer, an hour of it is one outlier over and over
_HOURS_A_PAGE = 1


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    Attributes:
        calibration: raw score → LLR.
        policy: correlation and stretches filled in, the rest as it was.
        points: operating points by name.
        false_stretches: an hour of bona fide windows of one page, mean over pages, as simulated.
        found_splices: share of simulated bona fide hours in which a spliced sentence was found.
    """

    calibration: AffineCalibration
    policy: Policy
    points: dict[str, PointTable]
    false_stretches: float
    found_splices: float


def choose(
    trials: Sequence[Trial], scores: ClipScores, *, hop_s: float, rng: np.random.Generator
) -> Chosen:
    """Choose everything from out-of-fold scores.

    Args:
        trials: with their labels; those without a score are left out.
        scores: of windows that the scoring network was not trained on.
        hop_s: from window to window, to know how many make an hour.
        rng: for the simulated hours.
    """
    heard = [trial for trial in trials if trial.id in scores]
    key = np.array([trial.label is Label.BONA_FIDE for trial in heard])
    raw = np.array([mean_raw(scores[trial.id]) for trial in heard])
    calibration = fit_affine(raw, key)
    calibrated = {t.id: with_llrs(scores[t.id], calibration) for t in heard}
    policy = replace(Policy(), correlation=_correlation(heard, calibrated))
    llrs = np.array([pool(calibrated[trial.id], policy) for trial in heard])
    policy, false, found = _stretches(heard, calibrated, policy, hop_s=hop_s, rng=rng)
    return Chosen(calibration, policy, operating_points(llrs, key), false, found)


def _correlation(trials: Sequence[Trial], calibrated: ClipScores) -> float:
    """Find how much windows of one origin have in common.

    Long recordings are made of all the clips of one page, label and system; the correlation under
    which their pooled LLRs cost least is taken.
    """
    long: dict[tuple[str, str, str], list[SegmentScore]] = defaultdict(list)
    for trial in trials:
        kin = (trial.meta["page"], trial.meta["system"], str(trial.label))
        long[kin].extend(calibrated[trial.id])
    chosen = {kin: rows for kin, rows in long.items() if len(rows) > 1}
    key = np.array([label == Label.BONA_FIDE for _, _, label in chosen])
    if key.all() or not key.any():
        return Policy().correlation

    def cost(correlation: float) -> float:
        policy = replace(Policy(), correlation=correlation)
        return cllr(np.array([pool(rows, policy) for rows in chosen.values()]), key)

    return min(CORRELATIONS, key=cost)


def _stretches(
    trials: Sequence[Trial],
    calibrated: ClipScores,
    policy: Policy,
    *,
    hop_s: float,
    rng: np.random.Generator,
) -> tuple[Policy, float, float]:
    """Find the limits that find most splices, of those with few enough false stretches."""
    hours = list(_hours(trials, calibrated, hop_s=hop_s, rng=rng))
    if not hours:
        return policy, 0.0, 0.0
    tried = []
    for limit, drop in product(STRETCH_LLRS, STRETCH_DROPS):
        candidate = replace(policy, stretch_llr=limit, stretch_drop=drop)
        false = float(np.mean([len(find_stretches(hour.plain, candidate)) for hour in hours]))
        found = float(np.mean([hour.is_found(candidate) for hour in hours]))
        tried.append((candidate, false, found))
    few = [row for row in tried if row[1] <= FALSE_STRETCHES_AN_HOUR]
    # Where none is strict enough, the strictest, and the figure beside it tells.
    return max(few, key=lambda row: row[2]) if few else min(tried, key=lambda row: row[1])


@dataclass(frozen=True)
class _Hour:
    """A made recording: bona fide throughout, and the same with a spoofed sentence inside."""

    plain: Sequence[SegmentScore]
    spliced: Sequence[SegmentScore]
    spliced_at_s: float

    def is_found(self, policy: Policy) -> bool:
        """Say whether a stretch names the sentence."""
        stretches = find_stretches(self.spliced, policy)
        return any(s.start_s < self.spliced_at_s < s.end_s for s in stretches)


def _hours(
    trials: Sequence[Trial], calibrated: ClipScores, *, hop_s: float, rng: np.random.Generator
) -> Iterator[_Hour]:
    """Make bona fide hours of a page's windows, and the same with a spoofed sentence inside.

    The sentence takes the two windows that it fills; the windows at its edges are left bona fide.
    """
    pages: Mapping[str, tuple[list[SegmentScore], list[SegmentScore]]]
    pages = defaultdict(lambda: ([], []))
    for trial in trials:
        pages[trial.meta["page"]][trial.label is Label.SPOOF].extend(calibrated[trial.id])
    spoofs = [rows for _, rows in pages.values() if len(rows) > 1]
    for bona_fide, _ in list(pages.values()):
        if len(bona_fide) < _LEAST_WINDOWS or not spoofs:
            continue
        for _ in range(_HOURS_A_PAGE):
            count = int(3600 / hop_s)
            plain = [bona_fide[i] for i in rng.integers(len(bona_fide), size=count)]
            sentence = spoofs[int(rng.integers(len(spoofs)))]
            at = int(rng.integers(len(sentence) - 1))
            spliced = [*plain]
            spliced[count // 2 : count // 2 + 2] = sentence[at : at + 2]
            middle_s = (count // 2 + 1.5) * hop_s
            yield _Hour(_joined(plain, hop_s), _joined(spliced, hop_s), middle_s)


def _joined(rows: Sequence[SegmentScore], hop_s: float) -> list[SegmentScore]:
    """Put windows one behind the other, as in one recording."""
    return [
        replace(row, start_s=i * hop_s, end_s=(i + 2) * hop_s, fresh_s=hop_s)
        for i, row in enumerate(rows)
    ]
