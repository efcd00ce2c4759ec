"""Small cases that can be counted by hand."""

import math

import numpy as np
import pytest

from earwitness.errors import ProtocolError, SettingsError
from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import auc, balanced_accuracy, curve, eer, error_rates

SCORES = np.array([1.0, 2.0, 3.0, 2.5, 4.0, 5.0])
KEY = np.array([False, False, False, True, True, True])


def test_the_curve_runs_from_accepting_everything_to_accepting_nothing() -> None:
    points = curve(SCORES, KEY)
    np.testing.assert_allclose(points.thresholds, [1, 2, 2.5, 3, 4, 5, math.inf])
    np.testing.assert_allclose(points.miss, [0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(points.false_alarm, [1, 2 / 3, 1 / 3, 1 / 3, 0, 0, 0])


def test_the_eer_is_read_where_the_rates_are_equal() -> None:
    assert eer(SCORES, KEY) == pytest.approx(1 / 3)


def test_between_two_points_the_eer_lies_on_a_straight_line() -> None:
    # One tie of a bona fide and a spoof, with another spoof below: the curve runs from
    # (miss 0, false alarm 1/2) to (1, 0), and meets the diagonal at 1/3.
    scores, key = np.array([0.0, 1.0, 1.0]), np.array([False, False, True])
    assert eer(scores, key) == pytest.approx(1 / 3)


def test_eight_of_nine_pairs_in_the_right_order_are_an_auc_of_eight_ninths() -> None:
    assert auc(SCORES, KEY) == pytest.approx(8 / 9)


def test_a_score_at_the_threshold_is_accepted() -> None:
    rates = error_rates(SCORES, KEY, threshold=2.5)
    assert (rates.miss, rates.false_alarm) == (0.0, pytest.approx(1 / 3))
    rates = error_rates(SCORES, KEY, threshold=2.6)
    assert rates.miss == pytest.approx(1 / 3)


def test_balanced_accuracy_weighs_both_labels_alike() -> None:
    scores, key = (
        np.array([1.0, -1.0, -1.0, -1.0, 1.0]),
        np.array([True, False, False, False, False]),
    )
    assert balanced_accuracy(scores, key, threshold=0.0) == pytest.approx((1 + 3 / 4) / 2)


def test_the_bayes_threshold_of_asvspoof_5_is_that_of_its_paper() -> None:
    # ASVspoof 5: a spoof prior of 0.05, prices 1 and 10: log(0.5 / 0.95).
    assert Costs().bayes_threshold == pytest.approx(-0.6418538861723947)


def test_equal_prices_at_a_prior_of_one_half_put_the_threshold_at_zero() -> None:
    costs = Costs(prior=0.5, miss=1.0, false_alarm=1.0)
    assert costs.bayes_threshold == 0.0
    assert act_dcf(SCORES - 2.75, KEY, costs) == pytest.approx(2 / 3)
    assert min_dcf(SCORES, KEY, costs) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "table", [{"prior": 0.0}, {"prior": 1.0}, {"miss": 0.0}, {"false_alarm": -1.0}]
)
def test_stakes_that_make_no_sense_are_refused(table: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=r"prior \(.*\) must lie between 0 and 1"):
        Costs(**table)


def test_the_cllr_of_a_right_and_a_wrong_llr_is_counted_in_bits() -> None:
    # log2(1 + 1/4) and log2(1 + 4), both labels weighed alike.
    llrs, key = np.log([4.0, 4.0]), np.array([True, False])
    assert cllr(llrs, key) == pytest.approx((math.log2(1.25) + math.log2(5)) / 2)


def test_the_minimum_cllr_pools_what_stands_in_the_wrong_order() -> None:
    # Spoof, spoof, {spoof, bona fide swapped}, bona fide, bona fide: only the middle block costs,
    # and there each label has a third of its trials at even odds: 1 bit each.
    assert min_cllr(SCORES, KEY) == pytest.approx((1 / 3 + 1 / 3) / 2)


def test_scores_and_key_of_different_lengths_are_refused() -> None:
    with pytest.raises(ProtocolError, match=r"shape \(6,\) and a key of shape \(5,\)"):
        eer(SCORES, KEY[:5])


def test_a_table_of_scores_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"scores of shape \(3, 2\)"):
        cllr(SCORES.reshape(3, 2), KEY.reshape(3, 2))
