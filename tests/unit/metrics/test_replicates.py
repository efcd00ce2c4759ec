"""Counted replicates beside copied ones: the same draws must give the same numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest

from earwitness.errors import ProtocolError, SettingsError
from earwitness.metrics._measures import METRICS
from earwitness.metrics._ranked import Ranked, Replicate, rank, step_ends
from earwitness.metrics._tally import Tally, tally
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.cllr import cllr_of_blocks
from earwitness.metrics.dcf import Costs
from earwitness.metrics.eer import balanced_accuracy, eer
from earwitness.metrics.eer_rocch import crossing_of_hull
from earwitness.metrics.intervals import bootstrap, paired_difference
from earwitness.metrics.replicates import NAMES, Stakes, resample, resample_pair

COSTS = Costs(prior=0.1, miss=2.0, false_alarm=5.0)
STAKES = Stakes(COSTS, threshold=0.3)


def trials(count: int, *, seed: int = 0, apart: float = 1.5, ties: float = 0.0):
    """Scores of two piles, a third of them bona fide; ``ties`` is the distance between levels."""
    rng = np.random.default_rng(seed)
    key = rng.random(count) < 1 / 3
    scores = rng.standard_normal(count) + apart * key - apart / 2
    return (np.round(scores / ties) * ties if ties else scores), key


def pages(count: int, *, seed: int = 1) -> list[str]:
    """Clusters of very different sizes, from one trial to a third of all."""
    return [f"page {page}" for page in np.random.default_rng(seed).zipf(1.6, count) % 40]


def plain(name: str, scores: Scores, key: Key, clusters: list[str], rounds: int):
    return bootstrap(
        lambda scores, key: METRICS[name].of_trials(scores, key, STAKES),
        *(scores, key, clusters),
        rng=np.random.default_rng(7),
        rounds=rounds,
    )


def assert_same(found, expected, name: str) -> None:
    for end in ("value", "low", "high"):
        told = getattr(expected, end)
        assert getattr(found, end) == pytest.approx(told, rel=1e-9, abs=1e-12), (name, end)


@pytest.mark.parametrize("ties", [0.0, 0.25])
def test_each_interval_is_that_of_the_plain_bootstrap_on_the_same_draws(ties: float) -> None:
    (scores, key), clusters = trials(500, ties=ties), pages(500)
    found = resample(
        *(scores, key, clusters),
        metrics=NAMES,
        costs=COSTS,
        threshold=STAKES.threshold,
        rng=np.random.default_rng(7),
        rounds=120,
    )
    assert tuple(found) == NAMES
    for name in NAMES:
        assert_same(found[name], plain(name, scores, key, clusters, 120), name)


def test_single_trials_are_drawn_as_the_plain_bootstrap_draws_them() -> None:
    scores, key = trials(300)
    order = np.lexsort((scores, ~key))  # the order in which single trials are numbered
    scores, key = scores[order], key[order]
    found = resample(
        *(scores, key, None),
        metrics=NAMES,
        costs=COSTS,
        threshold=STAKES.threshold,
        rng=np.random.default_rng(7),
        rounds=100,
    )
    alone = [f"{trial:04}" for trial in range(300)]
    for name in NAMES:
        assert_same(found[name], plain(name, scores, key, alone, 100), name)


def test_with_other_draws_the_interval_is_the_same_but_for_chance() -> None:
    # An end of 1,000 draws has a standard error of about 0.08 of the standard deviation, which is
    # a quarter of the width; a difference of two ends, 0.03 of the width. Four of these.
    scores, key = trials(2000)
    found = resample(
        *(scores, key, None),
        metrics=["eer", "auc", "min_cllr"],
        costs=COSTS,
        threshold=None,
        rng=np.random.default_rng(1),
    )
    alone = [f"{trial:04}" for trial in range(2000)]
    for name, interval in found.items():
        other = bootstrap(
            lambda scores, key, name=name: METRICS[name].of_trials(scores, key, STAKES),
            *(scores, key, alone),
            rng=np.random.default_rng(2),
            rounds=400,
        )
        width = other.high - other.low
        assert abs(interval.low - other.low) < 0.15 * width, name
        assert abs(interval.high - other.high) < 0.15 * width, name


def test_values_are_those_of_the_exact_metrics_on_all_trials() -> None:
    scores, key = trials(400, ties=0.5)
    found = resample(
        *(scores, key, None),
        metrics=NAMES,
        costs=COSTS,
        threshold=0.3,
        rng=np.random.default_rng(0),
        rounds=2,
    )
    for name, interval in found.items():
        assert interval.value == METRICS[name].of_trials(scores, key, STAKES), name


# What joining steps may change -----------------------------------------------------------------

STEPS = 40


def drawn(seed: int, *, ties: float = 0.0) -> tuple[Replicate, Replicate, Tally]:
    """A replicate of 3,000 trials, with joined steps and without, and the tally of all trials."""
    scores, key = trials(3000, seed=seed, ties=ties)
    units = np.arange(len(scores))
    times = np.bincount(np.random.default_rng(seed).integers(3000, size=3000), minlength=3000)
    joined, exact = rank(scores, key, units, steps=STEPS), rank(scores, key, units)
    return joined.replicate(times), exact.replicate(times), tally(scores, key)


def in_perfect_order(replicate: Replicate) -> tuple[np.ndarray, np.ndarray]:
    """Counts as they would be if in every step all spoofs lay below all bona fide trials."""
    bona_fide, spoof = np.repeat(replicate.bona_fide, 2)[:-1], np.repeat(replicate.spoof, 2)[1:]
    return bona_fide, spoof


@pytest.mark.parametrize("seed", range(12))
def test_joining_steps_changes_a_replicate_by_no_more_than_is_said(seed: int) -> None:
    joined, exact, _ = drawn(seed)
    assert len(joined.miss) <= 2 * STEPS < len(exact.miss)
    p, q = np.diff(joined.miss), -np.diff(joined.false_alarm)
    values = {
        name: (m.of_replicate(joined, STAKES), m.of_replicate(exact, STAKES))
        for name, m in METRICS.items()
    }

    crossing = int(np.argmax(joined.miss >= joined.false_alarm)) - 1
    for name in ("eer", "eer_asvspoof"):
        step = 1 / min(joined.bona_fide[-1], joined.spoof[-1]) if name == "eer_asvspoof" else 1e-12
        assert abs(np.subtract(*values[name])) <= min(p[crossing], q[crossing]) + step, name
    assert abs(np.subtract(*values["auc"])) <= np.sum(p * q) / 2 + 1e-12
    of_miss, of_false_alarm = float(COSTS.of(1.0, 0.0)), float(COSTS.of(0.0, 1.0))
    dearest = np.max(np.minimum(of_miss * p, of_false_alarm * q))
    assert 0 <= np.subtract(*values["min_dcf"]) <= dearest + 1e-12
    for name, metric in (("min_cllr", cllr_of_blocks), ("eer_rocch", crossing_of_hull)):
        assert metric(*in_perfect_order(joined)) - 1e-12 <= values[name][1], name
        assert values[name][1] <= values[name][0] + 1e-12, name
    for name in ("act_dcf", "cllr", "miss_rate", "false_alarm_rate", "balanced_accuracy"):
        assert values[name][0] == pytest.approx(values[name][1], rel=1e-12), name


@pytest.mark.parametrize("ties", [0.0, 0.01, 0.3])
def test_a_joined_step_holds_less_than_three_of_its_shares(ties: float) -> None:
    for seed in range(5):
        scores, key = trials(5000, seed=seed, ties=ties)
        counts = tally(scores, key)
        ends = step_ends(counts, STEPS)
        assert (ends[0], ends[-1]) == (0, len(counts.scores))
        mass = counts.bona_fide / counts.bona_fide[-1] + counts.spoof / counts.spoof[-1]
        assert_joined_steps_are_light(mass, counts, ends)


def assert_joined_steps_are_light(mass: np.ndarray, counts: Tally, ends: np.ndarray) -> None:
    kept = step_ends(counts, steps=len(counts.scores))  # every run and every tie for itself
    for foot, top in pairwise(ends):
        if np.count_nonzero((kept >= foot) & (kept < top)) > 1:
            assert mass[top] - mass[foot] < 3 / STEPS


def test_with_joined_steps_an_eer_is_off_by_a_fraction_of_its_interval() -> None:
    # With all 16,384 steps, on scores that alternate too often for them: chance level.
    scores, key = trials(120_000, apart=0.02)
    ranked, exact = rank(scores, key, None), rank(scores, key, None, steps=10**6)
    assert len(ranked.bona_fide_ends) < len(exact.bona_fide_ends)
    rng = np.random.default_rng(3)
    for _ in range(3):
        times = np.bincount(rng.integers(120_000, size=120_000), minlength=120_000)
        for name in ("eer", "auc", "min_dcf", "min_cllr", "eer_rocch"):
            off = METRICS[name].of_replicate(ranked.replicate(times), STAKES)
            off -= METRICS[name].of_replicate(exact.replicate(times), STAKES)
            assert abs(off) < 2e-5, name  # a tenth of what the head of _ranked allows


def test_runs_of_one_label_are_one_step_and_nothing_is_lost() -> None:
    scores, key = trials(20_000, apart=7.0)
    ranked = rank(scores, key, None)
    assert len(ranked.bona_fide_ends) < 200
    times = np.ones(20_000, np.intp)
    for name, metric in METRICS.items():
        told = metric.of_trials(scores, key, STAKES)
        assert metric.of_replicate(ranked.replicate(times), STAKES) == pytest.approx(told), name


# What is drawn -----------------------------------------------------------------------------------


def test_a_replicate_without_one_label_is_drawn_again() -> None:
    scores, key = np.array([1.0, 0.0]), np.array([True, False])
    for clusters in (["a", "b"], None):
        found = resample(
            *(scores, key, clusters),
            metrics=["auc", "cllr"],
            costs=COSTS,
            threshold=None,
            rng=np.random.default_rng(0),
            rounds=40,
        )
        assert (found["auc"].low, found["auc"].high) == (1.0, 1.0)


def test_kin_stay_together_so_the_interval_is_wider() -> None:
    # Each trial is there 16 times over: that is no new evidence.
    scores, key = trials(50)
    scores, key = np.repeat(scores, 16), np.repeat(key, 16)
    page = [str(i // 16) for i in range(800)]
    widths = [
        np.ptp([interval.low, interval.high])
        for clusters in (page, None)
        for interval in resample(
            *(scores, key, clusters),
            metrics=["auc"],
            costs=COSTS,
            threshold=None,
            rng=np.random.default_rng(3),
            rounds=200,
        ).values()
    ]
    assert widths[0] > 3 * widths[1]


def test_the_threshold_may_be_one_that_no_score_reaches() -> None:
    scores, key = trials(60)
    for threshold, miss in ((-100.0, 0.0), (100.0, 1.0)):
        found = resample(
            *(scores, key, None),
            metrics=["miss_rate", "false_alarm_rate"],
            costs=COSTS,
            threshold=threshold,
            rng=np.random.default_rng(0),
            rounds=10,
        )
        assert found["miss_rate"].low == found["miss_rate"].high == miss
        assert found["false_alarm_rate"].low == found["false_alarm_rate"].high == 1 - miss


def test_an_infinite_llr_on_the_wrong_side_costs_without_end_where_it_is_drawn() -> None:
    # A draw of 30 leaves it out with a chance of (29/30)^30 = 36 %.
    scores, key = trials(30, apart=3.0)
    wrong = np.where(np.arange(30) == np.flatnonzero(key)[0], -math.inf, scores)
    found = resample(
        *(wrong, key, None),
        metrics=["cllr", "eer"],
        costs=COSTS,
        threshold=None,
        rng=np.random.default_rng(0),
        rounds=100,
    )
    assert found["cllr"].value == found["cllr"].high == math.inf
    assert 0 < found["cllr"].low < 1
    assert found["eer"].high < 1


# Pairs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [False, True])
def test_each_difference_is_that_of_the_plain_bootstrap_on_the_same_draws(*, alone: bool) -> None:
    first, key = trials(400)
    second = first + 0.8 * np.random.default_rng(9).standard_normal(400) - 0.4 * key
    clusters = [f"{trial:04}" for trial in range(400)] if alone else pages(400)
    found = resample_pair(
        *(first, second, key, None if alone else clusters),
        metrics=NAMES,
        rng=np.random.default_rng(7),
        stakes=(STAKES, STAKES),
        rounds=60,
    )
    for name in NAMES:
        expected = paired_difference(
            lambda scores, key, name=name: METRICS[name].of_trials(scores, key, STAKES),
            *(first, second, key, clusters),
            rng=np.random.default_rng(7),
            rounds=60,
        )
        assert_same(found[name], expected, name)
    assert found["eer"].high < 0 < found["auc"].low


def test_each_of_a_pair_is_measured_at_its_own_threshold() -> None:
    scores, key = trials(200)
    stakes = (Stakes(threshold=0.0), Stakes(threshold=5.0))
    found = resample_pair(
        *(scores, scores + 5.0, key, None),
        metrics=["balanced_accuracy", "eer"],
        rng=np.random.default_rng(7),
        stakes=stakes,
        rounds=20,
    )
    for interval in found.values():
        assert (interval.value, interval.low, interval.high) == pytest.approx((0, 0, 0), abs=1e-12)
    assert balanced_accuracy(scores, key, threshold=0.0) < 1


# What is refused ---------------------------------------------------------------------------------


def asked(scores: Scores, key: Key, clusters=None, metrics=("eer",), threshold=None):
    return resample(
        *(scores, key, clusters),
        metrics=metrics,
        costs=COSTS,
        threshold=threshold,
        rng=np.random.default_rng(0),
        rounds=2,
    )


def test_a_metric_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"no metric 'accuracy'\. There are: eer, eer_asvspoof"):
        asked(*trials(10), metrics=["eer", "accuracy"])


@pytest.mark.parametrize("name", ["miss_rate", "false_alarm_rate", "balanced_accuracy"])
def test_rates_at_a_threshold_need_one(name: str) -> None:
    with pytest.raises(SettingsError, match="need a threshold, but got None"):
        asked(*trials(10), metrics=[name])


def test_a_cluster_for_each_trial_is_needed() -> None:
    with pytest.raises(ProtocolError, match="one cluster a trial, but got 9 for 10 trials"):
        asked(*trials(10), clusters=["a"] * 9)


def test_what_cannot_be_measured_is_refused() -> None:
    scores, key = trials(10)
    with pytest.raises(ProtocolError, match="both labels, but got 10 bona fide and 0 spoof"):
        asked(scores, np.ones(10, bool))
    with pytest.raises(ProtocolError, match="got NaN for 1 of 10 trials"):
        asked(np.where(np.arange(10) == 3, np.nan, scores), key)
    with pytest.raises(ProtocolError, match=r"shape \(9,\) and a key of shape \(10,\)"):
        resample_pair(scores, scores[:9], key, None, metrics=["eer"], rng=np.random.default_rng(0))


def test_ranked_trials_keep_their_units() -> None:
    ranked = rank(np.array([3.0, 1.0, 2.0]), np.array([True, False, True]), np.array([7, 8, 9]))
    assert isinstance(ranked, Ranked)
    assert ranked.units is not None
    assert ranked.units.tolist() == [9, 7, 8]
    assert ranked.scores.tolist() == [2.0, 3.0, 1.0]
    replicate = ranked.replicate(np.array([0] * 7 + [2, 1, 0]))
    assert eer(np.array([3.0, 3.0, 1.0]), np.array([True, True, False])) == 0.0
    assert (replicate.bona_fide[-1], replicate.spoof[-1]) == (2, 1)
