"""Error rates from errors that are counted already: an error, none, or half of one.

Misses are the errors on bona fide trials, false alarms those on spoofs. Unlike in ``eer``, one
label may be absent (all spoofs of one attack), and a trial can count as half an error: one that was
not answered. Intervals come from resampling whole clusters, counted and not copied, so that 600,000
trials take no longer than their clusters do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.metrics._trials import Key
from earwitness.metrics.intervals import Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """The two error rates and their balance; None where a label that it needs is absent."""

    miss: Interval | None
    false_alarm: Interval | None
    balanced_accuracy: Interval | None


def shares(
    errors: NDArray[np.floating],
    is_bona_fide: Key,
    clusters: Sequence[str] | None,
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Shares:
    """Average the errors on each label, with 95 % intervals.

    Args:
        errors: of each trial, from 0 (right) to 1 (wrong).
        is_bona_fide: the key.
        clusters: for each trial, what it shares with its kin; None for single trials.
        rng: all chance comes from here.
        rounds: replicates.

    Raises:
        ProtocolError: errors, key and clusters differ in number.

    Example:
        >>> key, rng = np.array([True, True, False]), np.random.default_rng(1)
        >>> found = shares(np.array([0.0, 0.5, 1.0]), key, None, rng=rng)
        >>> found.miss.value, found.false_alarm.value, found.balanced_accuracy.value
        (0.25, 1.0, 0.375)
    """
    wrong, key = np.asarray(errors, np.float64), np.asarray(is_bona_fide, np.bool_)
    if wrong.shape != key.shape or (clusters is not None and len(clusters) != len(key)):
        raise ProtocolError(
            f"Expected one error and one cluster for each key, but got {wrong.shape} errors, "
            f"{key.shape} keys and {'no' if clusters is None else len(clusters)} clusters."
        )
    if not len(key):
        return Shares(None, None, None)
    kinds, counts = _kinds(wrong, key, clusters)
    number = int(counts.sum())
    drawn = rng.multinomial(number, counts / number, size=rounds)
    return _shares(_rates(counts[None] @ kinds), _rates(drawn @ kinds))


def _kinds(
    errors: Floats, key: Key, clusters: Sequence[str] | None
) -> tuple[Floats, NDArray[np.intp]]:
    """List the different clusters there are, and how often each is there.

    A row holds the errors on bona fide, the number of bona fide, and the same two of spoofs.
    """
    rows = np.stack([errors * key, key, errors * ~key, ~key], axis=1).astype(np.float64)
    if clusters is None:
        _, firsts, counts = np.unique(errors + 2.0 * key, return_index=True, return_counts=True)
        return rows[firsts], counts
    _, groups = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((int(groups.max(initial=-1)) + 1, 4))
    np.add.at(sums, groups, rows)
    kinds, counts = np.unique(sums, axis=0, return_counts=True)
    return kinds, counts


def _rates(totals: Floats) -> Floats:
    """Give miss rate, false-alarm rate and balanced accuracy; NaN where a label is absent."""
    with np.errstate(invalid="ignore"):
        miss = np.divide(totals[:, 0], totals[:, 1])
        false_alarm = np.divide(totals[:, 2], totals[:, 3])
    return np.stack([miss, false_alarm, 1.0 - (miss + false_alarm) / 2.0])


def _shares(values: Floats, replicates: Floats) -> Shares:
    return Shares(*(_interval(v, r) for v, r in zip(values, replicates, strict=True)))


def _interval(value: Floats, replicates: Floats) -> Interval | None:
    """Drop the replicates that lack a label: each was as good as never drawn."""
    if np.isnan(value[0]):
        return None
    low, high = np.quantile(replicates[~np.isnan(replicates)], [0.025, 0.975])
    return Interval(float(value[0]), float(low), float(high))
