"""What the figures of an evaluation are drawn from: DET points, histogram and reliability.

Nothing here is a headline figure; those come from ``metrics``. The band of the DET curve is that
of the other intervals: 95 % of bootstrap replicates, whole clusters resampled together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.pools import cluster_of
from earwitness.evaluation.records import Evaluation, Scored
from earwitness.metrics._trials import Key, Scores, checked

Floats = NDArray[np.float64]

# False-alarm rates at which the DET curve is told: even steps on the axis that it is drawn on.
GRID = tuple(NormalDist().cdf(step) for step in np.linspace(-3.3, 3.3, 133))
_MOST_THRESHOLDS = 4000  # more would not be seen, and 600,000 take minutes
_BINS, _RELIABILITY_BINS, _LEAST_IN_BIN = 40, 10, 8
_WIDE = 1.96  # normal quantile of a 95 % interval


@dataclass(frozen=True)
class DetCurve:
    """Miss rates at fixed false-alarm rates, linear between operating points.

    Attributes:
        false_alarm: ascending, as fractions.
        miss: at each of them.
        low: lower ends of the 95 % intervals of ``miss``.
        high: upper ends.
    """

    false_alarm: tuple[float, ...]
    miss: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Histogram:
    """How the scores of both labels are spread.

    Attributes:
        edges: of the bins, ascending; one more than there are bins.
        bona_fide: trials in each bin; wild scores are counted in the outermost bins.
        spoof: the same for spoof trials.
        beyond: trials whose score lies outside of the edges.
    """

    edges: tuple[float, ...]
    bona_fide: tuple[int, ...]
    spoof: tuple[int, ...]
    beyond: int


@dataclass(frozen=True)
class ReliabilityBin:
    """Trials of similar LLRs: how often bona fide they should be, and how often they are.

    Attributes:
        expected: mean probability of bona fide that follows from the LLRs and the prior.
        observed: share of bona fide trials.
        low: lower end of the 95 % interval (Wilson) of ``observed``.
        high: upper end.
        n: trials.
    """

    expected: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Reliability:
    """Bins of about as many trials each, from low LLRs to high ones.

    Attributes:
        bins: in ascending order of the LLR.
        prior: of bona fide, that the probabilities belong to: its share of these trials.
    """

    bins: tuple[ReliabilityBin, ...]
    prior: float


@dataclass(frozen=True)
class Curves:
    """All that the figures of one evaluation need beside it; None where it cannot be drawn."""

    det: DetCurve | None = None
    histogram: Histogram | None = None
    reliability: Reliability | None = None


@dataclass(frozen=True)
class _Binned:
    """Trials by threshold and label: what a replicate is counted from.

    Attributes:
        cell: for each trial, the last threshold at or below its score, counted from 0 for bona
            fide and from ``size`` for spoof.
        size: number of thresholds.
        cluster: for each trial, its cluster's number; None for single trials.
    """

    cell: NDArray[np.intp]
    size: int
    cluster: NDArray[np.intp] | None = field(repr=False)


def trace(evaluation: Evaluation, *, rounds: int = 1000, seed: int = 0) -> Curves:
    """Compute what the figures of an evaluation are drawn from.

    Args:
        evaluation: with scores; without trials of both labels there is only a histogram.
        rounds: replicates for the band of the DET curve.
        seed: of the replicates.
    """
    told = [one for one in evaluation.scored if one.score is not None]
    scores = np.array([one.score for one in told], np.float64)
    key = np.array([one.is_bona_fide for one in told], np.bool_)
    if not len(told):
        return Curves()
    spread = histogram(scores, key, keep=evaluation.setup.threshold)
    if key.all() or not key.any():
        return Curves(histogram=spread)
    rng = np.random.default_rng(seed)
    clusters = _clusters(told, evaluation.setup.clustered_by)
    det = det_curve(scores, key, clusters, rng=rng, rounds=rounds)
    is_calibrated = evaluation.setup.is_calibrated
    return Curves(det, spread, reliability(scores, key) if is_calibrated else None)


def det_curve(
    scores: Scores,
    is_bona_fide: Key,
    clusters: Sequence[str] | None,
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> DetCurve:
    """Trace miss rates over ``GRID``, with a band from resampling whole clusters.

    Of more than 4,000 different scores, 4,000 are taken as thresholds, evenly by rank.

    Args:
        scores: of the trials.
        is_bona_fide: their key.
        clusters: for each trial, what it shares with its kin; None for single trials.
        rng: all chance comes from here.
        rounds: replicates.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> key, rng = np.array([True, False] * 20), np.random.default_rng(1)
        >>> found = det_curve(np.zeros(40), key, None, rng=rng, rounds=50)
        >>> middle = len(GRID) // 2
        >>> round(found.false_alarm[middle], 6), round(found.miss[middle], 6)
        (0.5, 0.5)
    """
    scores, is_bona_fide = checked(scores, is_bona_fide)
    trials = _binned(scores, is_bona_fide, clusters)
    grid, whole = np.array(GRID), np.bincount(trials.cell, minlength=2 * trials.size)
    miss = _misses(whole.astype(np.float64), grid)
    replicates: list[Floats] = []
    while len(replicates) < rounds:
        found = _misses(_replicate(trials, whole, rng), grid)
        if np.isfinite(found).all():  # else it lacks a label, and is drawn again
            replicates.append(found)
    low, high = np.quantile(replicates, [0.025, 0.975], axis=0)
    return DetCurve(
        GRID, tuple(miss.tolist()),
        tuple(np.minimum(low, miss).tolist()), tuple(np.maximum(high, miss).tolist()),
    )  # fmt: skip


def histogram(scores: Scores, is_bona_fide: Key, *, keep: float | None = None) -> Histogram:
    """Count the scores of both labels in 40 bins of one width.

    The bins span 99.8 % of the scores, or all of them where the rest is near; what is beyond is
    counted in the outermost bins.

    Args:
        scores: of the trials, at least one.
        is_bona_fide: their key.
        keep: a score that the bins must span: the threshold.

    Example:
        >>> found = histogram(np.array([0.0, 1.0, 1.0]), np.array([False, True, True]))
        >>> len(found.edges), found.spoof[0], found.bona_fide[-1], found.beyond
        (41, 1, 2, 0)
    """
    values = np.asarray(scores, np.float64)
    low, high = _span(values, keep)
    edges = np.linspace(low, high, _BINS + 1)
    held = np.clip(values, low, high)
    bona_fide, spoof = (
        np.histogram(held[chosen], edges)[0] for chosen in (is_bona_fide, ~is_bona_fide)
    )
    beyond = int(((values < low) | (values > high)).sum())
    return Histogram(
        tuple(edges.tolist()), tuple(bona_fide.tolist()), tuple(spoof.tolist()), beyond
    )


def reliability(llrs: Scores, is_bona_fide: Key) -> Reliability:
    """Compare what LLRs promise with what is found, in bins of about as many trials each.

    A probability needs a prior. The one taken is the share of bona fide among these trials, so
    that counts can be compared with it directly.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> found = reliability(np.zeros(40), np.array([True] * 10 + [False] * 30))
        >>> one = found.bins[0]
        >>> found.prior, round(one.expected, 6), one.observed, one.n
        (0.25, 0.25, 0.25, 40)
    """
    llrs, is_bona_fide = checked(llrs, is_bona_fide)
    prior = float(is_bona_fide.mean())
    log_odds = llrs + np.log(prior / (1 - prior))
    expected = np.exp(-np.logaddexp(0.0, -log_odds))
    bins = _equally_filled(llrs)
    found = [_reliability_bin(expected[rows], is_bona_fide[rows]) for rows in bins]
    return Reliability(tuple(found), prior)


def _clusters(told: Sequence[Scored], column: str | None) -> list[str] | None:
    """Name each trial's cluster; one that lacks the column is its own."""
    if column is None:
        return None
    return [cluster_of(one, column) for one in told]


