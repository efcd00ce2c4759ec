"""What holds of pooling and stretches for any scores, and over many simulated hours.

The simulated scores are built like those of a fair detector: windows of one recording share a
level, neighbours are alike, and in some recordings every fifth window or so is doubtful, often two
in a row. A spoofed sentence lowers a window by the share of the window that it fills.
"""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from earwitness.decision import Policy, find_stretches, pool
from earwitness.records import SegmentScore

HOP_S, LENGTH_S = 2.0, 4.0
Array = NDArray[np.float64]

LLRS = st.lists(st.floats(-20, 20), min_size=1, max_size=80)


def scores_of(llrs: Array | list[float]) -> list[SegmentScore]:
    return [
        SegmentScore(HOP_S * i, HOP_S * i + LENGTH_S, 3.6, HOP_S if i else LENGTH_S, llr, llr)
        for i, llr in enumerate(np.asarray(llrs).tolist())
    ]


@given(LLRS)
@settings(max_examples=60)
def test_a_pooled_llr_stays_within_what_its_windows_and_the_correlation_allow(
    llrs: list[float],
) -> None:
    policy = Policy()
    capped = np.clip(llrs, -policy.window_cap, policy.window_cap)
    most = 1 / policy.correlation
    pooled = pool(scores_of(llrs), policy)
    assert min(0, capped.min()) * most - 1e-9 <= pooled <= max(0, capped.max()) * most + 1e-9


@given(LLRS, st.integers(0, 79), st.floats(0, 10))
@settings(max_examples=60)
def test_a_window_that_speaks_more_for_bona_fide_never_lowers_the_pooled_llr(
    llrs: list[float], which: int, more: float
) -> None:
    raised = list(llrs)
    raised[which % len(llrs)] += more
    assert pool(scores_of(raised), Policy()) >= pool(scores_of(llrs), Policy()) - 1e-9


@given(LLRS)
@settings(max_examples=60)
def test_turning_every_window_round_turns_the_pooled_llr_round(llrs: list[float]) -> None:
    turned = pool(scores_of([-llr for llr in llrs]), Policy())
    assert turned == pytest.approx(-pool(scores_of(llrs), Policy()), abs=1e-9)


@given(LLRS)
@settings(max_examples=60)
def test_stretches_lie_in_order_inside_the_recording_and_speak_for_a_spoof(
    llrs: list[float],
) -> None:
    scores = scores_of(llrs)
    ends = [0.0]
    for stretch in find_stretches(scores, Policy()):
        assert ends[-1] <= stretch.start_s < stretch.end_s <= scores[-1].end_s + 1e-9
        assert stretch.llr < 0
        ends.append(stretch.start_s + HOP_S)


def neighbours(rng: np.random.Generator, count: int) -> Array:
    """Draw standard normal values, each half like the one before."""
    fresh = rng.standard_normal(count)
    values = np.empty(count)
    last = fresh[0]
    for i in range(count):
        last = 0.5 * last + math.sqrt(0.75) * fresh[i]
        values[i] = last
    return values


def bona_fide(rng: np.random.Generator, hours: float) -> Array:
    count = int(hours * 3600 / HOP_S)
    llrs = rng.normal(3.5, 1.0) + 1.3 * neighbours(rng, count)
    share = min(0.3, 0.07 * rng.gamma(2.0) / 2)
    doubtful = rng.random(count) < share / 1.4
    doubtful |= np.roll(doubtful, 1) & (rng.random(count) < 0.4)
    return np.where(doubtful, rng.normal(-1.5, 0.5, count), llrs)


def with_a_spoofed_sentence(
    rng: np.random.Generator, llrs: Array, *, level: float, lasts_s: float = 5.5
) -> tuple[Array, float, float]:
    start_s = rng.uniform(0, HOP_S * len(llrs) - lasts_s)
    starts = HOP_S * np.arange(len(llrs))
    inside = np.minimum(starts + LENGTH_S, start_s + lasts_s) - np.maximum(starts, start_s)
    share = np.clip(inside / LENGTH_S, 0, 1)
    return (
        (1 - share) * llrs + share * rng.normal(level, 1.0, len(llrs)),
        start_s,
        start_s + lasts_s,
    )


def hours_of(
    count: int, *, seed: int, hours: float = 1.0
) -> Iterator[tuple[np.random.Generator, Array]]:
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield rng, bona_fide(rng, hours)


def test_a_bona_fide_hour_shows_at_most_one_false_stretch() -> None:
    counts = [len(find_stretches(scores_of(llrs), Policy())) for _, llrs in hours_of(60, seed=1)]
    assert np.mean(counts) <= 0.5
    assert np.mean([count > 1 for count in counts]) <= 0.1


def test_ten_bona_fide_hours_are_not_called_a_spoof() -> None:
    for _, llrs in hours_of(6, seed=2, hours=10.0):
        scores = scores_of(llrs)
        assert pool(scores, Policy()) > 0
        assert len(find_stretches(scores, Policy())) <= 10


@pytest.mark.parametrize(("level", "found"), [(-6.0, 0.85), (-5.0, 0.8), (-4.0, 0.65)])
def test_a_spoofed_sentence_in_a_bona_fide_hour_shows(level: float, found: float) -> None:
    hits = []
    for rng, llrs in hours_of(60, seed=3):
        spliced, start_s, end_s = with_a_spoofed_sentence(rng, llrs, level=level)
        stretches = find_stretches(scores_of(spliced), Policy())
        hits.append(any(s.start_s < end_s and s.end_s > start_s for s in stretches))
    assert np.mean(hits) >= found, np.mean(hits)


def test_a_spoofed_sentence_in_four_minutes_shows_as_well() -> None:
    hits = []
    for rng, llrs in hours_of(60, seed=4, hours=1 / 15):
        spliced, _, _ = with_a_spoofed_sentence(rng, llrs, level=-6.0)
        hits.append(bool(find_stretches(scores_of(spliced), Policy())))
    assert np.mean(hits) >= 0.85, np.mean(hits)
