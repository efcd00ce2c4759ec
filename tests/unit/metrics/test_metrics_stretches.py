"""Suspicious stretches beside spoofed regions, by hand."""

import math

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.metrics.localisation import Region
from earwitness.metrics.stretches import covered_s, false, found, rate, share


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_region_is_found_where_half_of_it_is_covered() -> None:
    region = [Region(10.0, 14.0)]
    assert found(region, [Region(12.0, 20.0)]) == 1
    assert found(region, [Region(12.1, 20.0)]) == 0
    assert found(region, [Region(8.0, 11.0), Region(13.0, 15.0)]) == 1
    assert found(region, [Region(0.0, 100.0)]) == 1
    assert found(region, []) == 0


def test_one_stretch_may_find_two_regions() -> None:
    assert found([Region(1, 2), Region(4, 5)], [Region(0, 6)]) == 2


def test_a_stretch_is_false_where_it_touches_no_spoof() -> None:
    spoof = [Region(10.0, 14.0)]
    assert false([Region(0.0, 8.0)], spoof) == 1
    assert false([Region(6.0, 10.0), Region(14.0, 18.0)], spoof) == 2  # edges only
    assert false([Region(6.0, 10.5)], spoof) == 0  # neither false, nor has it found anything
    assert found(spoof, [Region(6.0, 10.5)]) == 0
    assert false([Region(6.0, 8.0)], []) == 1
    assert false([], spoof) == 0


def test_what_others_cover_is_added_up() -> None:
    assert covered_s(Region(2, 8), [Region(0, 3), Region(4, 5), Region(7, 9), Region(10, 11)]) == 3


def test_events_an_hour_are_all_events_over_all_hours() -> None:
    told = rate([3, 0, 1, 0], [0.5, 1.0, 0.25, 0.25], list("abcd"), rng=rng())
    assert told.value == 2.0
    assert 0.0 <= told.low < told.value < told.high


def test_where_nothing_happened_the_upper_end_is_that_of_a_poisson_process() -> None:
    told = rate([0, 0], [1.0, 1.5], ["a", "b"], rng=rng())
    assert (told.value, told.low) == (0.0, 0.0)
    assert told.high == pytest.approx(-math.log(0.025) / 2.5)  # Garwood 1936: 3.689 / hours
    assert math.exp(-told.high * 2.5) == pytest.approx(0.025)


def test_a_share_is_all_counts_over_all_amounts() -> None:
    told = share([1, 0, 2, 0], [1, 1, 2, 1], list("abcd"), rng=rng())
    assert told.value == 0.6
    assert 0.0 <= told.low < told.value < told.high <= 1.0


def test_a_share_of_none_or_all_keeps_an_open_end_as_wide_as_its_clusters_are_few() -> None:
    none = share([0, 0, 0, 0], [1, 1, 2, 0], ["a", "a", "b", "c"], rng=rng())
    every = share([1, 1, 2, 0], [1, 1, 2, 0], ["a", "a", "b", "c"], rng=rng())
    # Wilson 1927 for none of two: z² / (2 + z²).
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1.959964**2 / (2 + 1.959964**2), abs=1e-6)
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(1 - none.high)


def test_draws_without_any_amount_are_drawn_again() -> None:
    told = share([1, 1, 0], [2, 1, 0], ["a", "b", "c"], rng=rng(), rounds=40)
    assert told.value == pytest.approx(2 / 3)
    assert 0.5 <= told.low < told.high <= 1.0


def test_kin_stay_together() -> None:
    apart = rate([4, 0] * 20, [1.0] * 40, [str(at) for at in range(40)], rng=rng(), rounds=200)
    paired = rate([4, 1] * 20, [1.0] * 40, [str(at // 2) for at in range(40)], rng=rng())
    assert apart.high - apart.low > 1
    assert paired.value == 2.5
    assert 1.9 < paired.low < paired.high < 3.2  # no replicate differs: that of 100 events in 40 h


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(1, 0.0253, 5.572), (5, 1.623, 11.668), (100, 81.36, 121.63)],  # Garwood 1936, exact
)
def test_where_no_replicate_differs_a_rate_has_the_interval_of_a_poisson_process(
    events: int, low: float, high: float
) -> None:
    told = rate([events], [2.0], ["a"], rng=rng(), rounds=10)
    assert told.value == events / 2
    assert 0 < told.low <= low / 2 * 1.01
    assert events < 5 or told.low == pytest.approx(low / 2, rel=0.01)
    assert told.high == pytest.approx(high / 2, rel=0.01)


def test_a_share_of_one_cluster_is_uncertain() -> None:
    told = share([1], [2], ["a"], rng=rng(), rounds=10)
    assert told.low < 0.1
    assert told.high > 0.9


def test_what_cannot_be_divided_is_refused() -> None:
    with pytest.raises(ProtocolError, match="1 counts and 2 amounts"):
        rate([1], [1.0, 1.0], ["a", "b"], rng=rng())
    with pytest.raises(ProtocolError, match="0 in all"):
        share([0, 0], [0, 0], ["a", "b"], rng=rng())
    with pytest.raises(ProtocolError, match="one cluster a recording, but got 1 for 2"):
        rate([0, 0], [1.0, 1.0], ["a"], rng=rng())
