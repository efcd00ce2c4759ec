import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.metrics.eer import auc, balanced_accuracy, eer
from earwitness.metrics.intervals import bootstrap, paired_difference


def trials(count: int, *, seed: int = 0, apart: float = 1.5):
    """Scores of two piles that overlap, half of them bona fide, each trial its own cluster."""
    rng = np.random.default_rng(seed)
    key = np.arange(count) % 2 == 0
    return rng.standard_normal(count) + apart * key, key, [str(i) for i in range(count)]


def test_the_interval_holds_the_value() -> None:
    scores, key, clusters = trials(200)
    interval = bootstrap(eer, scores, key, clusters, rng=np.random.default_rng(1), rounds=200)
    assert interval.value == eer(scores, key)
    assert interval.low < interval.value < interval.high


def test_the_same_seed_gives_the_same_interval() -> None:
    scores, key, clusters = trials(60)
    first, second = (
        bootstrap(auc, scores, key, clusters, rng=np.random.default_rng(5), rounds=50)
        for _ in range(2)
    )
    assert first == second


def test_the_interval_is_as_wide_as_the_binomial_one() -> None:
    # The share of 400 independent bona fide trials above a line that half of them pass has a
    # standard error of 1/40; spoofs are all right, so the balanced accuracy has half of that.
    key = np.arange(800) < 400
    scores = np.where(key, np.where(np.arange(800) % 2 == 0, 1.0, -1.0), -1.0)
    clusters = [str(i) for i in range(800)]

    def measured(scores, key) -> float:
        return balanced_accuracy(scores, key, threshold=0.0)

    interval = bootstrap(measured, scores, key, clusters, rng=np.random.default_rng(2))
    width = interval.high - interval.low
    assert interval.value == pytest.approx(0.75)
    assert width == pytest.approx(2 * 1.96 * 0.025 / 2, rel=0.12)


def test_kin_stay_together_so_the_interval_is_wider() -> None:
    # Each trial is there 16 times over: that is no new evidence.
    scores, key, _ = trials(50)
    scores, key = np.repeat(scores, 16), np.repeat(key, 16)
    page = [str(i // 16) for i in range(800)]
    alone = [str(i) for i in range(800)]
    rng = np.random.default_rng(3)
    together = bootstrap(auc, scores, key, page, rng=rng, rounds=200)
    apart = bootstrap(auc, scores, key, alone, rng=rng, rounds=200)
    assert together.high - together.low > 3 * (apart.high - apart.low)


def test_a_replicate_without_one_label_is_drawn_again() -> None:
    scores, key = np.array([1.0, 0.0]), np.array([True, False])
    interval = bootstrap(auc, scores, key, ["a", "b"], rng=np.random.default_rng(0), rounds=40)
    assert (interval.low, interval.high) == (1.0, 1.0)


def test_on_the_same_trials_a_small_difference_shows() -> None:
    scores, key, clusters = trials(300)
    worse = scores + 0.3 * np.random.default_rng(9).standard_normal(300) - 0.5 * key
    rng = np.random.default_rng(4)
    difference = paired_difference(auc, scores, worse, key, clusters, rng=rng, rounds=200)
    assert difference.value == pytest.approx(auc(scores, key) - auc(worse, key))
    assert 0 < difference.low < difference.value < difference.high
    first = bootstrap(auc, scores, key, clusters, rng=rng, rounds=200)
    second = bootstrap(auc, worse, key, clusters, rng=rng, rounds=200)
    widths = [one.high - one.low for one in (difference, first, second)]
    assert widths[0] < max(widths[1:])


def test_a_scorer_does_not_differ_from_itself() -> None:
    scores, key, clusters = trials(40)
    rng = np.random.default_rng(0)
    difference = paired_difference(eer, scores, scores, key, clusters, rng=rng, rounds=20)
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_one_label_alone_is_refused_at_once() -> None:
    scores, _, clusters = trials(10)
    with pytest.raises(ProtocolError, match="both labels, but got 10 bona fide and 0 spoof"):
        bootstrap(eer, scores, np.ones(10, bool), clusters, rng=np.random.default_rng(0))


def test_a_cluster_for_each_trial_is_needed() -> None:
    scores, key, clusters = trials(10)
    with pytest.raises(ProtocolError, match="one cluster a trial, but got 9 for 10 trials"):
        bootstrap(eer, scores, key, clusters[:9], rng=np.random.default_rng(0))
