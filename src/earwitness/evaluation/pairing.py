"""Two detectors on the same trials → differences with paired intervals, from the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.differences import Difference
from earwitness.evaluation.pools import Pool
from earwitness.evaluation.records import Measure
from earwitness.metrics.intervals import Interval
from earwitness.metrics.replicates import Stakes, resample_pair
from earwitness.metrics.shares import shares


@dataclass(frozen=True)
class Side:
    """One of two.

    Attributes:
        name: of the detector.
        pool: its scores; both sides hold the same trials in the same order.
        measures: what was measured on them, by name.
        errors: of its own answers, from 0 to 1 a trial; None where it gives no answers.
    """

    name: str
    pool: Pool
    measures: Mapping[str, Measure]
    errors: NDArray[np.float64] | None = None


def paired(metrics: Sequence[str], first: Side, second: Side) -> tuple[Difference, ...]:
    """Compare the second with the first by measures that ``metrics.replicates`` knows.

    A measure that one of them does not have cannot be compared, and says why.
    """
    known = [name for name in metrics if _lacking(name, first, second) == ""]
    pool, stakes = second.pool, Stakes(second.pool.costs)
    found: Mapping[str, Interval] = {}
    if known:
        found = resample_pair(
            pool.scores,
            first.pool.scores,
            pool.is_bona_fide,
            None if pool.clusters is None else pool.clusters.tolist(),
            metrics=known,
            rng=np.random.default_rng(pool.seed),
            stakes=(stakes, stakes),
            rounds=pool.rounds,
        )
    return tuple(_difference(name, first, second, found.get(name)) for name in metrics)


def paired_rates(names: Sequence[str], first: Side, second: Side) -> tuple[Difference, ...]:
    """Compare the second with the first by the errors of their own answers.

    Args:
        names: miss rate, false-alarm rate and balanced accuracy, as they are called in the sides'
            measures.
        first: what is compared with.
        second: what is compared.
    """
    if first.errors is None or second.errors is None:
        return tuple(_difference(name, first, second, None) for name in names)
    pool = second.pool
    # Single trials go by their number: errors of the one less those of the other are no errors.
    single = np.arange(len(pool.scores)).astype(str)
    clusters = single if pool.clusters is None else pool.clusters
    found = shares(
        second.errors - first.errors,
        pool.is_bona_fide,
        clusters.tolist(),
        rng=np.random.default_rng(pool.seed),
        rounds=pool.rounds,
    )
    of_accuracy = found.balanced_accuracy
    if of_accuracy is not None:  # it counts down from 1, which both of them did
        of_accuracy = Interval(*(end - 1.0 for end in _ends(of_accuracy)))
    intervals = (found.miss, found.false_alarm, of_accuracy)
    return tuple(
        _difference(name, first, second, interval)
        for name, interval in zip(names, intervals, strict=True)
    )


def _difference(name: str, first: Side, second: Side, found: Interval | None) -> Difference:
    ours, theirs = second.measures[name], first.measures[name]
    return Difference(
        name,
        first.name,
        second.name,
        theirs.value,
        ours.value,
        None if found is None else found.low,
        None if found is None else found.high,
        ours.n_bona_fide,
        ours.n_spoof,
        _lacking(name, first, second),
    )


def _lacking(name: str, *sides: Side) -> str:
    """Say who does not have a measure, and why; empty if all have it."""
    return ", ".join(
        f"{side.name}: {side.measures[name].why_not or 'not measured'}"
        for side in sides
        if side.measures[name].value is None
    )


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high
