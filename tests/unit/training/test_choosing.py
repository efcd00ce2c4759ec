"""What is chosen on scores whose true answer is known."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from made_runs import trial

from earwitness.calibration.points import CALLED_FAKE, CALLED_GENUINE
from earwitness.calibration.recordings import mean_raw, with_llrs
from earwitness.decision import Policy, pool
from earwitness.errors import SettingsError
from earwitness.records import Label, SegmentScore, Trial
from earwitness.training import choosing
from earwitness.training.choosing import (
    FALSE_STRETCHES_AN_HOUR,
    STRETCH_DROPS,
    STRETCH_LLRS,
    Chosen,
    choose,
)
from earwitness.training.crossfit import ClipScores

pytestmark = [pytest.mark.torch, pytest.mark.train]

HOP_S = 2.0


def window(raw: float, *, fresh_s: float = 4.0, llr: float | None = None) -> SegmentScore:
    return SegmentScore(0.0, 4.0, 4.0, fresh_s, raw, llr)


def clips(
    bona_fide: np.ndarray, spoof: np.ndarray, *, a_page: int = 100
) -> tuple[list[Trial], ClipScores]:
    """Make clips of one row of windows each, ``a_page`` clips of either label on a page."""
    trials, scores = [], {}
    for label, rows in ((Label.BONA_FIDE, bona_fide), (Label.SPOOF, spoof)):
        for number, row in enumerate(np.atleast_2d(rows.T).T):
            one = trial(f"{label}{number}", label, page=f"owner/{number // a_page}")
            trials.append(one)
            scores[one.id] = tuple(window(float(raw)) for raw in np.atleast_1d(row))
    return trials, scores


def calibrated(count: int, *, variance: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw LLRs that are what they say: normal, means of half the variance either way."""
    rng = np.random.default_rng(seed)
    bona_fide, spoof = rng.normal(size=(2, count)) * variance**0.5
    return bona_fide + variance / 2, spoof - variance / 2


def chosen(trials: list[Trial], scores: ClipScores) -> Chosen:
    return choose(trials, scores, hop_s=HOP_S, rng=np.random.default_rng(7))


def llrs_of(trials: list[Trial], scores: ClipScores, found: Chosen) -> np.ndarray:
    return np.array(
        [pool(with_llrs(scores[t.id], found.calibration), found.policy) for t in trials]
    )


def use_grid(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[float, ...], drops: tuple[float, ...]
) -> None:
    monkeypatch.setattr(choosing, "STRETCH_LLRS", limits)
    monkeypatch.setattr(choosing, "STRETCH_DROPS", drops)


