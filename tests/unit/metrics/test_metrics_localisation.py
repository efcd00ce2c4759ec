"""Segment EER and range-based EER: by hand, beside a sweep written down once more, and by rule."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from earwitness.errors import ProtocolError
from earwitness.metrics.eer import eer
from earwitness.metrics.localisation import (
    Pile,
    Region,
    Steps,
    by_frame,
    by_range,
    joined,
    localisation_eer,
    localisation_interval,
    mean_of_windows,
)

# 10 s in three windows side by side; the spoof begins in the first and ends with the second.
THREE = mean_of_windows(np.array([0.0, 4.0, 6.0]), np.array([4.0, 6.0, 10.0]), np.array([3, 1, 2]))
SPOOF = [Region(3.0, 6.0)]


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_the_range_based_eer_by_hand() -> None:
    # Bona fide: 3 s at a score of 3 and 4 s at 2. Spoof: 1 s at 3 and 2 s at 1. Between 1 and 2, 0
    # of 7 s are missed and 1 of 3 s is let pass; between 2 and 3, 4 of 7 and 1 of 3. The line from
    # (0, 1/3) to (4/7, 1/3) meets equal errors at 1/3.
    pile = by_range(THREE, SPOOF, duration_s=10.0)
    assert pile.weights.tolist() == [3.0, 1.0, 2.0, 4.0]
    assert pile.is_bona_fide.tolist() == [True, False, False, True]
    assert localisation_eer([pile]) == pytest.approx(1 / 3, abs=1e-12)


def test_a_frame_is_spoof_if_any_spoof_lies_in_it_and_scores_its_lowest() -> None:
    pile = by_frame(THREE, SPOOF, duration_s=10.0, frame_s=4.0)
    assert pile.is_bona_fide.tolist() == [False, False, True]
    assert pile.scores.tolist() == [3.0, 1.0, 2.0]
    assert pile.weights.tolist() == [1.0, 1.0, 1.0]
    # Bona fide 2 against spoof 3 and 1: half of the spoof passes, whatever is done.
    assert localisation_eer([pile]) == pytest.approx(0.5)


def test_frames_that_lie_between_all_changes_give_the_range_based_eer() -> None:
    frames = by_frame(THREE, SPOOF, duration_s=10.0, frame_s=1.0)
    assert localisation_eer([frames]) == pytest.approx(1 / 3, abs=1e-12)


def test_the_score_of_an_instant_is_the_mean_of_the_windows_that_cover_it() -> None:
    steps = mean_of_windows(
        np.array([0.0, 2.0, 4.0, 11.0]), np.array([4.0, 6.0, 8.0, 12.0]), np.array([1, 2, 6, 5])
    )
    assert steps.edges_s.tolist() == [0, 2, 4, 6, 8, 11, 12]
    np.testing.assert_array_equal(steps.scores, [1, 1.5, 4, 6, np.nan, 5])


def test_equal_means_are_ties_in_whatever_order_they_were_added_up() -> None:
    # 0.1 + 0.1 + 0.1 is not 0.3 in binary, and (0.1 + 0.2) + 0.3 is not 0.3 + 0.2 + 0.1.
    flat = mean_of_windows(np.arange(3.0), np.arange(3.0) + 3, np.full(3, 0.1))
    assert set(flat.scores.tolist()) == {0.1}
    there, back = (
        mean_of_windows(np.zeros(3), np.ones(3), np.array(scores)).scores[0]
        for scores in ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1])
    )
    assert there == back


def test_time_that_no_window_covers_is_left_out_and_counted() -> None:
    steps = mean_of_windows(np.array([2.0]), np.array([6.0]), np.array([1.5]))
    for pile in (
        by_range(steps, [Region(5.0, 8.0)], duration_s=10.0),
        by_frame(steps, [Region(5.0, 8.0)], duration_s=10.0, frame_s=1.0),
    ):
        assert pile.amount(is_bona_fide=True, is_heard=True) == 3.0
        assert pile.amount(is_bona_fide=False, is_heard=True) == 1.0
        assert pile.amount(is_bona_fide=True, is_heard=False) == 4.0
        assert pile.amount(is_bona_fide=False, is_heard=False) == 2.0
        assert localisation_eer([pile]) == 0.5


def test_a_frame_that_a_window_covers_in_part_has_the_score_of_that_part() -> None:
    steps = mean_of_windows(np.array([0.9]), np.array([1.1]), np.array([7.0]))
    pile = by_frame(steps, [], duration_s=3.0, frame_s=1.0)
    np.testing.assert_array_equal(pile.scores, [7.0, 7.0, np.nan])


def test_without_any_window_there_is_no_score() -> None:
    none = mean_of_windows(np.empty(0), np.empty(0), np.empty(0))
    assert np.isnan(by_range(none, SPOOF, duration_s=10.0).scores).all()
    assert np.isnan(by_frame(none, SPOOF, duration_s=10.0, frame_s=0.16).scores).all()
    with pytest.raises(ProtocolError, match="both labels, but got 0 bona fide and 0 spoof"):
        localisation_eer([by_range(none, SPOOF, duration_s=10.0)])


def test_no_recordings_are_refused() -> None:
    with pytest.raises(ProtocolError, match="both labels"):
        localisation_eer([])


def test_a_boundary_on_a_frame_is_on_that_frame_in_spite_of_binary_fractions() -> None:
    # 51 * 0.02 is 1.02, and 57 * 0.02 is 1.1400000000000001.
    whole = Steps(np.array([0.0, 2.0]), np.array([1.0]))
    pile = by_frame(whole, [Region(0.7 + 0.32, 1.14)], duration_s=2.0, frame_s=0.02)
    assert np.flatnonzero(~pile.is_bona_fide).tolist() == list(range(51, 57))


@pytest.mark.parametrize(
    ("duration_s", "frames"), [(0.32, 2), (0.33, 3), (1.0, 7), (1.12, 7), (0.05, 1)]
)
def test_the_last_frame_may_be_shorter(duration_s: float, frames: int) -> None:
    whole = Steps(np.array([0.0, 2.0]), np.array([1.0]))
    assert len(by_frame(whole, [], duration_s=duration_s, frame_s=0.16).scores) == frames


def test_a_duration_that_rounds_to_the_start_of_a_frame_begins_none() -> None:
    whole = Steps(np.array([0.0, 2.0]), np.array([1.0]))
    assert len(by_frame(whole, [], duration_s=1.0000004, frame_s=0.02).scores) == 50


def test_what_goes_beyond_the_end_of_a_recording_does_not_count() -> None:
    whole = mean_of_windows(np.array([0.0]), np.array([9.0]), np.array([1.0]))
    pile = by_range(whole, [Region(4.0, 8.0), Region(8.0, 9.0)], duration_s=5.0)
    assert pile.weights.tolist() == [4.0, 1.0]
    assert by_frame(whole, [Region(4, 8)], duration_s=5.0, frame_s=1.0).weights.sum() == 5


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 1e-8])
def test_a_recording_that_does_not_last_is_refused(duration_s: float) -> None:
    with pytest.raises(ProtocolError, match="Expected a recording that lasts"):
        by_range(THREE, [], duration_s=duration_s)


@pytest.mark.parametrize(
    ("starts", "ends", "scores", "message"),
    [
        ([0.0], [0.0], [1.0], "a later end"),
        ([2.0], [1.0], [1.0], "a later end"),
        ([0.0, 1.0], [1.0], [1.0], "a score each"),
        ([0.0], [1.0], [np.nan], "got NaN"),
    ],
)
def test_odd_windows_are_refused(
    starts: list[float], ends: list[float], scores: list[float], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        mean_of_windows(np.array(starts), np.array(ends), np.array(scores))


def test_regions_that_overlap_or_touch_are_one() -> None:
    told = joined([Region(5, 6), Region(1, 2), Region(2, 3), Region(0, 1.5), Region(5.2, 5.5)])
    assert told == (Region(0, 3), Region(5, 6))


# --- beside a sweep over thresholds that is written down as the paper tells it ---


@st.composite
def recordings(draw: st.DrawFn, grid_s: float = 0.001):
    """Draw windows with a step of 1 ms, regions, and a length."""
    length = draw(st.integers(50, 400))
    at = st.integers(0, length - 1)
    windows = draw(st.lists(st.tuples(at, st.integers(1, 120), st.integers(-3, 3)), max_size=8))
    spoof = draw(st.lists(st.tuples(at, st.integers(1, 80)), max_size=3))
    starts = np.array([w[0] for w in windows], float) * grid_s
    ends = np.array([min(w[0] + w[1], length) for w in windows], float) * grid_s
    scores = np.array([w[2] for w in windows], float)
    regions = joined(Region(a * grid_s, min(a + n, length) * grid_s) for a, n in spoof)
    return mean_of_windows(starts, ends, scores), regions, length * grid_s


def has_both(piles: list[Pile]) -> bool:
    return all(any(p.amount(is_bona_fide=b, is_heard=True) for p in piles) for b in (True, False))


def overlap(first: tuple[float, float], second: tuple[float, float]) -> float:
    return max(0.0, min(first[1], second[1]) - max(first[0], second[0]))


def said(drawn: list[tuple[Steps, tuple[Region, ...], float]]) -> list[tuple[float, float, float]]:
    """List score, seconds and seconds of spoof of each step that has a score."""
    return [
        (score, b - a, sum(overlap((a, b), (r.start_s, r.end_s)) for r in regions))
        for steps, regions, _ in drawn
        for a, b, score in zip(steps.edges_s, steps.edges_s[1:], steps.scores, strict=False)
        if not np.isnan(score)
    ]


def swept(drawn: list[tuple[Steps, tuple[Region, ...], float]]) -> float:
    """Try every threshold: seconds of spoof let pass, seconds of bona fide sound accused."""
    steps = said(drawn)
    spoof = sum(spoofed for _, _, spoofed in steps)
    bona_fide = sum(seconds for _, seconds, _ in steps) - spoof
    points = []
    for threshold in [*sorted({score for score, _, _ in steps}), np.inf]:
        passed = sum(spoofed for score, _, spoofed in steps if score >= threshold)
        accused = sum(seconds - spoofed for score, seconds, spoofed in steps if score < threshold)
        points.append((accused / bona_fide, passed / spoof))
    before, after = next((p, q) for p, q in pairwise(points) if q[0] >= q[1] - 1e-12)
    gap = (before[1] - before[0], after[0] - after[1])
    return before[0] + gap[0] / sum(gap) * (after[0] - before[0])


@given(drawn=st.lists(recordings(), min_size=1, max_size=4))
def test_the_range_based_eer_is_that_of_a_sweep(drawn) -> None:
    piles = [by_range(steps, spoof, duration_s=d) for steps, spoof, d in drawn]
    assume(has_both(piles))
    assert localisation_eer(piles) == pytest.approx(swept(drawn), abs=1e-9)


@given(drawn=st.lists(recordings(), min_size=1, max_size=4))
def test_frames_of_a_millisecond_are_ranges_where_all_changes_lie_on_milliseconds(drawn) -> None:
    ranges = [by_range(steps, spoof, duration_s=d) for steps, spoof, d in drawn]
    frames = [by_frame(steps, spoof, duration_s=d, frame_s=0.001) for steps, spoof, d in drawn]
    assume(has_both(ranges))
    assert localisation_eer(frames) == pytest.approx(localisation_eer(ranges), abs=1e-9)


def test_shorter_frames_tend_to_the_range_based_eer() -> None:
    chance = rng()
    drawn = []
    for _ in range(40):
        starts = np.sort(chance.uniform(0, 36, 18))
        cuts = np.sort(chance.uniform(0, 40, 2))
        spoof = (Region(float(cuts[0]), float(cuts[1])),)
        steps = mean_of_windows(starts, starts + 4, chance.normal(0, 1, 18))
        drawn.append((steps, spoof))
    exact = localisation_eer([by_range(*one, duration_s=40.0) for one in drawn])
    for frame_s in (0.1, 0.01, 0.001):
        frames = [by_frame(*one, duration_s=40.0, frame_s=frame_s) for one in drawn]
        # One change of score or label in two seconds, each of which one frame is wrong about.
        assert localisation_eer(frames) == pytest.approx(exact, abs=frame_s / 2)


@given(one=recordings(), score=st.floats(-5, 5), frame_s=st.sampled_from([0.02, 0.16, 0.003]))
def test_a_constant_scorer_has_an_eer_of_one_half(one, score: float, frame_s: float) -> None:
    steps, spoof, duration_s = one
    flat = Steps(steps.edges_s, np.where(np.isnan(steps.scores), np.nan, score))
    for pile in (
        by_range(flat, spoof, duration_s=duration_s),
        by_frame(flat, spoof, duration_s=duration_s, frame_s=frame_s),
    ):
        if has_both([pile]):
            assert localisation_eer([pile]) == 0.5


@given(drawn=st.lists(recordings(), min_size=2, max_size=4))
def test_neither_order_nor_repetition_nor_scale_of_recordings_matters(drawn) -> None:
    piles = [by_range(steps, spoof, duration_s=d) for steps, spoof, d in drawn]
    assume(has_both(piles))
    told = localisation_eer(piles)
    assert localisation_eer(piles[::-1]) == pytest.approx(told, abs=1e-12)
    assert localisation_eer(piles + piles) == pytest.approx(told, abs=1e-12)
    bent = [Pile(np.exp(p.scores / 2) - 7, p.is_bona_fide, 3 * p.weights) for p in piles]
    assert localisation_eer(bent) == pytest.approx(told, abs=1e-12)
    turned = [Pile(-p.scores, ~p.is_bona_fide, p.weights) for p in piles]
    assert localisation_eer(turned) == pytest.approx(told, abs=1e-12)


@given(trials=st.lists(st.tuples(st.integers(-6, 6), st.booleans()), min_size=2, max_size=60))
def test_where_all_weigh_the_same_it_is_the_eer_of_trials(trials: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 2 for score, _ in trials])
    key = np.array([label for _, label in trials])
    assume(key.any() and not key.all())
    parts = [Pile(scores[i::3], key[i::3], np.ones(len(scores[i::3]))) for i in range(3)]
    assert localisation_eer(parts) == pytest.approx(eer(scores, key), abs=1e-12)


# --- intervals ---


def some_piles(count: int) -> list[Pile]:
    chance = rng()
    return [
        Pile(chance.normal([2, 2, 0], 1.5), np.array([True, True, False]), chance.uniform(1, 9, 3))
        for _ in range(count)
    ]


def test_the_interval_holds_the_value_and_narrows_with_more_recordings() -> None:
    few, many = (
        localisation_interval(piles, [str(i) for i in range(len(piles))], rng=rng(), rounds=300)
        for piles in (some_piles(12), some_piles(200))
    )
    assert few.low <= few.value <= few.high
    assert many.low < many.value < many.high
    assert many.high - many.low < few.high - few.low
    assert many.value == localisation_eer(some_piles(200))


def test_kin_stay_together() -> None:
    piles = some_piles(6)
    alike = localisation_interval(piles, ["one page"] * 6, rng=rng(), rounds=20)
    assert alike.low == alike.value == alike.high
    by_three = localisation_interval(piles, list("aabbcc"), rng=rng(), rounds=200)
    assert by_three.low < by_three.high


def test_draws_without_a_label_are_drawn_again() -> None:
    bona_fide = Pile(np.array([1.0]), np.array([True]), np.ones(1))
    spoof = Pile(np.array([0.0]), np.array([False]), np.ones(1))
    told = localisation_interval([bona_fide, spoof], ["a", "b"], rng=rng(), rounds=50)
    assert (told.value, told.low, told.high) == (0.0, 0.0, 0.0)


def test_one_cluster_a_recording_is_asked_for() -> None:
    with pytest.raises(ProtocolError, match="one cluster a recording, but got 2 for 6"):
        localisation_interval(some_piles(6), ["a", "b"], rng=rng())
