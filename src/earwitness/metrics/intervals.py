"""Bootstrap intervals: resample whole clusters (pages, speakers), so that kin stay together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.metrics._trials import Key, Scores, checked

Metric: TypeAlias = Callable[[Scores, Key], float]
Rows: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Interval:
    """A value and the interval that holds 95 % of its bootstrap replicates."""

    value: float
    low: float
    high: float


def bootstrap(
    metric: Metric,
    scores: Scores,
    is_bona_fide: Key,
    clusters: Sequence[str],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Interval:
    """Give a metric its 95 % interval by resampling clusters with replacement.

    Replicates that lack a label are drawn again.

    Args:
        metric: scores and key → a number.
        scores: of the trials.
        is_bona_fide: their key.
        clusters: for each trial, what it shares with its kin.
        rng: all chance comes from here.
        rounds: replicates.

    Raises:
        ProtocolError: the trials cannot be measured, or clusters and scores differ in number.

    Example:
        >>> rng, key = np.random.default_rng(1), np.array([True, False] * 2)
        >>> from earwitness.metrics.eer import eer
        >>> bootstrap(eer, np.array([2.0, 1.0, 2.0, 1.0]), key, ["a", "a", "b", "b"], rng=rng)
        Interval(value=0.0, low=0.0, high=0.0)
    """
    scores, is_bona_fide = checked(scores, is_bona_fide)
    return _interval(
        lambda rows: metric(scores[rows], is_bona_fide[rows]), is_bona_fide, clusters, rng, rounds
    )


def paired_difference(
    metric: Metric,
    first: Scores,
    second: Scores,
    is_bona_fide: Key,
    clusters: Sequence[str],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Interval:
    """Give ``metric(first) - metric(second)`` on the same trials its 95 % interval.

    See ``bootstrap`` for the rest. Both are measured on the same replicates, so what is hard for
    both cancels.
    """
    ours, is_bona_fide = checked(first, is_bona_fide)
    theirs, _ = checked(second, is_bona_fide)

    def difference(rows: Rows) -> float:
        key = is_bona_fide[rows]
        return metric(ours[rows], key) - metric(theirs[rows], key)

    return _interval(difference, is_bona_fide, clusters, rng, rounds)


def _interval(
    measure: Callable[[Rows], float],
    is_bona_fide: Key,
    clusters: Sequence[str],
    rng: np.random.Generator,
    rounds: int,
) -> Interval:
    if len(clusters) != len(is_bona_fide):
        raise ProtocolError(
            f"Expected one cluster a trial, but got {len(clusters)} for {len(is_bona_fide)} trials."
        )
    members = _members(clusters)
    values: list[float] = []
    while len(values) < rounds:
        chosen = rng.integers(len(members), size=len(members))
        rows = np.concatenate([members[index] for index in chosen])
        if is_bona_fide[rows].any() and not is_bona_fide[rows].all():
            values.append(measure(rows))
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(measure(np.arange(len(is_bona_fide))), float(low), float(high))


def _members(clusters: Sequence[str]) -> list[Rows]:
    """List the rows of each cluster."""
    _, groups = np.unique(np.asarray(clusters), return_inverse=True)
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