def _binned(scores: Floats, is_bona_fide: Key, clusters: Sequence[str] | None) -> _Binned:
    thresholds = np.unique(scores)
    if len(thresholds) > _MOST_THRESHOLDS:
        ordered = np.sort(scores)
        ranks = np.linspace(0, len(ordered) - 1, _MOST_THRESHOLDS).astype(np.intp)
        thresholds = np.unique(ordered[ranks])
    size = len(thresholds)
    column = np.searchsorted(thresholds, scores, side="right") - 1
    cell = np.where(is_bona_fide, column, column + size).astype(np.intp)
    if clusters is None:
        return _Binned(cell, size, None)
    return _Binned(cell, size, np.unique(np.asarray(clusters), return_inverse=True)[1])


def _replicate(trials: _Binned, whole: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """Count the cells of a replicate; single trials of one cell are alike, and drawn together."""
    n = len(trials.cell)
    if trials.cluster is None:
        return rng.multinomial(n, whole / n).astype(np.float64)
    clusters = int(trials.cluster.max()) + 1
    drawn = rng.multinomial(clusters, np.full(clusters, 1 / clusters)).astype(np.float64)
    counted = np.bincount(trials.cell, drawn[trials.cluster], len(whole))
    return counted.astype(np.float64)


def _misses(cells: Floats, grid: Floats) -> Floats:
    """Read miss rates off counted cells; NaN throughout where a label is lacking."""
    bona_fide, spoof = np.split(cells, 2)
    if not bona_fide.any() or not spoof.any():
        return np.full(len(grid), np.nan)
    miss = np.concatenate([[0.0], np.cumsum(bona_fide)]) / bona_fide.sum()
    false_alarm = 1.0 - np.concatenate([[0.0], np.cumsum(spoof)]) / spoof.sum()
    # A curve may fall straight down: of equal false-alarm rates, the best miss rate is taken.
    return _along(grid, false_alarm[::-1], miss[::-1])


def _along(grid: Floats, rising: Floats, values: Floats) -> Floats:
    """Read a curve at rising places, where it may be vertical: its lowest value there counts."""
    after = np.clip(np.searchsorted(rising, grid, side="right"), 1, len(rising) - 1)
    x0, x1, y0, y1 = rising[after - 1], rising[after], values[after - 1], values[after]
    share = np.divide(grid - x0, x1 - x0, out=np.zeros_like(grid), where=x1 > x0)
    return np.asarray(y0 + np.clip(share, 0.0, 1.0) * (y1 - y0))


def _span(values: Floats, keep: float | None) -> tuple[float, float]:
    told = values[np.isfinite(values)]
    if not len(told):
        return -0.5, 0.5
    lowest, highest = float(told.min()), float(told.max())
    low, high = (float(v) for v in np.quantile(told, [0.001, 0.999], method="nearest"))
    if highest - lowest <= 1.5 * (high - low):
        low, high = lowest, highest
    if keep is not None and abs(keep - (low + high) / 2) <= 2 * (high - low):
        low, high = min(low, keep), max(high, keep)
    if high - low < 1e-9:
        return low - 0.5, high + 0.5
    return low, high


def _equally_filled(values: Floats) -> list[NDArray[np.intp]]:
    """Split rows into bins of similar values; equal values stay together."""
    wanted = max(1, min(_RELIABILITY_BINS, len(values) // _LEAST_IN_BIN))
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    cuts = np.array([round(len(values) * n / wanted) for n in range(1, wanted)], np.intp)
    firsts = np.unique(np.searchsorted(ordered, ordered[cuts], side="left"))
    return [rows for rows in np.split(order, firsts) if len(rows)]


def _reliability_bin(expected: Floats, is_bona_fide: Key) -> ReliabilityBin:
    n, hits = len(expected), int(is_bona_fide.sum())
    low, high = _wilson(hits, n)
    return ReliabilityBin(float(expected.mean()), hits / n, low, high, n)


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson 1927)."""
    share, square = hits / n, _WIDE**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _WIDE * np.sqrt(share * (1 - share) / n + square / (4 * n**2)) / (1 + square / n)
    return float(max(0.0, min(share, middle - half))), float(min(1.0, max(share, middle + half)))
