"""Rates of counted errors: one label may be absent, and half an error counts as half."""

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.metrics.eer import error_rates
from earwitness.metrics.intervals import bootstrap
from earwitness.metrics.shares import shares

RNG = np.random.default_rng(11)
KEY = RNG.random(400) < 0.4
ERRORS = (RNG.random(400) < 0.2).astype(float)
PAGES = [f"page {n}" for n in RNG.integers(40, size=400)]


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


@pytest.mark.parametrize("clusters", [None, PAGES])
def test_rates_are_the_means_of_the_errors_on_each_label(clusters: list[str] | None) -> None:
    found = shares(ERRORS, KEY, clusters, rng=rng(), rounds=50)
    assert found.miss.value == pytest.approx(ERRORS[KEY].mean())
    assert found.false_alarm.value == pytest.approx(ERRORS[~KEY].mean())
    both = 1 - (ERRORS[KEY].mean() + ERRORS[~KEY].mean()) / 2
    assert found.balanced_accuracy.value == pytest.approx(both)


@pytest.mark.parametrize("clusters", [None, PAGES])
def test_intervals_are_those_of_the_slow_bootstrap(clusters: list[str] | None) -> None:
    scores = np.where(ERRORS > 0, -1.0, 1.0) * np.where(KEY, 1.0, -1.0)
    found = shares(ERRORS, KEY, clusters, rng=rng(), rounds=4000)
    slow = bootstrap(
        lambda s, k: error_rates(s, k, threshold=0.0).miss, scores, KEY,
        clusters or [str(n) for n in range(400)], rng=rng(), rounds=1000,
    )  # fmt: skip
    assert found.miss.value == pytest.approx(slow.value)
    assert (found.miss.low, found.miss.high) == pytest.approx((slow.low, slow.high), abs=0.012)


def test_one_label_alone_has_its_own_rate_only() -> None:
    found = shares(np.array([0.0, 1.0, 0.5]), np.zeros(3, bool), None, rng=rng(), rounds=50)
    assert found.miss is None
    assert found.balanced_accuracy is None
    assert found.false_alarm.value == 0.5


def test_half_an_error_counts_as_half() -> None:
    found = shares(np.full(20, 0.5), np.arange(20) < 5, None, rng=rng(), rounds=50)
    assert (found.miss.value, found.miss.low, found.miss.high) == (0.5, 0.5, 0.5)
    assert found.balanced_accuracy.value == 0.5


def test_nothing_at_all_has_no_rate() -> None:
    found = shares(np.zeros(0), np.zeros(0, bool), [], rng=rng())
    assert (found.miss, found.false_alarm, found.balanced_accuracy) == (None, None, None)


def test_draws_without_a_label_are_as_good_as_never_drawn() -> None:
    found = shares(np.array([1.0, 0.0]), np.array([True, False]), ["a", "b"], rng=rng())
    assert (found.miss.low, found.miss.high) == (1.0, 1.0)
    assert (found.false_alarm.low, found.false_alarm.high) == (0.0, 0.0)


@pytest.mark.parametrize(("errors", "clusters"), [(3, None), (4, ["a"])])
def test_what_does_not_belong_together_is_refused(errors: int, clusters: list[str] | None) -> None:
    with pytest.raises(ProtocolError, match="one error and one cluster for each key"):
        shares(np.zeros(errors), np.zeros(4, bool), clusters, rng=rng())
