"""What holds for every list of scores."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import auc, curve, eer

counts = st.integers(1, 40)
# Whole and half numbers, so that there are ties; and any number at all.
levels = st.integers(-12, 12).map(lambda half: half / 2)
anything = st.floats(-1000, 1000, allow_subnormal=False)
stakes = st.builds(Costs, st.floats(0.001, 0.999), st.floats(0.1, 100), st.floats(0.1, 100))


@st.composite
def trials(draw: st.DrawFn, scores: st.SearchStrategy[float] = levels | anything):
    pairs = draw(st.lists(st.tuples(scores, st.booleans()), min_size=2, max_size=60))
    key = np.array([label for _, label in pairs])
    assume(key.any() and not key.all())
    return np.array([score for score, _ in pairs]), key


Trials = tuple[Scores, Key]


@given(both=trials(levels), slope=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_the_eer_is_unchanged_by_an_increasing_map(
    both: Trials, slope: float, shift: float
) -> None:
    scores, key = both
    told = eer(scores, key)
    assert eer(slope * scores + shift, key) == pytest.approx(told, abs=1e-12)
    assert eer(np.arctan(scores), key) == pytest.approx(told, abs=1e-12)
    assert eer(np.exp(scores), key) == pytest.approx(told, abs=1e-12)
    assert min_cllr(np.arctan(scores), key) == pytest.approx(min_cllr(scores, key), abs=1e-12)


@given(both=trials())
def test_swapping_the_labels_and_the_sign_keeps_the_eer(both: Trials) -> None:
    scores, key = both
    assert eer(-scores, ~key) == pytest.approx(eer(scores, key), abs=1e-12)
    assert auc(-scores, ~key) == pytest.approx(auc(scores, key), abs=1e-12)
    assert cllr(-scores, ~key) == pytest.approx(cllr(scores, key), rel=1e-12)


@given(both=trials())
def test_turning_the_scores_around_turns_the_eer_around(both: Trials) -> None:
    scores, key = both
    assert eer(-scores, key) == pytest.approx(1 - eer(scores, key), abs=1e-12)
    assert auc(-scores, key) == pytest.approx(1 - auc(scores, key), abs=1e-12)


@given(n_bona_fide=counts, n_spoof=counts, score=anything)
def test_a_constant_scorer_has_an_eer_of_one_half(
    n_bona_fide: int, n_spoof: int, score: float
) -> None:
    scores = np.full(n_bona_fide + n_spoof, score)
    key = np.arange(n_bona_fide + n_spoof) < n_bona_fide
    assert eer(scores, key) == pytest.approx(0.5)
    assert auc(scores, key) == pytest.approx(0.5)
    assert min_cllr(scores, key) == pytest.approx(1.0)


@given(both=trials(), seed=st.integers(0, 2**32 - 1))
def test_no_metric_depends_on_the_order_of_trials(both: Trials, seed: int) -> None:
    scores, key = both
    rows = np.random.default_rng(seed).permutation(len(scores))
    for metric in (eer, auc, min_cllr):
        assert metric(scores[rows], key[rows]) == metric(scores, key)
    assert cllr(scores[rows], key[rows]) == pytest.approx(cllr(scores, key), rel=1e-12)


@given(both=trials(), times=st.integers(2, 4))
def test_trials_that_are_there_several_times_change_nothing(both: Trials, times: int) -> None:
    scores, key = both
    for metric in (eer, auc, cllr, min_cllr):
        many = metric(np.tile(scores, times), np.tile(key, times))
        assert many == pytest.approx(metric(scores, key), rel=1e-9, abs=1e-12)


@given(both=trials())
def test_rates_and_areas_are_shares(both: Trials) -> None:
    assert 0 <= eer(*both) <= 1
    assert 0 <= auc(*both) <= 1 + 1e-12


@given(both=trials())
def test_along_the_curve_misses_rise_and_false_alarms_fall(both: Trials) -> None:
    points = curve(*both)
    assert (np.diff(points.thresholds) > 0).all()
    assert (np.diff(points.miss) >= 0).all()
    assert (np.diff(points.false_alarm) <= 0).all()
    ends = [points.miss[0], points.miss[-1], points.false_alarm[0], points.false_alarm[-1]]
    assert ends == [0, 1, 1, 0]


@given(both=trials(), costs=stakes)
def test_the_least_cost_is_no_more_than_the_actual_one_nor_than_not_listening(
    both: Trials, costs: Costs
) -> None:
    least, actual = min_dcf(*both, costs), act_dcf(*both, costs)
    assert 0 <= least <= actual + 1e-12
    assert least <= 1 + 1e-12


@given(both=trials())
def test_the_least_cllr_is_no_more_than_the_actual_one_nor_than_one_bit(both: Trials) -> None:
    least = min_cllr(*both)
    assert 0 <= least <= cllr(*both) + 1e-9
    assert least <= 1 + 1e-12


@given(n_bona_fide=counts, n_spoof=counts)
def test_llrs_of_zero_cost_one_bit(n_bona_fide: int, n_spoof: int) -> None:
    key = np.arange(n_bona_fide + n_spoof) < n_bona_fide
    assert cllr(np.zeros(len(key)), key) == pytest.approx(1.0)


@pytest.mark.parametrize("llr", [1000.0, -1000.0, 1e300])
def test_the_cllr_of_any_finite_llr_is_finite(llr: float) -> None:
    key = np.array([True, False])
    assert np.isfinite(cllr(np.array([llr, llr]), key))
    assert cllr(np.array([-1000.0, 1000.0]), key) == pytest.approx(1000 / np.log(2))
