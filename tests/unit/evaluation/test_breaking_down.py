"""Figures by group, all at one threshold."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from made_trials import SETUP, gaussian, scored

from earwitness.evaluation.breaking_down import band
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Breakdown, Evaluation, Group, Scored
from earwitness.metrics.eer import eer, eer_threshold
from earwitness.records import Answer, Label

RNG = np.random.default_rng(5)
EASY, HARD = RNG.normal(-3, 1, 40), RNG.normal(0, 1, 20)
REAL = RNG.normal(1, 1, 50)


def attack(label: Label, number: int) -> str:
    if label is Label.BONA_FIDE:
        return "-"
    return "easy" if number < 40 else "hard" if number < 60 else "rare"


@pytest.fixture
def trials() -> list[Scored]:
    spoof = [*EASY, *HARD, *RNG.normal(-1, 1, 9)]
    return scored(REAL, spoof, attack=attack, codec=lambda _, n: "mp3" if n % 3 else "none")


def broken_down(trials: list[Scored], *columns: str, setup=SETUP) -> Evaluation:
    return evaluate(setup, trials, (), Plan(groups=columns, rounds=50))


def by(evaluation: Evaluation, column: str) -> Breakdown:
    (found,) = [one for one in evaluation.breakdowns if one.column == column]
    return found


def group(evaluation: Evaluation, column: str, value: str) -> Group:
    (found,) = [one for one in by(evaluation, column).groups if one.value == value]
    return found


def test_an_attack_is_told_apart_from_all_bona_fide_speech(trials: list[Scored]) -> None:
    found = group(broken_down(trials, "attack"), "attack", "hard")
    scores, key = np.concatenate([REAL, HARD]), np.arange(70) < 50
    assert found.eer.value == eer(scores, key)
    assert (found.n_bona_fide, found.n_spoof) == (0, 20)
    assert (found.eer.n_bona_fide, found.eer.n_spoof) == (50, 20)
    assert found.eer.low < found.eer.value < found.eer.high
    assert found.miss_rate.value is None
    assert found.false_alarm_rate.value == pytest.approx((HARD >= 0).mean())
    assert found.false_alarm_rate.n_spoof == 20


def test_a_group_of_both_labels_is_measured_within_itself(trials: list[Scored]) -> None:
    found = group(broken_down(trials, "codec"), "codec", "none")
    inside = [one for one in trials if one.trial.meta["codec"] == "none"]
    key = np.array([one.is_bona_fide for one in inside])
    assert found.eer.value == eer(np.array([one.score for one in inside]), key)
    assert (found.n_bona_fide, found.n_spoof) == (key.sum(), (~key).sum())
    assert found.miss_rate.value == pytest.approx((REAL[::3] < 0).mean())


def test_bona_fide_alone_has_misses_and_no_eer(trials: list[Scored]) -> None:
    found = group(broken_down(trials, "attack"), "attack", "-")
    assert (found.eer.value, found.eer.why_not) == (None, "bona fide only")
    assert found.miss_rate.value == pytest.approx((REAL < 0).mean())
    assert found.false_alarm_rate.value is None


def test_small_groups_are_given_without_an_eer(trials: list[Scored]) -> None:
    found = group(broken_down(trials, "attack"), "attack", "rare")
    assert (found.eer.value, found.eer.why_not) == (None, "fewer than 10 trials")
    assert found.false_alarm_rate.value is not None


def test_a_group_with_hardly_any_of_one_label_has_no_eer() -> None:
    trials = scored(
        range(30), range(-30, 0),
        codec=lambda label, n: "mp3" if label is Label.SPOOF or n < 4 else "none",
    )  # fmt: skip
    found = group(broken_down(trials, "codec"), "codec", "mp3")
    assert found.eer.why_not == "fewer than 5 trials of one label"


def test_largest_groups_come_first(trials: list[Scored]) -> None:
    found = by(broken_down(trials, "attack"), "attack")
    assert [one.value for one in found.groups] == ["-", "easy", "hard", "rare"]


def test_the_line_is_the_frozen_one_where_there_is_one(trials: list[Scored]) -> None:
    found = by(broken_down(trials, "attack", setup=replace(SETUP, threshold=-1.5)), "attack")
    assert (found.threshold, found.threshold_is) == (-1.5, "operating point")
    hard = next(one for one in found.groups if one.value == "hard")
    assert hard.false_alarm_rate.value == pytest.approx((HARD >= -1.5).mean())


def test_without_a_frozen_line_it_is_that_of_the_pooled_eer(trials: list[Scored]) -> None:
    raw = [replace(one, llr=None, answer=Answer.UNCALIBRATED) for one in trials]
    setup = replace(SETUP, is_calibrated=False, threshold=None)
    found = by(broken_down(raw, "attack", "codec", setup=setup), "attack")
    scores, key = np.array([one.score for one in raw]), np.array([o.is_bona_fide for o in raw])
    assert found.threshold == eer_threshold(scores, key)
    assert found.threshold_is == "eer"


def test_inconclusive_answers_are_in_no_rate(trials: list[Scored]) -> None:
    trials = [
        replace(one, answer=Answer.INCONCLUSIVE) if one.trial.meta["attack"] == "hard" else one
        for one in trials
    ]
    found = group(broken_down(trials, "attack"), "attack", "hard")
    assert found.false_alarm_rate.value is None
    assert found.false_alarm_rate.why_not == "no spoof trial was answered"
    assert found.eer.value is not None


def test_lengths_are_broken_down_from_short_to_long() -> None:
    lengths = [0.5, 1.5, 3.0, 5.0, 12.0, 40.0, None]
    trials = [replace(one, duration_s=lengths[n % 7]) for n, one in enumerate(gaussian(70))]
    found = by(broken_down(trials), "duration")
    assert [one.value for one in found.groups] == [
        "under 1 s", "1 to 2 s", "2 to 4 s", "4 to 8 s", "8 to 16 s", "16 s and more", "-",
    ]  # fmt: skip
    assert all(one.n_bona_fide + one.n_spoof == 20 for one in found.groups)


@pytest.mark.parametrize(("length", "name"), [(1.0, "1 to 2 s"), (0.999, "under 1 s"),
                                              (16.0, "16 s and more")])  # fmt: skip
def test_a_band_begins_at_its_lower_end(length: float, name: str) -> None:
    assert band(length) == name


def test_a_column_that_splits_nothing_is_left_out(trials: list[Scored]) -> None:
    assert broken_down(trials, "language").breakdowns == ()
    assert [one.column for one in broken_down(trials, "codec", "language").breakdowns] == ["codec"]


def test_the_largest_of_many_groups_have_intervals() -> None:
    sizes = [20] * 30 + [10] * 60
    names = [f"{n:02}" for n, size in enumerate(sizes) for _ in range(size)]
    trials = scored(
        RNG.normal(1, 1, 50), RNG.normal(-1, 1, len(names)),
        attack=lambda label, n: "-" if label is Label.BONA_FIDE else names[n],
    )  # fmt: skip
    groups = by(broken_down(trials, "attack"), "attack").groups
    assert len(groups) == 91
    assert all(one.eer.value is not None for one in groups[1:])
    assert [one.value for one in groups if one.eer.low is not None] == names_of(groups[1:60])


def names_of(groups: Sequence[Group]) -> list[str]:
    return [one.value for one in groups]


def test_a_column_that_names_every_trial_is_no_condition() -> None:
    trials = scored(np.arange(600), -np.arange(600), clip=lambda label, n: f"{label} {n}")
    assert broken_down(trials, "clip").breakdowns == ()


def test_figures_of_one_speaker_are_drawn_trial_by_trial_though_speakers_are_drawn_whole() -> None:
    rng = np.random.default_rng(2)
    trials = scored(
        rng.normal(1, 1, 240), rng.normal(-1, 1, 240), speaker=lambda _, n: f"s{n % 12}"
    )
    plan = Plan(kin=("speaker",), groups=("speaker",), rounds=200)
    found = evaluate(SETUP, trials, (), plan)
    assert found.setup.clustered_by == "speaker"
    one = group(found, "speaker", "s3")
    alone = [trial for trial in trials if trial.trial.meta["speaker"] == "s3"]
    expected = evaluate(SETUP, alone, (), Plan(rounds=200))
    for rate in (one.miss_rate, one.false_alarm_rate, one.eer):
        assert rate == expected.measure(rate.name)
        assert 0 < rate.high - rate.low < 0.6
