"""Suspicious stretches beside the spoofed regions that they should name.

A region is found where suspicious stretches cover at least half of it. A stretch is false where it
touches no spoof at all; one that touches a region without finding it is neither.

Windows are longer than most splices, so a stretch that finds a region reaches beyond it: ask for
the share of suspicious time that is spoofed, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.metrics.bounds import Z_95, eer_interval
from earwitness.metrics.intervals import Interval
from earwitness.metrics.localisation import Region, drawn, numbered

LEAST_SHARE = 0.5
"""Share of a region that has to be covered for the region to be found."""

_ONE_SIDE = 0.025


def covered_s(region: Region, others: Sequence[Region]) -> float:
    """Measure how much of a region others cover, which must not overlap (``joined``).

    Example:
        >>> covered_s(Region(2, 4), [Region(0, 2.5), Region(3.5, 9)])
        1.0
    """
    return math.fsum(
        max(0.0, min(region.end_s, other.end_s) - max(region.start_s, other.start_s))
        for other in others
    )


def found(spoof: Sequence[Region], suspicious: Sequence[Region]) -> int:
    """Count the spoofed regions that suspicious stretches find.

    Example:
        >>> found([Region(2, 4), Region(8, 9)], [Region(3, 8)])
        1
    """
    return sum(
        covered_s(region, suspicious) >= LEAST_SHARE * (region.end_s - region.start_s)
        for region in spoof
    )


def false(suspicious: Sequence[Region], spoof: Sequence[Region]) -> int:
    """Count the suspicious stretches that touch no spoof.

    Example:
        >>> false([Region(3, 8), Region(10, 12)], [Region(2, 4), Region(8, 9)])
        1
    """
    return sum(covered_s(stretch, spoof) == 0 for stretch in suspicious)


def rate(
    events: Sequence[float],
    amounts: Sequence[float],
    clusters: Sequence[str],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Interval:
    """Give events for each unit of an amount (an hour) their 95 % interval.

    Clusters of recordings are resampled. Where that says nothing, because there was no event at all
    or no replicate differed, the interval is that of a Poisson process: of no event, 3.7 may have
    been due.

    Args:
        events: how many there were in each recording.
        amounts: how much of each recording they could have been in.
        clusters: for each recording, what it shares with its kin.
        rng: all chance comes from here.
        rounds: replicates.

    Raises:
        ProtocolError: the numbers of events, amounts and clusters differ, or there is nothing to
            divide by.

    Example:
        >>> told = rate([0, 0], [1.0, 1.0], ["a", "b"], rng=np.random.default_rng(1))
        >>> told.value, told.low, round(told.high, 2)
        (0.0, 0.0, 1.84)
    """
    happened, of = _checked(events, amounts, clusters)
    told = _resampled(happened, of, clusters, rng, rounds)
    if told.high > told.low:
        return told
    low, high = _poisson(float(happened.sum()))
    return Interval(told.value, low / float(of.sum()), high / float(of.sum()))


def share(
    counts: Sequence[float],
    amounts: Sequence[float],
    clusters: Sequence[str],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Interval:
    """Give a share, counts of amounts, its 95 % interval.

    See ``rate``. Where resampling says nothing, the interval is Wilson's, each cluster that has any
    of the amount being one trial.

    Example:
        >>> told = share([1, 2], [1, 2], ["a", "b"], rng=np.random.default_rng(1))
        >>> told.value, round(told.low, 2), told.high
        (1.0, 0.34, 1.0)
    """
    counted, of = _checked(counts, amounts, clusters)
    told = _resampled(counted, of, clusters, rng, rounds)
    if told.high > told.low:
        return told
    trials = len({name for name, amount in zip(clusters, of, strict=True) if amount > 0})
    return eer_interval(told.value, trials, trials)


def _checked(
    counts: Sequence[float], amounts: Sequence[float], clusters: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    counted, of = np.asarray(counts, np.float64), np.asarray(amounts, np.float64)
    if counted.shape != of.shape or not of.sum() > 0:
        raise ProtocolError(
            f"Expected counts and positive amounts of the same recordings, but got {counted.size} "
            f"counts and {of.size} amounts, {of.sum():g} in all."
        )
    numbered(clusters, len(of))
    return counted, of


def _poisson(events: float) -> tuple[float, float]:
    """Give how many events may have been due where so many were seen (Garwood 1936).

    By the approximation of Wilson and Hilferty: exact for none, right to a percent from five events
    up, and lower than need be, at the lower end, below that.
    """
    if not events:
        return 0.0, -math.log(_ONE_SIDE)
    low, high = (
        n * (1 - 1 / (9 * n) + side * Z_95 / (3 * math.sqrt(n))) ** 3
        for n, side in ((events, -1), (events + 1, 1))
    )
    return low, high


def _resampled(
    counted: NDArray[np.float64],
    of: NDArray[np.float64],
    clusters: Sequence[str],
    rng: np.random.Generator,
    rounds: int,
) -> Interval:
    groups = numbered(clusters, len(of))
    counted_in, of_in = np.bincount(groups, counted), np.bincount(groups, of)
    values: list[float] = []
    while len(values) < rounds:
        draws = drawn(groups, rng)
        amount = float(draws @ of_in)
        if amount > 0:
            values.append(float(draws @ counted_in) / amount)
    low, high = np.quantile(values, [_ONE_SIDE, 1 - _ONE_SIDE])
    return Interval(float(counted.sum() / of.sum()), float(low), float(high))
