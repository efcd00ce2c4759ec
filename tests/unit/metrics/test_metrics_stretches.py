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
    assert (none.value, none.low) == (0.0, 0.0)
    assert (1 - none.high) ** 2 == pytest.approx(0.025)  # Clopper and Pearson 1934, two clusters
    every = share([1, 1, 2, 0], [1, 1, 2, 0], ["a", "a", "b", "c"], rng=rng())
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low**2 == pytest.approx(0.025)


def test_draws_without_any_amount_are_drawn_again() -> None:
    told = share([1, 0], [2, 0], ["a", "b"], rng=rng(), rounds=40)
    assert (told.value, told.low, told.high) == (0.5, 0.5, 0.5)


def test_kin_stay_together() -> None:
    told = rate([4, 0], [1.0, 1.0], ["a", "a"], rng=rng(), rounds=40)
    assert told.low == told.value == told.high == 2.0


def test_what_cannot_be_divided_is_refused() -> None:
    with pytest.raises(ProtocolError, match="1 counts and 2 amounts"):
        rate([1], [1.0, 1.0], ["a", "b"], rng=rng())
    with pytest.raises(ProtocolError, match="0 in all"):
        share([0, 0], [0, 0], ["a", "b"], rng=rng())
    with pytest.raises(ProtocolError, match="one cluster a recording, but got 1 for 2"):
        rate([0, 0], [1.0, 1.0], ["a"], rng=rng())
