"""Two detectors on the same trials, one measure: which one is better, or that nobody can tell.

A difference counts where its paired 95 % interval lies on one side of zero. Where many are looked
at together, Holm's procedure (1979, "A simple sequentially rejective multiple test procedure")
says which of them still count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

# Measures of which more is better; of all others (rates of errors, costs) less is.
HIGHER_IS_BETTER = frozenset({"auc", "balanced_accuracy", "balanced_accuracy_all"})
NEGLIGIBLE = 1e-9  # below is rounding, not a difference
LEVEL = 0.05
_SIGMAS = 1.959964  # that a 95 % interval reaches to each side


class Outcome(StrEnum):
    """What can be said of the second against the first."""

    BETTER = "better"
    WORSE = "worse"
    NOT_DISTINGUISHABLE = "not distinguishable"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Difference:
    """One measure of two detectors on the same trials.

    Attributes:
        measure: its name ("eer").
        first, second: names of the detectors; the second is compared with the first.
        first_value, second_value: of the measure; None (or NaN) where it cannot be given.
        low, high: 95 % interval of second_value - first_value, paired; None where it has none.
        n_bona_fide, n_spoof: trials that both were measured on.
        why_not: why they cannot be compared, in a few words ("A is not calibrated").
        family: how many differences were looked at together.
        counts: False where the difference does not hold among so many (Holm).
    """

    measure: str
    first: str
    second: str
    first_value: float | None
    second_value: float | None
    low: float | None = None
    high: float | None = None
    n_bona_fide: int = 0
    n_spoof: int = 0
    why_not: str = ""
    family: int = 1
    counts: bool = True

    @property
    def value(self) -> float | None:
        """Give second_value - first_value; None where one of them is missing."""
        if not (_is_given(self.first_value) and _is_given(self.second_value)):
            return None
        return float(self.second_value) - float(self.first_value)  # type: ignore[arg-type]

    @property
    def outcome(self) -> Outcome:
        """Say which is better, by the sign of the interval; the value must have the same sign.

        Example:
            >>> Difference("eer", "A", "B", 0.307, 0.474, 0.12, 0.21).outcome.value
            'worse'
            >>> Difference("auc", "A", "B", 0.70, 0.75, 0.01, 0.09).outcome.value
            'better'
            >>> Difference("eer", "A", "B", 0.20, 0.18, -0.05, 0.01).outcome.value
            'not distinguishable'
        """
        if not self.is_comparable:
            return Outcome.NOT_COMPARABLE
        if not self.lies_on_one_side or not self.counts:
            return Outcome.NOT_DISTINGUISHABLE
        is_higher = (self.value or 0.0) > 0
        return Outcome.BETTER if is_higher is is_higher_better(self.measure) else Outcome.WORSE

    @property
    def is_comparable(self) -> bool:
        """Say whether there are both values and an interval."""
        return self.value is not None and _is_given(self.low) and _is_given(self.high)

    @property
    def lies_on_one_side(self) -> bool:
        """Say whether value and interval lie on the same side of zero."""
        ends = (self.value, self.low, self.high)
        return self.is_comparable and (
            all(end is not None and end > NEGLIGIBLE for end in ends)
            or all(end is not None and end < -NEGLIGIBLE for end in ends)
        )

    @property
    def chance(self) -> float:
        """Give the p-value that belongs to the interval, as of a normal distribution.

        At most 0.05 where the interval lies on one side of zero, else 1.
        """
        if not self.lies_on_one_side or self.value is None:
            return 1.0
        half = (float(self.high or 0.0) - float(self.low or 0.0)) / 2
        sigmas = _SIGMAS * abs(self.value) / half if half > 0 else math.inf
        return min(LEVEL, math.erfc(sigmas / math.sqrt(2)))

    def swapped(self) -> Difference:
        """Compare the first with the second instead.

        Example:
            >>> Difference("eer", "A", "B", 0.1, 0.3, 0.15, 0.25).swapped().outcome.value
            'better'
        """
        return replace(
            self,
            first=self.second,
            second=self.first,
            first_value=self.second_value,
            second_value=self.first_value,
            low=None if self.high is None else -self.high,
            high=None if self.low is None else -self.low,
        )


def is_higher_better(measure: str) -> bool:
    """Say whether more of a measure is better.

    Example:
        >>> is_higher_better("auc"), is_higher_better("eer")
        (True, False)
    """
    return measure in HIGHER_IS_BETTER


def holm(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Say which of many differences still count, so that chance names none in 95 of 100 tables.

    Differences that cannot be compared are not counted among the many.

    Example:
        >>> clear = Difference("eer", "A", "B", 0.2, 0.3, 0.08, 0.12)
        >>> barely = Difference("eer", "A", "B", 0.2, 0.3, 0.001, 0.199)
        >>> [one.counts for one in holm([clear] + 9 * [barely])][:2]
        [True, False]
    """
    all_of_them = tuple(differences)
    family = [at for at, one in enumerate(all_of_them) if one.is_comparable]
    held: set[int] = set()
    for rank, at in enumerate(sorted(family, key=lambda at: all_of_them[at].chance)):
        if all_of_them[at].chance > LEVEL / (len(family) - rank):
            break
        held.add(at)
    return tuple(
        replace(one, family=max(1, len(family)), counts=at in held) if at in family else one
        for at, one in enumerate(all_of_them)
    )


def _is_given(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
