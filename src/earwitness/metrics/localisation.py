"""Where in a recording the spoof is: segment EER and range-based EER of a score over time.

Three rules turn windows into numbers:

- The score of an instant is the mean score of the windows that cover it. Where no window lies
  (there is no speech) there is no score; such time is left out, and counted.
- A frame is spoof if any spoof lies in it, and its score is the lowest inside it: the convention
  of PartialSpoof (Zhang et al. 2022), whose labels and scores are pooled by the minimum.
- Time is told to a millionth of a second, so that 51 frames of 20 ms end where 1.02 s begins.

Range-based EER (Zhang et al. 2023, "Range-Based Equal Error Rate for Spoof Localization") weighs by
time what the segment EER weighs by frames: seconds of bona fide sound below the threshold over all
such seconds, against seconds of spoof at or above it. The paper searches the threshold by
bisection; score and label change in steps only, so all thresholds are tried here, and the value is
exact. The segment EER tends to it as frames get shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.metrics._trials import Key, Scores, checked
from earwitness.metrics.intervals import Interval

Times: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.float64]
Draws: TypeAlias = NDArray[np.intp]

_DECIMALS = 6
_SCORE_DECIMALS = 9  # equal means are ties, in whatever order they were added up


@dataclass(frozen=True, order=True)
class Region:
    """A stretch of time in which a recording is spoofed."""

    start_s: float
    end_s: float


def joined(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Put regions in order and make one of those that overlap or touch.

    Example:
        >>> joined([Region(3, 4), Region(1, 2), Region(2, 3.5)])
        (Region(start_s=1, end_s=4),)
    """
    done: list[Region] = []
    for region in sorted(regions):
        if done and region.start_s <= done[-1].end_s:
            region = Region(done[-1].start_s, max(done.pop().end_s, region.end_s))
        done.append(region)
    return tuple(done)


@dataclass(frozen=True)
class Steps:
    """A score over time that changes in steps.

    Attributes:
        edges_s: ascending, shape (steps + 1,).
        scores: of the time between two edges, shape (steps,); NaN where no window lies.
    """

    edges_s: Times
    scores: Scores


def mean_of_windows(starts_s: Times, ends_s: Times, scores: Scores) -> Steps:
    """Give every instant the mean score of the windows that cover it.

    Raises:
        ProtocolError: the arrays differ in length, a window ends before it starts, or a score is
            NaN.

    Example:
        >>> mean_of_windows(np.array([0.0, 2.0]), np.array([4.0, 6.0]), np.array([1.0, 3.0])).scores
        array([1., 2., 3.])
    """
    starts, ends = np.round(starts_s, _DECIMALS), np.round(ends_s, _DECIMALS)
    values = np.asarray(scores, np.float64)
    if not starts.shape == ends.shape == values.shape or (ends <= starts).any():
        raise ProtocolError("Expected windows with a start, a later end and a score each.")
    if np.isnan(values).any():
        raise ProtocolError("Expected the scores of windows to be numbers, but got NaN.")
    edges = np.unique(np.concatenate([starts, ends]))
    first, last = np.searchsorted(edges, starts), np.searchsorted(edges, ends)
    covered = [np.arange(a, b) for a, b in zip(first, last, strict=True)]
    steps = np.concatenate([np.empty(0, np.intp), *covered])
    given = np.repeat(values, last - first)
    sums = np.bincount(steps, given, minlength=max(len(edges) - 1, 0))
    count = np.bincount(steps, minlength=len(sums))
    means = np.round(sums / np.maximum(count, 1), _SCORE_DECIMALS)
    return Steps(edges, np.where(count > 0, means, np.nan))


@dataclass(frozen=True)
class Pile:
    """What an EER counts of one recording.

    Attributes:
        scores: NaN for what no window covers.
        is_bona_fide: its key.
        weights: how much there is of it: frames, or seconds.
    """

    scores: Scores
    is_bona_fide: Key
    weights: Weights

    def amount(self, *, is_bona_fide: bool, is_heard: bool) -> float:
        """Add up the weights of one label, of what has a score or of what has none."""
        chosen = (self.is_bona_fide == is_bona_fide) & (np.isnan(self.scores) != is_heard)
        return float(self.weights[chosen].sum())


