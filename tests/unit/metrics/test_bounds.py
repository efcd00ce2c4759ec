"""What is known of an EER and an AUC without their scores."""

import math

import numpy as np
import pytest

from earwitness.errors import SettingsError
from earwitness.metrics.bounds import (
    AucRange,
    auc_interval,
    auc_range,
    eer_interval,
    gaussian_auc,
    possible_pair,
)
from earwitness.metrics.eer import auc, eer

FOUR_DECIMALS = 0.00005


def test_the_pair_of_the_study_that_this_project_replaces_is_impossible() -> None:
    # EER 11.76 %, AUC 0.0437: (1 - 0.1176)^2 = 0.779 is the least AUC that such a scorer can have.
    assert auc_range(0.1176).low == pytest.approx(0.7786, abs=1e-4)
    assert not possible_pair(0.1176, 0.0437, FOUR_DECIMALS)
    assert possible_pair(0.1176, 1 - 0.0437, FOUR_DECIMALS)
    assert gaussian_auc(0.1176) == pytest.approx(0.953, abs=1e-3)  # the mirrored value fits


def test_the_pair_comes_out_of_scores_with_one_order_and_labels_with_the_other() -> None:
    scores = np.concatenate([np.arange(10.0), np.arange(5.0, 15.0)])
    key = np.arange(20) >= 10
    assert possible_pair(eer(scores, key), auc(scores, key))
    assert not possible_pair(eer(scores, key), auc(scores, ~key))


def test_both_ends_of_the_range_are_reached() -> None:
    # EER 1/4. One spoof of four on top, three at the very bottom, and one bona fide of four below
    # the rest: best; the reverse of it is the worst that has this EER.
    key = np.array([False] * 3 + [True] + [False] + [True] * 3)
    assert eer(np.arange(8.0), key) == pytest.approx(0.25)
    best = np.array([0.0, 0.0, 0.0, 5.0, 1.0, 9.0, 9.0, 9.0])
    labels = np.array([False, False, False, False, True, True, True, True])
    assert eer(best, labels) == pytest.approx(0.25)
    assert auc(best, labels) == pytest.approx(1 - 0.25**2)
    worst = np.array([1.0, 1.0, 1.0, 9.0, 0.0, 2.0, 2.0, 2.0])
    assert eer(worst, labels) == pytest.approx(0.25)
    assert auc(worst, labels) == pytest.approx(0.75**2)
    assert auc_range(0.25) == AucRange(low=0.75**2, high=1 - 0.25**2)


def test_figures_may_have_been_rounded() -> None:
    assert not possible_pair(0.25, 0.5620)
    assert possible_pair(0.25, 0.5620, tolerance=0.0005)
    assert possible_pair(0.0, 1.0)
    assert possible_pair(1.0, 0.0)
    assert not possible_pair(0.0, 0.99)
    assert possible_pair(0.0, 0.99, tolerance=0.01)


@pytest.mark.parametrize(("rate", "area"), [(0.0, 1.0), (1.0, 0.0), (0.5, 0.5)])
def test_the_gaussian_hint_has_the_right_ends(rate: float, area: float) -> None:
    assert gaussian_auc(rate) == pytest.approx(area)


def test_the_gaussian_hint_is_right_for_normal_scores() -> None:
    rng, key = np.random.default_rng(4), np.arange(200_000) % 2 == 0
    scores = rng.standard_normal(200_000) + 2.0 * key
    assert gaussian_auc(eer(scores, key)) == pytest.approx(auc(scores, key), abs=0.002)


def test_the_interval_of_an_eer_is_that_of_wilson() -> None:
    # Wilson's interval of 10 of 100, as in his paper's formula worked out by hand: z = 1.96.
    z = 1.959963984540054
    centre, half = (0.1 + z**2 / 200) / (1 + z**2 / 100), math.sqrt(0.09 / 100 + z**2 / 40000)
    interval = eer_interval(0.1, 100, 5000)
    assert interval.value == 0.1
    assert interval.low == pytest.approx(centre - z * half / (1 + z**2 / 100))
    assert interval.high == pytest.approx(centre + z * half / (1 + z**2 / 100))
    assert eer_interval(0.1, 5000, 100) == interval


def test_no_error_in_544_trials_leaves_room_for_seven_in_a_thousand() -> None:
    interval = eer_interval(0.0, 544, 544)
    assert interval.low == 0.0
    assert interval.high == pytest.approx(0.0070, abs=1e-4)
    assert eer_interval(1.0, 544, 544).high == 1.0


def test_the_interval_of_an_eer_covers_the_truth_at_least_as_often_as_it_says() -> None:
    rng, key = np.random.default_rng(6), np.arange(300) < 150
    truth = 0.15865525393145707  # of two normal piles that lie 2 apart
    covered = 0
    for _ in range(400):
        interval = eer_interval(eer(rng.standard_normal(300) + 2 * key, key), 150, 150)
        covered += interval.low <= truth <= interval.high
    assert covered / 400 > 0.95


def test_the_interval_of_an_auc_covers_the_truth_as_often_as_it_says() -> None:
    rng, key = np.random.default_rng(5), np.arange(300) < 150
    truth = 0.9213503964748574  # Φ(2 / √2)
    covered = 0
    for _ in range(400):
        interval = auc_interval(auc(rng.standard_normal(300) + 2 * key, key), 150, 150)
        covered += interval.low <= truth <= interval.high
    assert 0.92 < covered / 400 < 0.99


def test_the_interval_of_a_perfect_auc_is_a_point() -> None:
    interval = auc_interval(1.0, 10, 10)
    assert (interval.low, interval.high) == (1.0, 1.0)


@pytest.mark.parametrize("judge", [auc_range, gaussian_auc])
def test_per_cent_are_taken_for_what_they_are(judge) -> None:
    with pytest.raises(SettingsError, match=r"eer must lie between 0 and 1, .* is 11\.76\. Per"):
        judge(11.76)


def test_an_auc_in_per_cent_is_refused_too() -> None:
    with pytest.raises(SettingsError, match=r"auc must lie between 0 and 1, but it is 95\.6"):
        possible_pair(0.1, 95.6)
    with pytest.raises(SettingsError, match="eer must lie between"):
        possible_pair(-0.1, 0.9)
    with pytest.raises(SettingsError, match="auc must lie between"):
        auc_interval(1.1, 5, 5)
    with pytest.raises(SettingsError, match="eer must lie between"):
        eer_interval(math.nan, 5, 5)


@pytest.mark.parametrize("interval", [eer_interval, auc_interval])
def test_without_trials_there_is_no_interval(interval) -> None:
    with pytest.raises(SettingsError, match="of each label, but got 0 bona fide and 9 spoof"):
        interval(0.5, 0, 9)
