"""The EER as the ASVspoof packages compute it, for parity with published numbers.

Their ``compute_eer`` sorts all trials, rejects them one by one from the lowest score up, and gives
the mean of miss and false-alarm rate at the step where the two are nearest. Two things follow:

- it is a step of a stair, up to half a trial away from the interpolated ``eer``;
- inside a tie, the bona fide trials are rejected first, one by one, though no threshold could do
  that. Ties make it too high: a constant scorer gets 1.0 instead of 0.5.

The result is theirs to the last bit, ties included. The headline everywhere is ``eer``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earwitness.metrics._tally import Counts, tally
from earwitness.metrics._trials import Key, Scores


@dataclass(frozen=True)
class ClassicEer:
    """An EER with its threshold, which is the score of the last trial that is rejected.

    The packages reject that trial while they look for the EER, and accept scores *at* the threshold
    when they use it for t-DCF. There is always such a trial: one rejection is nearer than none.
    """

    eer: float
    threshold: float


def eer_asvspoof(scores: Scores, is_bona_fide: Key) -> float:
    """Find the EER of the ASVspoof packages.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.

    Example:
        >>> eer_asvspoof(np.zeros(4), np.array([True, False, True, False]))
        1.0
        >>> eer_asvspoof(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
        0.0
    """
    return classic_eer(scores, is_bona_fide).eer


def classic_eer(scores: Scores, is_bona_fide: Key) -> ClassicEer:
    """Find the EER of the ASVspoof packages and the threshold that they use it with.

    Example:
        >>> classic_eer(np.array([1.0, 2.0, 3.0]), np.array([False, True, True])).threshold
        1.0
    """
    counts = tally(scores, is_bona_fide)
    step = nearest_step(counts.bona_fide, counts.spoof)
    rejected = step.bona_fide + step.spoof
    last = np.searchsorted(counts.bona_fide + counts.spoof, rejected) - 1
    return ClassicEer(step.eer, float(counts.scores[last]))


@dataclass(frozen=True)
class Step:
    """One step of the stair: how many of each label are rejected."""

    bona_fide: int
    spoof: int
    n_bona_fide: int
    n_spoof: int

    @property
    def miss(self) -> float:
        """Give the share of bona fide that is rejected."""
        return self.bona_fide / self.n_bona_fide

    @property
    def false_alarm(self) -> float:
        """Give the share of spoofs that is not."""
        return (self.n_spoof - self.spoof) / self.n_spoof

    @property
    def gap(self) -> float:
        """Give how far apart the two are."""
        return abs(self.miss - self.false_alarm)

    @property
    def eer(self) -> float:
        """Give their mean."""
        return (self.miss + self.false_alarm) / 2


def nearest_step(bona_fide: Counts, spoof: Counts) -> Step:
    """Find the step where misses and false alarms are nearest; of two, the first.

    Args:
        bona_fide: count below each distinct score, from nothing to all.
        spoof: the same.
    """
    n_bona_fide, n_spoof = int(bona_fide[-1]), int(spoof[-1])
    # Corners of the stair: at each score up over its bona fide trials, then along its spoofs.
    up, along = np.repeat(bona_fide, 2)[1:], np.repeat(spoof, 2)[:-1]
    # misses >= false alarms, in whole numbers
    after = int(np.argmax(up * n_spoof + along * n_bona_fide >= n_bona_fide * n_spoof))
    b, s = int(up[after - 1]), int(along[after - 1])
    short_of = n_bona_fide * n_spoof - b * n_spoof - s * n_bona_fide
    if up[after] > b:
        steps = short_of // n_spoof
        below = Step(b + steps, s, n_bona_fide, n_spoof)
        above = Step(b + steps + 1, s, n_bona_fide, n_spoof)
    else:
        steps = short_of // n_bona_fide
        below = Step(b, s + steps, n_bona_fide, n_spoof)
        above = Step(b, s + steps + 1, n_bona_fide, n_spoof)
    return above if above.gap < below.gap else below
