"""Scored trials → arrays, and from them figures with n and interval: the door to ``metrics``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.records import Measure, Scored
from earwitness.metrics.bounds import eer_interval
from earwitness.metrics.dcf import Costs
from earwitness.metrics.intervals import Interval
from earwitness.metrics.replicates import resample
from earwitness.metrics.shares import shares
from earwitness.records import Answer

FEW_CLUSTERS = 10
_ROUNDING = 1e-9
# Measures that lie between 0 and 1 by their nature. A bootstrap that saw no error knows nothing of
# the errors that more trials would have shown; for these there is an interval that does, and the
# others are then given without.
SHARES = frozenset({"eer", "eer_asvspoof", "eer_rocch", "auc"})


@dataclass(frozen=True)
class Kin:
    """Which trials are resampled together.

    Attributes:
        column: whose equal values belong together; None for single trials.
        clusters: how many there are.
        passed_over: a column that most trials of a label have, with too few values for that, and
            how many; empty if none was.
    """

    column: str | None
    clusters: int
    passed_over: tuple[str, int] | None = None


@dataclass(frozen=True, eq=False)
class Pool:
    """Trials as arrays; everything is measured through it.

    Attributes:
        scores: LLRs, or raw scores; shape (trials,).
        is_bona_fide: the key.
        is_answered: False where the answer was inconclusive.
        clusters: what each trial shares with its kin; None for single trials.
        costs: for DCFs.
        rounds, seed: of the bootstrap.
    """

    scores: NDArray[np.float64]
    is_bona_fide: NDArray[np.bool_]
    is_answered: NDArray[np.bool_]
    clusters: NDArray[np.str_] | None
    costs: Costs
    rounds: int
    seed: int

    @property
    def n(self) -> tuple[int, int]:
        """Count bona fide and spoof trials."""
        bona_fide = int(self.is_bona_fide.sum())
        return bona_fide, len(self.is_bona_fide) - bona_fide

    def of(self, rows: NDArray[np.bool_]) -> Pool:
        """Take some of the trials; those of a single cluster (a speaker) are drawn one by one.

        Drawn as a whole they would be the same in each replicate, and nothing could be said of
        them; drawn one by one, figures are those of that speaker.
        """
        clusters = None if self.clusters is None else self.clusters[rows]
        if clusters is not None and len(np.unique(clusters)) == 1:
            clusters = None
        return replace(
            self,
            scores=self.scores[rows],
            is_bona_fide=self.is_bona_fide[rows],
            is_answered=self.is_answered[rows],
            clusters=clusters,
        )

    def measures(self, *names: str) -> tuple[Measure, ...]:
        """Measure what ``metrics.replicates`` knows by these names; both labels must be there."""
        found = resample(
            self.scores,
            self.is_bona_fide,
            _listed(self.clusters),
            metrics=names,
            costs=self.costs,
            threshold=None,
            rng=self._rng(),
            rounds=self.rounds,
        )
        return tuple(self._measure(name, found[name]) for name in names)

    def rates(self, errors: NDArray[np.float64], suffix: str = "") -> Iterator[Measure]:
        """Give miss rate, false-alarm rate and balanced accuracy of errors that are counted.

        Args:
            errors: from 0 to 1 for each trial.
            suffix: for the names.
        """
        found = shares(
            errors,
            self.is_bona_fide,
            _listed(self.clusters),
            rng=self._rng(),
            rounds=self.rounds,
        )
        bona_fide, spoof = self.n
        yield self._rate(f"miss_rate{suffix}", found.miss, (bona_fide, 0))
        yield self._rate(f"false_alarm_rate{suffix}", found.false_alarm, (0, spoof))
        yield self._rate(f"balanced_accuracy{suffix}", found.balanced_accuracy, (bona_fide, spoof))

    def errors(self, threshold: float) -> NDArray[np.float64]:
        """Count the errors that a threshold makes: 1 for each."""
        return np.where((self.scores >= threshold) == self.is_bona_fide, 0.0, 1.0)

    def _measure(self, name: str, found: Interval) -> Measure:
        bona_fide, spoof = self.n
        if name in SHARES:
            low, high = self._honest(found, self.n)
            return Measure(name, found.value, low, high, bona_fide, spoof)
        if has_width(found):
            return Measure(name, found.value, found.low, found.high, bona_fide, spoof)
        return Measure(name, found.value, None, None, bona_fide, spoof)

    def _rate(self, name: str, found: Interval | None, n: tuple[int, int]) -> Measure:
        if found is None:
            label = "bona fide" if name.startswith("miss") or (n[1] and not n[0]) else "spoof"
            return Measure(name, None, why_not=f"no {label} trial was answered")
        low, high = self._honest(found, n)
        return Measure(name, found.value, low, high, *n)

    def _honest(self, found: Interval, n: tuple[int, int]) -> tuple[float, float]:
        """Give the interval; where no replicate differed, what so few trials allow (Wilson).

        Args:
            found: by the bootstrap.
            n: bona fide and spoof trials that the measure rests on; 0 for a label that it leaves.
        """
        if has_width(found):
            return found.low, found.high
        labels = zip((self.is_bona_fide, ~self.is_bona_fide), n, strict=True)
        independent = min(self._independent(rows) for rows, many in labels if many)
        wide = eer_interval(found.value, independent, independent)
        return wide.low, wide.high

    def _independent(self, rows: NDArray[np.bool_]) -> int:
        """Count trials; kin count as one."""
        return int(rows.sum()) if self.clusters is None else len(np.unique(self.clusters[rows]))

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def pooled(heard: Sequence[Scored], kin: Kin, *, costs: Costs, rounds: int, seed: int) -> Pool:
    """Put trials that have a score into arrays."""
    clusters = None
    if kin.column is not None:
        clusters = np.array([cluster_of(one, kin.column) for one in heard])
    return Pool(
        scores=np.array([one.score for one in heard], np.float64),
        is_bona_fide=np.array([one.is_bona_fide for one in heard], np.bool_),
        is_answered=np.array([one.answer is not Answer.INCONCLUSIVE for one in heard], np.bool_),
        clusters=clusters,
        costs=costs,
        rounds=rounds,
        seed=seed,
    )


def has_width(found: Interval) -> bool:
    """Say whether replicates differed by more than rounding.

    Example:
        >>> has_width(Interval(1.5, 1.4, 1.6)), has_width(Interval(0.3, 0.3, 0.1 + 0.2))
        (True, False)
    """
    return found.high - found.low > _ROUNDING * max(1.0, abs(found.value))


def cluster_of(one: Scored, column: str) -> str:
    """Name the cluster of a trial; one without a value is its own."""
    return meta_of(one, column) or f"\0{one.trial.id}"


def meta_of(one: Scored, column: str) -> str:
    """Give the value of a column; empty where there is none, which lists write as a dash, too."""
    value = one.trial.meta.get(column, "").strip()
    return "" if value == "-" else value


def kin_among(heard: Sequence[Scored], columns: Sequence[str]) -> Kin:
    """Find the first column that says which trials belong together, with enough values."""
    passed_over = None
    for column in columns:
        named = {meta_of(one, column) for one in heard} - {""}
        if len(named) >= FEW_CLUSTERS:
            return Kin(column, len({cluster_of(one, column) for one in heard}), passed_over)
        if passed_over is None and _is_common(heard, column):
            passed_over = (column, len(named))
    return Kin(None, len(heard), passed_over)


def _is_common(heard: Sequence[Scored], column: str) -> bool:
    """Say whether at least half of the trials of a label have a value: what few share is little."""
    told: dict[bool, list[bool]] = {True: [], False: []}
    for one in heard:
        told[one.is_bona_fide].append(meta_of(one, column) != "")
    return any(2 * sum(of_label) >= len(of_label) > 0 for of_label in told.values())


def _listed(clusters: NDArray[np.str_] | None) -> list[str] | None:
    return None if clusters is None else clusters.tolist()
