"""Trials ranked once, so that drawing them again means counting, not sorting.

A bootstrap replicate is a list of whole numbers: how often each trial is in it. Laid out by label
and score, one running sum of these numbers gives the miss and false-alarm rate at any threshold;
the rest is arithmetic on the *steps* of the score.

Steps. A run of scores that belong to one label only is one step, for between its ends only one of
the two rates moves, along a line that every metric here already draws. Equal scores are one step.
If at most ``2 · STEPS`` remain, nothing is lost: each replicate has the very value that the exact
metric gives on its trials. If more remain, neighbours are joined to some ``STEPS`` steps of equal
mass, where the mass is the share of bona fide plus the share of spoofs.

What joining may change. Inside a joined step with the shares p of the bona fide trials and q of the
spoofs, the true curve runs somewhere between "all spoofs below all bona fide" and the reverse, and
the joined one runs straight. So on the same replicate, at most

- EER: min(p, q) of the step where the rates cross (the true and the straight curve both cross
  inside its rectangle);
- AUC: half the sum of p · q over joined steps;
- minDCF: the largest min(Cmiss (1 - π) p, Cfa π q) of a joined step, normalised;
- min Cllr and EER of the hull: the distance to their values with every joined step in perfect
  order, since both only fall as order improves.

On the trials themselves p + q < 3 / ``STEPS`` for a joined step, so an EER is off by less than
1.5 / ``STEPS`` = 0.01 percentage points, and in practice by a tenth of that; the interval of an EER
of 5 % from 100,000 + 500,000 trials is 0.15 points wide. Rates at thresholds and Cllr are sums over
trials, and exact always.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics._tally import (
    Counts,
    Rates,
    Tally,
    false_alarm_rates,
    miss_rates,
    running_sum,
    tally,
)
from earwitness.metrics._trials import Key, Scores, checked
from earwitness.metrics.eer import ErrorRates

STEPS = 16384


@dataclass(frozen=True)
class Ranked:
    """Trials in the order of their scores, bona fide before spoof.

    Attributes:
        scores: of the bona fide trials, ascending, then of the spoofs, ascending.
        n_bona_fide: where the spoofs begin.
        units: for each of these trials, the number of what is drawn (a page, a speaker, the trial
            itself); None if the trials in this order are the units.
        bona_fide_ends: trials of the first part below each step, from 0 to all; (steps + 1,).
        spoof_ends: trials before the step's end, counted from the very start.
    """

    scores: NDArray[np.float64]
    n_bona_fide: int
    units: NDArray[np.intp] | None
    bona_fide_ends: Counts
    spoof_ends: Counts

    @cached_property
    def costs(self) -> NDArray[np.float64]:
        """Give what each trial's score costs as an LLR, in bits; infinite costs as 0."""
        return np.where(np.isinf(self._costs), 0.0, self._costs)

    @cached_property
    def endless(self) -> NDArray[np.intp]:
        """Name the trials whose cost is infinite."""
        return np.flatnonzero(np.isinf(self._costs))

    @cached_property
    def _costs(self) -> NDArray[np.float64]:
        signs = np.where(np.arange(len(self.scores)) < self.n_bona_fide, -1.0, 1.0)
        return np.asarray(np.logaddexp(0.0, signs * self.scores) / np.log(2.0))

    def replicate(self, times: NDArray[np.intp]) -> Replicate:
        """Count the trials of a draw.

        Args:
            times: how often each unit was drawn; (units,).
        """
        return Replicate(self, times if self.units is None else times[self.units])


