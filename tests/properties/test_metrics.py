"""What holds for every list of scores."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.a_dcf import min_a_dcf
from earwitness.metrics.asv import AsvOperatingPoint, AsvScores
from earwitness.metrics.bounds import eer_interval, gaussian_auc, possible_pair
from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import auc, curve, eer, eer_threshold, error_rates
from earwitness.metrics.eer_asvspoof import classic_eer, eer_asvspoof
from earwitness.metrics.eer_rocch import eer_rocch
from earwitness.metrics.replicates import NAMES, resample
from earwitness.metrics.t_eer import t_eer
from earwitness.metrics.tdcf import min_tdcf_2019, min_tdcf_2021

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
    for metric in (min_cllr, auc, eer_rocch, eer_asvspoof):
        assert metric(np.arctan(scores), key) == pytest.approx(metric(scores, key), abs=1e-12)
        assert metric(slope * scores + shift, key) == pytest.approx(metric(scores, key), abs=1e-12)
    costs, behind = Costs(), AsvOperatingPoint(0.05, 0.05, 0.5)
    assert min_dcf(np.exp(scores), key, costs) == min_dcf(scores, key, costs)
    assert min_tdcf_2021(np.exp(scores), key, behind) == min_tdcf_2021(scores, key, behind)


@given(both=trials())
def test_swapping_the_labels_and_the_sign_keeps_the_eer(both: Trials) -> None:
    scores, key = both
    assert eer(-scores, ~key) == pytest.approx(eer(scores, key), abs=1e-12)
    assert eer_rocch(-scores, ~key) == pytest.approx(eer_rocch(scores, key), abs=1e-12)
    assert min_cllr(-scores, ~key) == pytest.approx(min_cllr(scores, key), abs=1e-12)
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
    assert eer_rocch(scores, key) == pytest.approx(0.5)
    assert eer_asvspoof(scores, key) == 1.0  # what the field says
    assert eer_threshold(scores, key) == score


@given(both=trials(), seed=st.integers(0, 2**32 - 1))
def test_no_metric_depends_on_the_order_of_trials(both: Trials, seed: int) -> None:
    scores, key = both
    rows = np.random.default_rng(seed).permutation(len(scores))
    for metric in (eer, auc, min_cllr, eer_asvspoof, eer_rocch, eer_threshold):
        assert metric(scores[rows], key[rows]) == metric(scores, key)
    assert cllr(scores[rows], key[rows]) == pytest.approx(cllr(scores, key), rel=1e-12)


@given(both=trials(), times=st.integers(2, 4))
def test_trials_that_are_there_several_times_change_nothing(both: Trials, times: int) -> None:
    scores, key = both
    for metric in (eer, auc, cllr, min_cllr, eer_rocch):
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


@given(both=trials())
def test_the_hull_lies_below_the_stair(both: Trials) -> None:
    assert 0 <= eer_rocch(*both) <= min(eer(*both), 0.5) + 1e-12


@given(both=trials())
def test_the_eer_of_the_hull_is_the_least_cost_at_the_worst_prior(both: Trials) -> None:
    points = curve(*both)
    weights = np.linspace(0, 1, 401)[:, np.newaxis]
    least = np.min(weights * points.miss + (1 - weights) * points.false_alarm, axis=1)
    # Between two weights 1/400 apart the cost changes by no more than that.
    assert least.max() <= eer_rocch(*both) + 1e-12
    assert least.max() >= eer_rocch(*both) - 1 / 400


@given(both=trials())
def test_the_classic_eer_is_what_the_organisers_algorithm_finds(both: Trials) -> None:
    # Written out: bona fide first, stable sort, one trial after the other, the first nearest step.
    scores, key = both
    order = sorted(range(len(key)), key=lambda row: (scores[row], not key[row]))
    steps = [(0.0, 1.0, -np.inf)]
    for rejected in range(1, len(order) + 1):
        label = key[order[:rejected]]
        miss, passed = label.sum() / key.sum(), (~key).sum() - (~label).sum()
        steps.append((miss, passed / (~key).sum(), scores[order[rejected - 1]]))
    nearest = min(steps, key=lambda step: abs(step[0] - step[1]))
    found = classic_eer(scores, key)
    assert (found.eer, found.threshold) == ((nearest[0] + nearest[1]) / 2, nearest[2])


@given(both=trials())
def test_without_ties_between_labels_the_classic_eer_is_within_half_a_trial(both: Trials) -> None:
    scores, key = both
    assume(not np.isin(scores[key], scores[~key]).any())
    half = 0.5 / min(key.sum(), (~key).sum())
    assert abs(eer_asvspoof(scores, key) - eer(scores, key)) <= half + 1e-12


@given(both=trials())
def test_no_threshold_makes_the_mistakes_more_equal_than_the_eer_threshold(both: Trials) -> None:
    rates = error_rates(*both, threshold=eer_threshold(*both))
    points = curve(*both)
    least = np.abs(points.miss - points.false_alarm).min()
    assert abs(rates.miss - rates.false_alarm) == pytest.approx(least, abs=1e-12)


@given(both=trials())
def test_every_eer_goes_with_its_auc(both: Trials) -> None:
    assert possible_pair(eer(*both), auc(*both))


@given(rate=st.floats(0, 1), counts=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)))
def test_the_gaussian_auc_is_a_possible_one_and_an_interval_holds_its_value(
    rate: float, counts: tuple[int, int]
) -> None:
    assert possible_pair(rate, gaussian_auc(rate))
    interval = eer_interval(rate, *counts)
    assert 0 <= interval.low <= rate <= interval.high <= 1


@given(both=trials(), rates=st.tuples(*[st.floats(0, 0.3)] * 2), fooled=st.floats(0.01, 1))
def test_a_tandem_costs_at_most_what_it_costs_without_countermeasure(
    both: Trials, rates: tuple[float, float], fooled: float
) -> None:
    asv = AsvOperatingPoint(*rates, fooled)
    assert 0 <= min_tdcf_2019(*both, asv) <= 1 + 1e-12
    perfect = min_tdcf_2021(np.array([1.0, 0.0]), np.array([True, False]), asv)
    assert perfect - 1e-12 <= min_tdcf_2021(*both, asv) <= 1 + 1e-12


kinds = st.lists(levels | anything, min_size=1, max_size=20).map(np.array)


@given(target=kinds, nontarget=kinds, spoof=kinds)
def test_an_integrated_system_costs_at_most_what_not_listening_does(
    target: Scores, nontarget: Scores, spoof: Scores
) -> None:
    cost = min_a_dcf(target, nontarget, spoof)
    assert 0 <= cost <= 1 + 1e-12
    assert min_a_dcf(np.arctan(target), np.arctan(nontarget), np.arctan(spoof)) == cost


@given(asv=st.builds(AsvScores, kinds, kinds, kinds), cm=st.builds(AsvScores, kinds, kinds, kinds))
def test_the_t_eer_is_a_share_and_hardly_less_than_the_asv_errs_alone(
    asv: AsvScores, cm: AsvScores
) -> None:
    scores = np.concatenate([asv.target, asv.nontarget])
    alone = eer(scores, np.arange(len(scores)) < len(asv.target))
    found = t_eer(asv, cm)
    assert min(alone / (1 + alone), 0.5) - 1e-12 <= found <= 1
    stretched = AsvScores(*(np.arctan(kind) for kind in (cm.target, cm.nontarget, cm.spoof)))
    assert t_eer(asv, stretched) == pytest.approx(found, abs=1e-12)


@given(both=trials(), costs=stakes, seed=st.integers(0, 2**32 - 1))
def test_what_holds_for_metrics_holds_for_their_intervals(
    both: Trials, costs: Costs, seed: int
) -> None:
    found = resample(
        *(*both, None),
        metrics=NAMES,
        costs=costs,
        threshold=0.0,
        rng=np.random.default_rng(seed),
        rounds=5,
    )
    for low, high in (("min_dcf", "act_dcf"), ("min_cllr", "cllr"), ("eer_rocch", "eer")):
        assert found[low].low <= found[high].low + 1e-9
        assert found[low].high <= found[high].high + 1e-9
    for interval in found.values():
        assert 0 <= interval.low <= interval.high