def by_range(steps: Steps, spoof: Sequence[Region], *, duration_s: float) -> Pile:
    """Weigh a recording by seconds, cut wherever its score or its label changes.

    Args:
        steps: its score.
        spoof: its spoofed regions; what goes beyond its end does not count.
        duration_s: how long it is.

    Raises:
        ProtocolError: it lasts no time.

    Example:
        >>> whole = Steps(np.array([0.0, 4.0]), np.array([1.5]))
        >>> by_range(whole, [Region(1.0, 2.0)], duration_s=5.0).weights
        array([1., 1., 2., 1.])
    """
    starts, ends = _cut(steps, spoof, np.array([0.0, duration_s]))
    scores, is_spoof = _looked_up(steps, spoof, (starts + ends) / 2)
    return Pile(scores, ~is_spoof, ends - starts)


def by_frame(steps: Steps, spoof: Sequence[Region], *, duration_s: float, frame_s: float) -> Pile:
    """Cut a recording into frames of one length; the last one may be shorter, and counts as one.

    See ``by_range`` for the rest.

    Example:
        >>> whole = Steps(np.array([0.0, 4.0]), np.array([1.5]))
        >>> by_frame(whole, [Region(0.9, 2.0)], duration_s=5.0, frame_s=1.0).is_bona_fide.tolist()
        [False, False, True, True, True]
    """
    count = int(np.ceil(round(round(duration_s, _DECIMALS) / frame_s, _DECIMALS)))
    frames = np.append(np.arange(count) * frame_s, duration_s)
    starts, ends = _cut(steps, spoof, frames)
    scores, is_spoof = _looked_up(steps, spoof, (starts + ends) / 2)
    first = np.searchsorted(starts, np.round(frames[:-1], _DECIMALS))
    lowest = np.minimum.reduceat(np.where(np.isnan(scores), np.inf, scores), first)
    any_spoof = np.logical_or.reduceat(is_spoof, first)
    return Pile(np.where(np.isinf(lowest), np.nan, lowest), ~any_spoof, np.ones(count))


def localisation_eer(piles: Sequence[Pile]) -> float:
    """Find where spoof that is let pass and bona fide sound that is accused are equally frequent.

    As for ``eer``: equal scores move together, and it is linear between two operating points.

    Raises:
        ProtocolError: what has a score is all bona fide, or all spoof.

    Example:
        >>> pile = Pile(np.array([2.0, 0.0, 1.0]), np.array([True, True, False]), np.ones(3))
        >>> localisation_eer([pile])
        0.5
    """
    return _Heap(piles, range(len(piles))).eer()


