"""Each metric twice: on trials, and on a replicate that was only counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from earwitness.errors import SettingsError
from earwitness.metrics._ranked import Replicate
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.cllr import cllr, cllr_of_blocks, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import area, auc, balanced_accuracy, crossing, eer, error_rates
from earwitness.metrics.eer_asvspoof import eer_asvspoof, nearest_step
from earwitness.metrics.eer_rocch import crossing_of_hull, eer_rocch


@dataclass(frozen=True)
class Stakes:
    """What a metric needs besides trials.

    Attributes:
        costs: of the detection costs.
        threshold: frozen before the trials were seen; None if no metric asks for one.
    """

    costs: Costs = field(default_factory=Costs)
    threshold: float | None = None

    @property
    def frozen(self) -> float:
        """Give the threshold to a metric that needs it.

        Raises:
            SettingsError: there is none.
        """
        if self.threshold is None:
            raise SettingsError(
                "Miss rate, false-alarm rate and balanced accuracy need a threshold, but got None."
            )
        return self.threshold


@dataclass(frozen=True)
class Metric:
    """A metric on trials, and the same on one replicate."""

    of_trials: Callable[[Scores, Key, Stakes], float]
    of_replicate: Callable[[Replicate, Stakes], float]


def _act_dcf(replicate: Replicate, costs: Costs) -> float:
    rates = replicate.error_rates(costs.bayes_threshold)
    return float(costs.of(rates.miss, rates.false_alarm))


def _balanced_accuracy(replicate: Replicate, threshold: float) -> float:
    rates = replicate.error_rates(threshold)
    return 1.0 - (rates.miss + rates.false_alarm) / 2.0


METRICS: dict[str, Metric] = {
    "eer": Metric(
        lambda scores, key, _: eer(scores, key),
        lambda again, _: crossing(again.miss, again.false_alarm),
    ),
    "eer_asvspoof": Metric(
        lambda scores, key, _: eer_asvspoof(scores, key),
        lambda again, _: nearest_step(again.bona_fide, again.spoof).eer,
    ),
    "eer_rocch": Metric(
        lambda scores, key, _: eer_rocch(scores, key),
        lambda again, _: crossing_of_hull(again.bona_fide, again.spoof),
    ),
    "auc": Metric(
        lambda scores, key, _: auc(scores, key),
        lambda again, _: area(again.miss, again.false_alarm),
    ),
    "min_dcf": Metric(
        lambda scores, key, stakes: min_dcf(scores, key, stakes.costs),
        lambda again, stakes: float(stakes.costs.of(again.miss, again.false_alarm).min()),
    ),
    "act_dcf": Metric(
        lambda scores, key, stakes: act_dcf(scores, key, stakes.costs),
        lambda again, stakes: _act_dcf(again, stakes.costs),
    ),
    "cllr": Metric(
        lambda scores, key, _: cllr(scores, key),
        lambda again, _: again.cllr,
    ),
    "min_cllr": Metric(
        lambda scores, key, _: min_cllr(scores, key),
        lambda again, _: cllr_of_blocks(again.bona_fide, again.spoof),
    ),
    "miss_rate": Metric(
        lambda scores, key, stakes: error_rates(scores, key, threshold=stakes.frozen).miss,
        lambda again, stakes: again.error_rates(stakes.frozen).miss,
    ),
    "false_alarm_rate": Metric(
        lambda scores, key, stakes: error_rates(scores, key, threshold=stakes.frozen).false_alarm,
        lambda again, stakes: again.error_rates(stakes.frozen).false_alarm,
    ),
    "balanced_accuracy": Metric(
        lambda scores, key, stakes: balanced_accuracy(scores, key, threshold=stakes.frozen),
        lambda again, stakes: _balanced_accuracy(again, stakes.frozen),
    ),
}