@pytest.fixture(autouse=True)
def _few_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try two limits instead of all: each is tried on every simulated hour."""
    use_grid(monkeypatch, (STRETCH_LLRS[0], STRETCH_LLRS[2]), (STRETCH_DROPS[1],))


def test_scores_that_are_llrs_already_are_left_as_they_are() -> None:
    line = chosen(*clips(*calibrated(2000, variance=4.0), a_page=200)).calibration
    assert line.scale == pytest.approx(1.0, abs=0.1)
    assert line.offset == pytest.approx(0.0, abs=0.1)


def test_a_line_that_lies_over_llrs_is_taken_off() -> None:
    bona_fide, spoof = calibrated(2000, variance=4.0)
    line = chosen(*clips(5 * bona_fide + 3, 5 * spoof + 3, a_page=200)).calibration
    assert line.scale == pytest.approx(1 / 5, rel=0.08)
    assert line.offset == pytest.approx(-3 / 5, abs=0.1)


def test_scores_that_are_turned_round_are_refused() -> None:
    bona_fide, spoof = calibrated(100, variance=4.0)
    with pytest.raises(SettingsError, match="turned round"):
        chosen(*clips(spoof, bona_fide))


def test_a_clip_without_a_score_is_left_out() -> None:
    trials, scores = clips(*calibrated(200, variance=4.0))
    silent = trial("silent", Label.BONA_FIDE, page="owner/0")
    assert chosen([*trials, silent], scores) == chosen(trials, scores)


def test_the_same_scores_and_seed_choose_the_same() -> None:
    made = clips(*calibrated(200, variance=4.0))
    assert chosen(*made) == chosen(*made)


def test_a_clip_weighs_its_windows_by_fresh_speech() -> None:
    rows = [window(1.0, fresh_s=4.0), window(5.0, fresh_s=2.0), window(100.0, fresh_s=0.0)]
    assert mean_raw(rows) == pytest.approx(14 / 6, abs=1e-3)
    assert mean_raw([window(3.0, fresh_s=0.0)]) == 3.0


def test_windows_that_know_nothing_of_each_other_are_taken_as_witnesses_of_their_own() -> None:
    made = clips(*calibrated(600, variance=0.5), a_page=10)
    assert chosen(*made).policy.correlation == 0.1


def test_windows_that_all_say_the_same_are_taken_as_one_witness() -> None:
    bona_fide, spoof = calibrated(150, variance=2.0)
    made = clips(np.repeat(bona_fide, 4), np.repeat(spoof, 4), a_page=4)
    assert chosen(*made).policy.correlation == 1.0


def test_clips_of_different_systems_are_not_joined() -> None:
    """Windows within a system say the same; joined over systems they would look independent."""
    bona_fide, spoof = calibrated(200, variance=2.0)
    trials, scores = clips(np.repeat(bona_fide, 10), np.repeat(spoof, 10), a_page=1000)
    kin = [
        replace(one, meta={**one.meta, "system": str(number % 2000 // 10)})
        for number, one in enumerate(trials)
    ]
    assert chosen(kin, scores).policy.correlation == 1.0


def test_without_long_recordings_of_both_labels_the_usual_correlation_stays() -> None:
    bona_fide, spoof = calibrated(30, variance=2.0)
    assert chosen(*clips(bona_fide, spoof, a_page=1)).policy.correlation == Policy().correlation


@pytest.mark.parametrize("count", [40, 150, 199, 950, 1001])
@pytest.mark.parametrize("seed", [1, 2])
def test_accusation_calls_at_most_one_in_a_hundred_of_the_genuine_fake(
    count: int, seed: int
) -> None:
    made = clips(*calibrated(count, variance=3.0, seed=seed), a_page=500)
    found = chosen(*made)
    llrs = llrs_of(*made, found)[:count]
    threshold = found.points["accusation"].threshold
    assert np.mean(llrs < threshold) <= CALLED_FAKE
    assert threshold < 0.0


def test_screening_calls_few_of_the_fakes_genuine() -> None:
    made = clips(*calibrated(1000, variance=3.0), a_page=500)
    found = chosen(*made)
    llrs = llrs_of(*made, found)[1000:]
    threshold = found.points["screening"].threshold
    assert np.mean(llrs >= threshold) == pytest.approx(CALLED_GENUINE, abs=0.002)
    assert threshold > 0.0


def test_balanced_is_where_the_odds_are_even() -> None:
    point = chosen(*clips(*calibrated(100, variance=3.0))).points["balanced"]
    assert (point.threshold, point.prior) == (0.0, 0.5)


def test_points_do_not_cross_where_the_labels_lie_far_apart() -> None:
    """With hardly an error, screening would lie below zero and accusation above."""
    made = clips(np.linspace(4, 6, 100), np.linspace(-6, -4, 100))
    points = chosen(*made).points
    assert points["accusation"].threshold == points["balanced"].threshold == 0.0
    assert points["screening"].threshold == 0.0


def test_spliced_sentences_are_found_where_the_labels_lie_far_apart() -> None:
    rng = np.random.default_rng(3)
    made = clips(rng.normal(4.0, 0.3, 100), rng.normal(-5.0, 0.3, 100), a_page=50)
    found = chosen(*made)
    assert found.false_stretches == 0.0
    assert found.found_splices == 1.0
    assert found.policy.stretch_llr == STRETCH_LLRS[0]


def test_where_fakes_sound_genuine_no_splice_is_found() -> None:
    rng = np.random.default_rng(3)
    genuine = rng.normal(4.0, 0.3, 100)
    spoof = np.concatenate([rng.normal(3.9, 0.3, 60), rng.normal(-20.0, 0.3, 40)])
    made = clips(genuine, spoof, a_page=20)
    assert chosen(*made).found_splices == pytest.approx(0.4, abs=0.3)


def test_a_bona_fide_hour_shows_at_most_one_false_stretch() -> None:
    found = chosen(*clips(*calibrated(400, variance=4.0), a_page=100))
    assert found.false_stretches <= FALSE_STRETCHES_AN_HOUR


@pytest.mark.slow
@pytest.mark.parametrize("variance", [2.0, 4.0, 8.0])
def test_the_whole_grid_holds_a_limit_that_is_strict_enough(
    variance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_grid(monkeypatch, STRETCH_LLRS, STRETCH_DROPS)
    found = chosen(*clips(*calibrated(400, variance=variance), a_page=20))
    assert found.false_stretches <= FALSE_STRETCHES_AN_HOUR
    assert found.policy.stretch_llr in STRETCH_LLRS
    assert found.policy.stretch_drop in STRETCH_DROPS


def mixed_lows() -> tuple[list[Trial], ClipScores]:
    """Make bona fide scores that are low now and then, a little or much, and twice in a row."""
    rng = np.random.default_rng(3)
    kinds = rng.choice([3.0, -1.5, -3.0], p=[0.84, 0.08, 0.08], size=400)
    spoof = rng.choice([-3.0, 3.0], p=[0.92, 0.08], size=400)
    return clips(kinds, spoof, a_page=100)


def each_alone(
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[float, ...],
    drops: tuple[float, ...],
    made: tuple[list[Trial], ClipScores],
) -> list[Chosen]:
    """Choose with each pair as the only one; the hours are the same each time."""
    found = []
    for limit, drop in product(limits, drops):
        use_grid(monkeypatch, (limit,), (drop,))
        found.append(chosen(*made))
    return found


def test_where_no_limit_is_strict_enough_the_one_with_fewest_false_stretches_is_taken_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits, drops, made = (-0.1, -2.0), (0.1, 2.5), mixed_lows()
    alone = each_alone(monkeypatch, limits, drops, made)
    use_grid(monkeypatch, limits, drops)
    found = chosen(*made)
    false = [one.false_stretches for one in alone]
    assert min(false) > FALSE_STRETCHES_AN_HOUR
    assert max(false) > min(false) + 5
    best = alone[int(np.argmin(false))]
    assert found == best
    assert found.policy.stretch_llr == limits[1]


def test_of_limits_that_are_strict_enough_the_one_that_finds_most_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits, drops = (-0.5, -2.0, -3.0), (0.1, 3.0)
    rng = np.random.default_rng(5)
    made = clips(rng.normal(2.0, 1.5, 200), rng.normal(-2.0, 1.5, 200), a_page=20)
    alone = each_alone(monkeypatch, limits, drops, made)
    use_grid(monkeypatch, limits, drops)
    found = chosen(*made)
    few = [one for one in alone if one.false_stretches <= FALSE_STRETCHES_AN_HOUR]
    assert 0 < len(few) < len(alone)
    assert found in few
    assert found.found_splices == max(one.found_splices for one in few)
    assert found.found_splices > min(one.found_splices for one in few)
    # Some that are not strict enough would have found more.
    assert found.found_splices < max(one.found_splices for one in alone)


def test_without_enough_windows_for_an_hour_stretches_stay_as_they_are() -> None:
    made = clips(*calibrated(30, variance=3.0), a_page=2)
    found = chosen(*made)
    assert found.policy.stretch_llr == Policy().stretch_llr
    assert (found.false_stretches, found.found_splices) == (0.0, 0.0)
