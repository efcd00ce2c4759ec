"""Scores of several seeds → figures of their mean, and the paired change from before.

The figure of an arm is the mean over seeds of each seed's own figure, never the figure of averaged
scores. Its interval, and that of a change, come from one set of draws of whole sources, the same
for all seeds and for before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.pools import SHARES, Kin, cluster_of, kin_among, pooled
from earwitness.evaluation.records import Measure, Scored, Unread
from earwitness.metrics.bounds import eer_interval
from earwitness.metrics.dcf import Costs, min_dcf
from earwitness.metrics.eer import auc, eer
from earwitness.metrics.intervals import Metric
from earwitness.metrics.replicates import Stakes, resample_many
from earwitness.records import Label

ROUNDS, SEED = 1000, 1
STAKES = Stakes(Costs())
Floats = NDArray[np.float64]
NAMES = ("eer", "auc", "min_dcf")
VALUES: Mapping[str, Metric] = {
    "eer": eer,
    "auc": auc,
    "min_dcf": lambda scores, key: min_dcf(scores, key, STAKES.costs),
}


@dataclass(frozen=True, eq=False)
class Heard:
    """What several detectors said of the same trials.

    Attributes:
        scores: shape (detectors, trials).
        is_bona_fide: the key, shape (trials,).
        clusters: what each trial shares with its kin; its own name where it stands alone.
        kin: what is drawn together.
        left_out: trials that not all of them scored.
    """

    scores: Floats
    is_bona_fide: NDArray[np.bool_]
    clusters: tuple[str, ...]
    kin: Kin
    left_out: int

    @property
    def n(self) -> tuple[int, int]:
        """Count bona fide and spoof trials."""
        bona_fide = int(self.is_bona_fide.sum())
        return bona_fide, len(self.is_bona_fide) - bona_fide


def heard(results: Sequence[Sequence[Scored | Unread]], columns: Sequence[str]) -> Heard:
    """Bring together what several detectors said, on the trials that all of them scored.

    Args:
        results: of each detector; the same trials in the same order.
        columns: that may tell kin, best first.

    Raises:
        ProtocolError: they were asked different trials, or one label has no score.
    """
    if len({tuple(one.trial.id for one in told) for told in results}) > 1:
        raise ProtocolError("The detectors of a study were asked different trials.")
    table = np.array([_values(told) for told in results], np.float64)
    is_kept = np.isfinite(table).all(axis=0)
    kept = [Scored(results[0][at].trial, None, None) for at in np.flatnonzero(is_kept).tolist()]
    if len({one.trial.label for one in kept}) < len(Label):
        raise ProtocolError("One label has no trial that every detector of the study scored.")
    kin = kin_among(kept, columns)
    return Heard(
        table[:, is_kept],
        np.array([one.is_bona_fide for one in kept], np.bool_),
        tuple(_cluster(one, kin) for one in kept),
        kin,
        len(results[0]) - len(kept),
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """Figures of all detectors, and replicates on the same draws.

    Attributes:
        n: bona fide and spoof trials.
        values: of each detector, by measure; shape (detectors,).
        draws: shape (detectors, rounds).
        independent: trials of the rarer label, kin counted as one.
    """

    n: tuple[int, int]
    values: Mapping[str, Floats]
    draws: Mapping[str, Floats]
    independent: int

    def mean(self, name: str, rows: Sequence[int]) -> Measure:
        """Measure the mean of several detectors, with its interval.

        Where no replicate differs, the interval of a share is what so few trials allow (Wilson).
        """
        value = float(self.values[name][list(rows)].mean())
        low, high = _ends(self.draws[name][list(rows)].mean(axis=0))
        if high <= low and name in SHARES:
            wide = eer_interval(value, self.independent, self.independent)
            low, high = wide.low, wide.high
        return Measure(name, value, low, high, *self.n)

    def change(
        self, name: str, before: Sequence[int], after: Sequence[int], *, names: tuple[str, str]
    ) -> Difference:
        """Compare the mean of several detectors with that of others, paired.

        Args:
            name: of the measure.
            before: numbers of the detectors that are compared with.
            after: numbers of those that are compared.
            names: what the two are called.
        """
        draws = self.draws[name]
        low, high = _ends(draws[list(after)].mean(axis=0) - draws[list(before)].mean(axis=0))
        first, second = (float(self.values[name][list(r)].mean()) for r in (before, after))
        return Difference(name, *names, first, second, low, high, *self.n)


def measured(found: Heard, *, rounds: int = ROUNDS) -> Measured:
    """Measure all detectors on the trials that all of them scored.

    Args:
        found: what they said.
        rounds: replicates.
    """
    key, clusters = found.is_bona_fide, found.clusters
    draws = resample_many(
        list(found.scores), key, clusters, metrics=NAMES, rng=np.random.default_rng(SEED),
        stakes=STAKES, rounds=rounds,
    )  # fmt: skip
    values = {name: np.array([VALUES[name](row, key) for row in found.scores]) for name in NAMES}
    kin = np.array(clusters)
    independent = min(len(np.unique(kin[key])), len(np.unique(kin[~key])))
    return Measured(found.n, values, draws, independent)


def own_measures(
    told: Sequence[Scored | Unread], columns: Sequence[str], *, rounds: int = ROUNDS
) -> tuple[Measure, ...]:
    """Measure one detector alone, on all that it scored, exactly as ``evaluate`` does."""
    scored = [one for one in told if isinstance(one, Scored) and one.score is not None]
    kin = kin_among(scored, columns)
    pool = pooled(scored, kin, costs=STAKES.costs, rounds=rounds, seed=SEED)
    return pool.measures(*NAMES)


def own_eer(told: Sequence[Scored | Unread]) -> float:
    """Give the EER of one detector on all that it scored.

    Raises:
        ProtocolError: one label has no score.
    """
    values = np.array(_values(told), np.float64)
    key = np.array([one.trial.label is Label.BONA_FIDE for one in told], np.bool_)
    scored = np.isfinite(values)
    if not (key[scored].any() and not key[scored].all()):
        raise ProtocolError(
            f"Of {len(told):,} clips, {int((key & scored).sum()):,} bona fide and "
            f"{int((~key & scored).sum()):,} spoof ones have a score. Is there speech in them?"
        )
    return eer(values[scored], key[scored])


def _cluster(one: Scored, kin: Kin) -> str:
    return cluster_of(one, kin.column) if kin.column else one.trial.id


def _values(told: Sequence[Scored | Unread]) -> list[float]:
    """Give the scores; NaN where there is none."""
    scores = (one.score if isinstance(one, Scored) else None for one in told)
    return [math.nan if score is None else score for score in scores]


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)
