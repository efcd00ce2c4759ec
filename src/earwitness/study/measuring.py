"""Scores of several seeds → figures of their mean, and the paired change from before.

The figure of an arm is the mean over seeds of each seed's own figure, never the figure of averaged
scores. Its interval, and that of a change, come from one set of draws of whole sources, the same
for all seeds and for before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.pools import Kin, cluster_of, kin_among, pooled
from earwitness.evaluation.records import Measure, Scored, Unread
from earwitness.metrics.dcf import Costs, min_dcf
from earwitness.metrics.eer import auc, eer
from earwitness.metrics.intervals import Metric, bootstrap
from earwitness.records import Label

ROUNDS, SEED = 1000, 1
COSTS = Costs()
Floats = NDArray[np.float64]
METRICS: Mapping[str, Metric] = {
    "eer": eer,
    "auc": auc,
    "min_dcf": lambda scores, key: min_dcf(scores, key, COSTS),
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
    names = [[one.trial.id for one in told] for told in results]
    if any(one != names[0] for one in names):
        raise ProtocolError("The detectors of a study were asked different trials.")
    rows = [told for told in zip(*results, strict=True) if all(map(_score, told))]
    kept = [row[0] for row in rows if isinstance(row[0], Scored)]
    if len({one.trial.label for one in kept}) < len(Label):
        raise ProtocolError("One label has no trial that every detector of the study scored.")
    kin = kin_among(kept, columns)
    table = [[_value(one) for one in row] for row in rows]
    return Heard(
        np.array(table, np.float64).T,
        np.array([one.is_bona_fide for one in kept], np.bool_),
        tuple(cluster_of(one, kin.column) if kin.column else one.trial.id for one in kept),
        kin,
        len(names[0]) - len(kept),
    )


def own_measures(told: Sequence[Scored | Unread], columns: Sequence[str]) -> tuple[Measure, ...]:
    """Measure one detector alone, on all that it scored, exactly as ``evaluate`` does."""
    scored = [one for one in told if isinstance(one, Scored) and one.score is not None]
    kin = kin_among(scored, columns)
    pool = pooled(scored, kin, costs=COSTS, rounds=ROUNDS, seed=SEED)
    return pool.measures(*METRICS)


def mean_measure(name: str, found: Heard, rows: Sequence[int]) -> Measure:
    """Measure the mean of several detectors, with its interval.

    Args:
        name: out of ``METRICS``.
        found: what they said.
        rows: numbers of the detectors.
    """
    interval = bootstrap(
        _statistic(name, found, {row: 1 / len(rows) for row in rows}), _numbers(found),
        found.is_bona_fide, found.clusters, rng=np.random.default_rng(SEED), rounds=ROUNDS,
    )  # fmt: skip
    return Measure(name, interval.value, interval.low, interval.high, *found.n)


def change(
    name: str,
    found: Heard,
    before: Sequence[int],
    after: Sequence[int],
    *,
    names: tuple[str, str],
) -> Difference:
    """Compare the mean of several detectors with that of others, paired.

    Args:
        name: out of ``METRICS``.
        found: what they said.
        before: numbers of the detectors that are compared with.
        after: numbers of those that are compared.
        names: what the two are called.
    """
    weights = {row: -1 / len(before) for row in before}
    for row in after:
        weights[row] = weights.get(row, 0.0) + 1 / len(after)
    interval = bootstrap(
        _statistic(name, found, weights), _numbers(found), found.is_bona_fide, found.clusters,
        rng=np.random.default_rng(SEED), rounds=ROUNDS,
    )  # fmt: skip
    first, second = (_mean(name, found, rows) for rows in (before, after))
    return Difference(name, *names, first, second, interval.low, interval.high, *found.n)


def _mean(name: str, found: Heard, rows: Sequence[int]) -> float:
    metric = METRICS[name]
    return float(np.mean([metric(found.scores[row], found.is_bona_fide) for row in rows]))


def _statistic(name: str, found: Heard, weights: Mapping[int, float]) -> Metric:
    """Weigh one figure of several detectors; it is asked with the numbers of the drawn trials."""
    metric = METRICS[name]

    def statistic(numbers: NDArray[np.floating[Any]], key: NDArray[np.bool_]) -> float:
        drawn = numbers.astype(np.intp)
        return sum(w * metric(found.scores[row, drawn], key) for row, w in weights.items())

    return statistic


def _numbers(found: Heard) -> Floats:
    """Number the trials: ``bootstrap`` hands the numbers of those that were drawn on."""
    return np.arange(len(found.is_bona_fide), dtype=np.float64)


def _score(one: Scored | Unread) -> bool:
    return isinstance(one, Scored) and one.score is not None


def _value(one: Scored | Unread) -> float:
    return float(one.score) if isinstance(one, Scored) and one.score is not None else float("nan")


def own_eer(told: Sequence[Scored | Unread]) -> float:
    """Give the EER of one detector on all that it scored.

    Raises:
        ProtocolError: one label has no score.
    """
    scored = [one for one in told if isinstance(one, Scored) and one.score is not None]
    scores = np.array([one.score for one in scored], np.float64)
    return eer(scores, np.array([one.is_bona_fide for one in scored], np.bool_))
