"""Where the line is drawn from error rates, and what is said of its price."""

import numpy as np
import pytest

from earwitness.calibration.points import (
    CALLED_FAKE,
    CALLED_GENUINE,
    Price,
    operating_points,
    price,
    thresholds,
)


def trials(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw LLRs that are what they say."""
    rng = np.random.default_rng(seed)
    key = np.arange(2 * count) < count
    return rng.normal(size=2 * count) * 2**0.5 + np.where(key, 1.0, -1.0), key


@pytest.mark.parametrize("count", [10, 99, 100, 1001])
def test_the_lines_keep_the_error_rates_that_they_are_named_for(count: int) -> None:
    llrs, key = trials(count)
    lines = thresholds(llrs, key)
    assert (llrs[key] < lines["accusation"]).mean() <= CALLED_FAKE
    assert (llrs[~key] >= lines["screening"]).mean() <= CALLED_GENUINE + 1 / count
    assert lines["accusation"] <= lines["balanced"] == 0.0 <= lines["screening"]


def test_labels_that_are_apart_leave_all_lines_at_zero() -> None:
    lines = thresholds([5.0, 6.0, -5.0, -6.0], [True, True, False, False])
    assert set(lines.values()) == {0.0}


def test_the_price_is_counted_on_both_sides() -> None:
    answers, key = np.array([True, False, True, False]), np.array([True, True, False, False])
    assert price(answers, key) == Price(called_fake=0.5, called_genuine=0.5)


def test_each_point_says_what_it_is_for_what_it_costs_and_where_that_was_counted() -> None:
    points = operating_points(*trials(200))
    assert list(points) == ["screening", "balanced", "accusation"]
    assert [one.prior for one in points.values()] == [None, 0.5, None]
    assert points["accusation"].purpose.startswith("before you accuse: 0.5% of genuine called fake")
    assert all(one.purpose.endswith(", out of fold") for one in points.values())


def test_prices_that_were_counted_elsewhere_are_told_as_they_are() -> None:
    prices = dict.fromkeys(("screening", "balanced", "accusation"), Price(0.25, 0.125))
    points = operating_points(*trials(50), prices=prices, counted="cross-validated")
    assert points["balanced"].purpose == (
        "Bayes at equal odds and equal costs: 25.0% of genuine called fake, 12.5% of spoofs called "
        "genuine, cross-validated"
    )
