"""What figures are drawn from agrees with the metrics, and says no more than the trials do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import ProtocolError
from earwitness.evaluation import curves
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Evaluation, Scored, Setup
from earwitness.metrics.eer import curve, eer
from earwitness.records import Label, Trial

SETUP = Setup(
    "data", "folder", "eval", "by hand", None, None, True, "balanced", 0.0, "whole", "none",
    None, 0, "earwitness evaluate data", "2026-03-01", "0.1.0",
)  # fmt: skip


def drawn(n: int = 300, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    key = rng.random(n) < 0.4
    return rng.normal(0, 1, n) + 2 * key, key


def det(scores, key, clusters=None, *, rounds=40, seed=1) -> curves.DetCurve:
    rng = np.random.default_rng(seed)
    return curves.det_curve(scores, key, clusters, rng=rng, rounds=rounds)


def evaluation(scores, key, *, is_calibrated=True, clustered_by=None, rounds=20) -> Evaluation:
    scored = tuple(
        Scored(
            Trial(f"{n}", Path("x"), Label.BONA_FIDE if ours else Label.SPOOF, "eval",
                  {"page": str(n // 5)}),
            score, score if is_calibrated else None,
        )
        for n, (score, ours) in enumerate(zip(scores.tolist(), key.tolist(), strict=True))
    )  # fmt: skip
    kin = () if clustered_by is None else (clustered_by,)
    return evaluate(SETUP, scored, (), Plan(kin=kin, rounds=rounds))


def test_every_point_lies_on_the_curve_that_the_metrics_trace() -> None:
    scores, key = drawn()
    points, found = curve(scores, key), det(scores, key)
    # The same lines between the same points, read by interpolation of our own.
    misses = np.interp(found.false_alarm, points.false_alarm[::-1], points.miss[::-1])
    steps = np.isin(np.round(found.false_alarm, 12), np.round(points.false_alarm, 12))
    assert np.allclose(np.array(found.miss)[~steps], misses[~steps])


def test_the_curve_crosses_the_diagonal_at_the_eer() -> None:
    scores, key = drawn(3000)
    found = det(scores, key, rounds=2)
    gap = np.array(found.miss) - np.array(found.false_alarm)
    after = int(np.argmax(gap <= 0))
    low, high = sorted((found.false_alarm[after - 1], found.false_alarm[after]))
    assert low - 1e-9 <= eer(scores, key) <= high + 1e-9


def test_the_band_holds_the_curve_and_kin_widen_it() -> None:
    scores, key = drawn(400)
    repeated = np.repeat(scores, 10), np.repeat(key, 10)
    alone = det(*repeated)
    kin = det(*repeated, [str(n // 10) for n in range(4000)])
    for found in (alone, kin):
        assert all(a <= b <= c for a, b, c in zip(found.low, found.miss, found.high, strict=True))
    middle = len(curves.GRID) // 3
    widths = [found.high[middle] - found.low[middle] for found in (alone, kin)]
    assert widths[1] > 1.5 * widths[0]


def test_the_same_seed_gives_the_same_band() -> None:
    assert det(*drawn()) == det(*drawn())
    assert det(*drawn()) != det(*drawn(), seed=2)


def test_a_constant_scorer_lies_on_the_line_of_a_coin_toss() -> None:
    found = det(np.zeros(50), np.arange(50) < 20, rounds=5)
    assert np.allclose(np.array(found.miss) + np.array(found.false_alarm), 1.0)


def test_replicates_that_lack_a_label_are_drawn_again() -> None:
    found = det(np.array([1.0, 0.0, 0.5]), np.array([True, False, False]), ["a", "b", "c"])
    assert np.isfinite(found.low).all()
    assert np.isfinite(found.high).all()


def test_a_hundred_thousand_scores_take_a_few_thousand_thresholds() -> None:
    scores, key = drawn(100_000)
    points, found = curve(scores, key), det(scores, key, rounds=2)
    exact = np.interp(found.false_alarm, points.false_alarm[::-1], points.miss[::-1])
    assert np.abs(exact - found.miss).max() < 0.003


def test_the_curve_refuses_what_cannot_be_measured() -> None:
    with pytest.raises(ProtocolError, match="trials of both labels"):
        det(np.zeros(3), np.ones(3, bool))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(-10, 10))
def test_every_trial_is_in_one_bar_of_the_histogram(values: list[float], keep: float) -> None:
    scores, key = np.array(values), np.arange(len(values)) % 2 == 0
    found = curves.histogram(scores, key, keep=keep)
    assert sum(found.bona_fide) == key.sum()
    assert sum(found.spoof) == (~key).sum()
    assert list(found.edges) == sorted(found.edges)


def test_a_wild_score_is_counted_and_does_not_flatten_the_rest() -> None:
    scores = np.concatenate([np.linspace(-1, 1, 2000), [1e9]])
    found = curves.histogram(scores, np.arange(2001) % 2 == 0)
    assert found.edges[-1] < 2
    assert 1 <= found.beyond <= 4


def test_infinite_scores_are_counted_in_the_outermost_bars() -> None:
    scores = np.array([-np.inf, -1.0, 1.0, np.inf])
    found = curves.histogram(scores, np.array([False, False, True, True]))
    assert (found.edges[0], found.edges[-1], found.beyond) == (-1.0, 1.0, 2)
    assert (found.spoof[0], found.bona_fide[-1]) == (2, 2)
    assert curves.histogram(scores[:1], np.array([False])).spoof[0] == 1


def test_the_threshold_lies_within_the_histogram_unless_it_is_far_away() -> None:
    scores, key = np.linspace(0, 1, 50), np.arange(50) % 2 == 0
    near, far = (curves.histogram(scores, key, keep=keep) for keep in (2.0, 50.0))
    assert near.edges[-1] == 2.0
    assert far.edges[-1] == 1.0


def test_right_llrs_lie_on_the_diagonal_and_doubled_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    llrs = rng.normal(0, 2, 40_000)
    key = rng.random(40_000) < 1 / (1 + np.exp(-llrs))
    llrs -= np.log(key.mean() / (1 - key.mean()))  # what the prior of these trials adds
    right, doubled = (curves.reliability(values, key) for values in (llrs, 2 * llrs))
    assert all(abs(one.expected - one.observed) < 0.02 for one in right.bins)
    assert sum(not one.low <= one.expected <= one.high for one in doubled.bins) >= 6


def test_bins_hold_all_trials_in_order_and_whiskers_hold_the_points() -> None:
    scores, key = drawn(333)
    bins = curves.reliability(scores, key).bins
    assert sum(one.n for one in bins) == 333
    assert [one.expected for one in bins] == sorted(one.expected for one in bins)
    assert all(0 <= one.low <= one.observed <= one.high <= 1 for one in bins)


def test_few_trials_make_few_bins() -> None:
    assert len(curves.reliability(np.arange(10.0), np.arange(10) % 2 == 0).bins) == 1


def test_trials_of_one_page_are_drawn_together() -> None:
    scores, key = drawn(600)
    scores = scores + np.repeat(np.random.default_rng(5).normal(0, 2, 120), 5)
    kin = curves.trace(evaluation(scores, key, clustered_by="page"), rounds=60)
    alone = curves.trace(evaluation(scores, key), rounds=60)
    assert kin.det is not None
    assert alone.det is not None
    assert kin.det.miss == alone.det.miss
    assert kin.det.low != alone.det.low


def test_reliability_is_for_llrs_only() -> None:
    raw = evaluation(*drawn(60))
    plain = Evaluation(
        Setup(**{**vars(SETUP), "is_calibrated": False}), raw.scored, (), raw.measures, raw.guard
    )
    assert curves.trace(raw, rounds=3).reliability is not None
    assert curves.trace(plain, rounds=3).reliability is None


def test_what_cannot_be_drawn_is_left_out() -> None:
    whole = evaluation(*drawn(60))
    ours = tuple(one for one in whole.scored if one.is_bona_fide)
    one_label = Evaluation(SETUP, ours, (), whole.measures, whole.guard)
    nothing = Evaluation(SETUP, (), (), whole.measures, whole.guard)
    found = curves.trace(one_label)
    assert (found.det, found.reliability) == (None, None)
    assert found.histogram is not None
    assert curves.trace(nothing) == curves.Curves()