def localisation_interval(
    piles: Sequence[Pile],
    clusters: Sequence[str],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Interval:
    """Give ``localisation_eer`` its 95 % interval by resampling clusters of recordings.

    Args:
        piles: one a recording.
        clusters: for each recording, what it shares with its kin.
        rng: all chance comes from here.
        rounds: replicates; those that lack a label are drawn again.

    Raises:
        ProtocolError: as for ``localisation_eer``, or piles and clusters differ in number.
    """
    groups = numbered(clusters, len(piles))
    heap = _Heap(piles, groups.tolist())
    values: list[float] = []
    while len(values) < rounds:
        draws = drawn(groups, rng)
        if heap.has_both(draws):
            values.append(heap.eer(draws))
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(heap.eer(), float(low), float(high))


def numbered(clusters: Sequence[str], recordings: int) -> Draws:
    """Number the cluster of each recording, from 0.

    Raises:
        ProtocolError: there is not one cluster a recording.
    """
    if len(clusters) != recordings:
        raise ProtocolError(
            f"Expected one cluster a recording, but got {len(clusters)} for {recordings}."
        )
    return np.unique(np.asarray(clusters), return_inverse=True)[1]


def drawn(groups: Draws, rng: np.random.Generator) -> Draws:
    """Draw clusters with replacement, and say how often each of them came."""
    count = int(groups.max()) + 1
    return np.bincount(rng.integers(count, size=count), minlength=count)


class _Heap:
    """The piles of all recordings, sorted once, to be weighed again and again."""

    def __init__(self, piles: Sequence[Pile], groups: Iterable[int]) -> None:
        at = np.repeat(list(groups), [len(pile.scores) for pile in piles]).astype(np.intp)
        scores = np.concatenate([np.empty(0), *(pile.scores for pile in piles)])
        key = np.concatenate([np.empty(0, np.bool_), *(pile.is_bona_fide for pile in piles)])
        weights = np.concatenate([np.empty(0), *(pile.weights for pile in piles)])
        heard = ~np.isnan(scores)
        scores, key = checked(scores[heard], key[heard])
        levels, level = np.unique(scores, return_inverse=True)
        # Rows of one cluster, score and label are one row: most frames share theirs with others.
        cell = (at[heard] * len(levels) + level) * 2 + key
        cells, row = np.unique(cell, return_inverse=True)
        self._weights: Weights = np.bincount(row, weights[heard]).astype(np.float64)
        self._key: Key = cells % 2 == 1
        self._level = cells // 2 % len(levels)
        self._group = cells // 2 // len(levels)
        self._levels = len(levels)

    def has_both(self, draws: Draws) -> bool:
        """Say whether a draw of clusters holds both labels."""
        is_in = draws[self._group] > 0
        return bool(is_in[self._key].any() and is_in[~self._key].any())

    def eer(self, draws: Draws | None = None) -> float:
        """Find the EER with each cluster as often as it was drawn; once, if nothing was drawn."""
        weights = self._weights if draws is None else self._weights * draws[self._group]
        miss = self._below(weights, self._key)
        false_alarm = 1 - self._below(weights, ~self._key)
        after = int(np.argmax(miss >= false_alarm))
        before = after - 1
        gap_before = false_alarm[before] - miss[before]
        gap_after = miss[after] - false_alarm[after]
        share = gap_before / (gap_before + gap_after)
        return float(miss[before] + share * (miss[after] - miss[before]))

    def _below(self, weights: Weights, chosen: Key) -> Weights:
        """Give the share of one label that lies below each threshold, from none to all."""
        levels = np.bincount(self._level[chosen], weights[chosen], minlength=self._levels)
        sums = np.concatenate([[0.0], np.cumsum(levels)])
        return np.asarray(sums / sums[-1], np.float64)


def _cut(steps: Steps, spoof: Sequence[Region], edges: Times) -> tuple[Times, Times]:
    """Cut time between the outer edges wherever something changes."""
    first, last = np.round(edges[[0, -1]], _DECIMALS)
    if not last > first:
        raise ProtocolError(f"Expected a recording that lasts, but got one of {edges[-1]} s.")
    changes = [edge for region in spoof for edge in (region.start_s, region.end_s)]
    cuts = np.unique(np.round(np.concatenate([edges, steps.edges_s, changes]), _DECIMALS))
    cuts = cuts[(cuts >= first) & (cuts <= last)]
    return cuts[:-1], cuts[1:]


def _looked_up(
    steps: Steps, spoof: Sequence[Region], times: Times
) -> tuple[Scores, NDArray[np.bool_]]:
    """Give score and label at times that lie on no edge."""
    scores = np.concatenate([[np.nan], steps.scores, [np.nan]])
    at = np.searchsorted(steps.edges_s, times)
    is_spoof = np.zeros(len(times), np.bool_)
    for region in spoof:
        is_spoof |= (region.start_s < times) & (times < region.end_s)
    return scores[np.minimum(at, len(scores) - 1)], is_spoof
