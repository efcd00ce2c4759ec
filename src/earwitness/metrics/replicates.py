"""Bootstrap intervals of many metrics at once, fast enough for the largest evaluation sets.

Draws are those of ``intervals.bootstrap``: as many clusters as there are, with replacement; a draw
that lacks a label is drawn again. But nothing is copied and nothing is sorted again: ``_ranked``
says how, and what little that can change. With ``clusters`` the very same draws come from the same
``rng``, so the two agree to rounding where no steps are joined. Values are always those of the
exact metrics on all trials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError, SettingsError
from earwitness.metrics._measures import METRICS, Metric
from earwitness.metrics._measures import Stakes as Stakes  # callers hand it in
from earwitness.metrics._ranked import Ranked, Replicate, rank
from earwitness.metrics._trials import Key, Scores, checked
from earwitness.metrics.dcf import Costs
from earwitness.metrics.intervals import Interval

NAMES = tuple(METRICS)
NO_STAKES = Stakes()

Draws = dict[str, NDArray[np.float64]]


def resample(
    scores: Scores,
    is_bona_fide: Key,
    clusters: Sequence[str] | None,
    *,
    metrics: Sequence[str],
    costs: Costs,
    threshold: float | None,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> dict[str, Interval]:
    """Give many metrics their 95 % intervals from the same draws.

    Args:
        scores: of the trials; LLRs for "act_dcf" and "cllr".
        is_bona_fide: their key.
        clusters: for each trial, what it shares with its kin; None to draw single trials.
        metrics: names out of ``NAMES``.
        costs: of "min_dcf" and "act_dcf".
        threshold: of "miss_rate", "false_alarm_rate" and "balanced_accuracy".
        rng: all chance comes from here.
        rounds: replicates.

    Raises:
        ProtocolError: the trials cannot be measured, or clusters and scores differ in number.
        SettingsError: a name is not known, or a threshold is needed and missing.

    Example:
        >>> rng, key = np.random.default_rng(1), np.array([True, False] * 2)
        >>> resample(np.array([2.0, 1.0, 2.0, 1.0]), key, ["a", "a", "b", "b"],
        ...          metrics=["eer"], costs=Costs(), threshold=None, rng=rng)
        {'eer': Interval(value=0.0, low=0.0, high=0.0)}
    """
    stakes = Stakes(costs, threshold)
    chosen = _chosen(metrics)
    scores, is_bona_fide = checked(scores, is_bona_fide)
    units = None if clusters is None else _numbered(clusters, len(scores))
    ranked = rank(scores, is_bona_fide, units)
    draws = _empty(chosen, rounds)
    for turn, (replicate,) in zip(range(rounds), _replicates([ranked], units, rng), strict=False):
        for name, metric in chosen.items():
            draws[name][turn] = metric.of_replicate(replicate, stakes)
    return {
        name: _interval(metric.of_trials(scores, is_bona_fide, stakes), draws[name])
        for name, metric in chosen.items()
    }


def resample_pair(
    first: Scores,
    second: Scores,
    is_bona_fide: Key,
    clusters: Sequence[str] | None,
    *,
    metrics: Sequence[str],
    rng: np.random.Generator,
    stakes: tuple[Stakes, Stakes] = (NO_STAKES, NO_STAKES),
    rounds: int = 1000,
) -> dict[str, Interval]:
    """Give differences of two detectors on the same trials their 95 % intervals.

    A difference is ``metric(first) - metric(second)``. Both are measured on the same draws, so what
    is hard for both cancels.

    Args:
        first: scores of one detector.
        second: scores of the other for the same trials.
        is_bona_fide: the key.
        clusters: for each trial, what it shares with its kin; None to draw single trials.
        metrics: names out of ``NAMES``.
        rng: all chance comes from here.
        stakes: of the first and of the second detector, whose thresholds may differ.
        rounds: replicates.

    Raises:
        ProtocolError: the trials cannot be measured, or clusters and scores differ in number.
        SettingsError: a name is not known, or a threshold is needed and missing.

    Example:
        >>> rng, key = np.random.default_rng(1), np.array([True, False])
        >>> resample_pair(np.array([2.0, 1.0]), np.array([1.0, 2.0]), key, None,
        ...               metrics=["auc"], rng=rng)
        {'auc': Interval(value=1.0, low=1.0, high=1.0)}
    """
    chosen = _chosen(metrics)
    ours, is_bona_fide = checked(first, is_bona_fide)
    theirs, _ = checked(second, is_bona_fide)
    units = np.arange(len(ours)) if clusters is None else _numbered(clusters, len(ours))
    ranked = [rank(scores, is_bona_fide, units) for scores in (ours, theirs)]
    draws = _empty(chosen, rounds)
    for turn, pair in zip(range(rounds), _replicates(ranked, units, rng), strict=False):
        for name, metric in chosen.items():
            mine, other = (metric.of_replicate(*one) for one in zip(pair, stakes, strict=True))
            draws[name][turn] = mine - other
    return {
        name: _interval(
            metric.of_trials(ours, is_bona_fide, stakes[0])
            - metric.of_trials(theirs, is_bona_fide, stakes[1]),
            draws[name],
        )
        for name, metric in chosen.items()
    }


def resample_many(
    scores: Sequence[Scores],
    is_bona_fide: Key,
    clusters: Sequence[str] | None,
    *,
    metrics: Sequence[str],
    rng: np.random.Generator,
    stakes: Stakes = NO_STAKES,
    rounds: int = 1000,
) -> Draws:
    """Draw replicates of many detectors on the same trials, all on the same draws.

    Whatever is a sum of their figures (a mean over seeds, a change of that mean) has its replicates
    in the same sum of these.

    Args:
        scores: of each detector.
        is_bona_fide: the key.
        clusters: for each trial, what it shares with its kin; None to draw single trials.
        metrics: names out of ``NAMES``.
        rng: all chance comes from here.
        stakes: costs, and the threshold where one is needed.
        rounds: replicates.

    Returns:
        For each metric the replicates, shape (detectors, rounds).

    Raises:
        ProtocolError: the trials cannot be measured, or clusters and scores differ in number.
        SettingsError: a name is not known, or a threshold is needed and missing.

    Example:
        >>> rng, key = np.random.default_rng(1), np.array([True, False])
        >>> two = [np.array([2.0, 1.0]), np.array([1.0, 2.0])]
        >>> resample_many(two, key, None, metrics=["auc"], rng=rng, rounds=1)["auc"]
        array([[1.],
               [0.]])
    """
    chosen = _chosen(metrics)
    tables, key = [checked(one, is_bona_fide)[0] for one in scores], is_bona_fide
    units = np.arange(len(key)) if clusters is None else _numbered(clusters, len(key))
    ranked = [rank(one, np.asarray(key, np.bool_), units) for one in tables]
    draws = {name: np.empty((len(tables), rounds)) for name in chosen}
    for turn, replicates in zip(range(rounds), _replicates(ranked, units, rng), strict=False):
        for name, metric in chosen.items():
            draws[name][:, turn] = [metric.of_replicate(one, stakes) for one in replicates]
    return draws


def _replicates(
    ranked: Sequence[Ranked], units: NDArray[np.intp] | None, rng: np.random.Generator
) -> Iterator[list[Replicate]]:
    """Draw for ever; each draw is seen by all rankings of the same trials."""
    count = len(ranked[0].scores) if units is None else int(units.max()) + 1
    while True:
        times = np.bincount(rng.integers(count, size=count), minlength=count)
        replicates = [one.replicate(times) for one in ranked]
        if replicates[0].has_both_labels:
            yield replicates


def _numbered(clusters: Sequence[str], trials: int) -> NDArray[np.intp]:
    """Number the clusters in the order of their names, as ``intervals`` does."""
    if len(clusters) != trials:
        raise ProtocolError(
            f"Expected one cluster a trial, but got {len(clusters)} for {trials} trials."
        )
    numbers = {name: number for number, name in enumerate(sorted(set(clusters)))}
    return np.fromiter((numbers[name] for name in clusters), np.intp, trials)


def _chosen(names: Sequence[str]) -> dict[str, Metric]:
    for name in names:
        if name not in METRICS:
            raise SettingsError(f"There is no metric '{name}'. There are: {', '.join(NAMES)}.")
    return {name: METRICS[name] for name in names}


def _empty(chosen: dict[str, Metric], rounds: int) -> Draws:
    return {name: np.empty(rounds) for name in chosen}


def _interval(value: float, draws: NDArray[np.float64]) -> Interval:
    # Between a finite draw and an infinite one (a Cllr) there is nothing to interpolate.
    if np.isfinite(draws).all():
        low, high = np.quantile(draws, [0.025, 0.975])
    else:
        low, high = np.quantile(draws, [0.025, 0.975], method="inverted_cdf")
    return Interval(value, float(low), float(high))