@dataclass(frozen=True)
class Replicate:
    """Ranked trials, each there so many times (0 included)."""

    ranked: Ranked
    times: NDArray[np.intp]

    @cached_property
    def _so_far(self) -> Counts:
        return running_sum(self.times)

    @property
    def has_both_labels(self) -> bool:
        """Say whether there is anything to measure."""
        middle, all_of_them = self._so_far[self.ranked.n_bona_fide], self._so_far[-1]
        return bool(0 < middle < all_of_them)

    @cached_property
    def bona_fide(self) -> Counts:
        """Count bona fide trials below each step, from none to all."""
        return np.asarray(self._so_far[self.ranked.bona_fide_ends])

    @cached_property
    def spoof(self) -> Counts:
        """Count spoofs below each step, from none to all."""
        before = self._so_far[self.ranked.n_bona_fide]
        return np.asarray(self._so_far[self.ranked.spoof_ends] - before)

    @cached_property
    def miss(self) -> Rates:
        """Give the miss rate at the foot of each step, and at the end."""
        return miss_rates(self.bona_fide)

    @cached_property
    def false_alarm(self) -> Rates:
        """Give the false-alarm rate at the foot of each step, and at the end."""
        return false_alarm_rates(self.spoof)

    def error_rates(self, threshold: float) -> ErrorRates:
        """Count the mistakes of a threshold, exactly."""
        middle = self.ranked.n_bona_fide
        below = int(np.searchsorted(self.ranked.scores[:middle], threshold))
        below_too = middle + int(np.searchsorted(self.ranked.scores[middle:], threshold))
        accepted = self._so_far[-1] - self._so_far[below_too]
        return ErrorRates(
            miss=float(self._so_far[below] / self.bona_fide[-1]),
            false_alarm=float(accepted / self.spoof[-1]),
        )

    @property
    def cllr(self) -> float:
        """Give the Cllr, taking the scores for LLRs, exactly."""
        if self.times[self.ranked.endless].any():
            return float("inf")
        middle = self.ranked.n_bona_fide
        of_bona_fide = self._cost_of(slice(0, middle)) / self.bona_fide[-1]
        of_spoof = self._cost_of(slice(middle, None)) / self.spoof[-1]
        return float((of_bona_fide + of_spoof) / 2.0)

    def _cost_of(self, trials: slice) -> float:
        # Not by ``@``: on a busy machine the threads of BLAS take ten times as long to meet.
        return float(np.einsum("i,i->", self.times[trials], self.ranked.costs[trials]))


def rank(
    scores: Scores, is_bona_fide: Key, units: NDArray[np.intp] | None, *, steps: int = STEPS
) -> Ranked:
    """Lay trials out for counting.

    Args:
        scores: of the trials.
        is_bona_fide: their key.
        units: for each trial, the number of what is drawn; None if each trial is drawn by itself.
        steps: about how many may remain where there are more than twice as many.

    Raises:
        ProtocolError: the trials cannot be measured.
    """
    scores, is_bona_fide = checked(scores, is_bona_fide)
    counts = tally(scores, is_bona_fide)
    bona_fide, spoof = np.flatnonzero(is_bona_fide), np.flatnonzero(~is_bona_fide)
    order = np.concatenate(
        [bona_fide[np.argsort(scores[bona_fide])], spoof[np.argsort(scores[spoof])]]
    )
    ends = step_ends(counts, steps)
    return Ranked(
        scores=scores[order],
        n_bona_fide=len(bona_fide),
        units=None if units is None else units[order],
        bona_fide_ends=counts.bona_fide[ends],
        spoof_ends=counts.spoof[ends] + len(bona_fide),
    )


def step_ends(counts: Tally, steps: int = STEPS) -> NDArray[np.intp]:
    """Choose which points of a tally remain; see the head of this module.

    Example:
        >>> step_ends(tally(np.array([1.0, 2.0, 3.0]), np.array([False, False, True]))).tolist()
        [0, 2, 3]
    """
    of_bona_fide, of_spoof = np.diff(counts.bona_fide), np.diff(counts.spoof)
    within_run = (of_bona_fide[:-1] + of_bona_fide[1:] == 0) | (of_spoof[:-1] + of_spoof[1:] == 0)
    ends = np.flatnonzero(np.concatenate([[True], ~within_run, [True]]))
    if len(ends) <= 2 * steps:
        return ends
    mass = counts.bona_fide[ends] / counts.bona_fide[-1] + counts.spoof[ends] / counts.spoof[-1]
    cell = np.floor(mass * (steps / 2.0))
    keep = np.append(True, np.diff(cell) > 0)
    keep[:-1] |= np.diff(mass) > 1.0 / steps  # what fills half a cell is not joined to others
    keep[-1] = True
    return np.asarray(ends[keep])
