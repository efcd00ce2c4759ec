"""Detection cost: what the decisions cost at a stated prior and at stated prices of mistakes.

Normalised by the cost of not listening at all, so 0 is perfect and 1 is no better than always
giving the cheaper of the two answers. The defaults of ``Costs`` are those of ASVspoof 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.eer import curve, error_rates


@dataclass(frozen=True)
class Costs:
    """The stakes.

    Attributes:
        prior: of a spoof.
        miss: the price of rejecting bona fide speech.
        false_alarm: the price of accepting a spoof.
    """

    prior: float = 0.05
    miss: float = 1.0
    false_alarm: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.prior < 1 or min(self.miss, self.false_alarm) <= 0:
            raise SettingsError(
                f"prior ({self.prior}) must lie between 0 and 1, and miss ({self.miss}) and "
                f"false_alarm ({self.false_alarm}) above 0."
            )

    @property
    def bayes_threshold(self) -> float:
        """The LLR at or above which accepting is the cheaper answer.

        Example:
            >>> round(Costs().bayes_threshold, 5)
            -0.64185
        """
        return math.log(self.prior * self.false_alarm / ((1 - self.prior) * self.miss))

    def of(
        self, miss: NDArray[np.float64] | float, false_alarm: NDArray[np.float64] | float
    ) -> NDArray[np.float64]:
        """Weigh miss and false-alarm rates, as a share of the cost of not listening."""
        of_misses, of_false_alarms = self.miss * (1 - self.prior), self.false_alarm * self.prior
        cost = of_misses * np.asarray(miss) + of_false_alarms * np.asarray(false_alarm)
        return np.asarray(cost / min(of_misses, of_false_alarms))


def act_dcf(llrs: Scores, is_bona_fide: Key, costs: Costs) -> float:
    """Measure the cost of the decisions that these LLRs lead to at the Bayes threshold.

    Example:
        >>> act_dcf(np.array([3.0, -3.0]), np.array([True, False]), Costs())
        0.0
    """
    rates = error_rates(llrs, is_bona_fide, threshold=costs.bayes_threshold)
    return float(costs.of(rates.miss, rates.false_alarm))


def min_dcf(scores: Scores, is_bona_fide: Key, costs: Costs) -> float:
    """Measure the cost at the threshold that would have been the cheapest.

    Example:
        >>> min_dcf(np.array([30.0, 20.0]), np.array([True, False]), Costs())
        0.0
    """
    points = curve(scores, is_bona_fide)
    return float(costs.of(points.miss, points.false_alarm).min())
