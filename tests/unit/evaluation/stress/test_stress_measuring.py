"""Each condition is measured against the same trials as they are; what is lost is counted."""

import numpy as np
import pytest

from earwitness.errors import UnreadableAudio
from earwitness.evaluation.differences import Outcome
from earwitness.evaluation.records import Direction, Unread
from earwitness.evaluation.stress.measuring import share_inconclusive
from earwitness.evaluation.stress.records import StressTest, Tried
from earwitness.metrics.eer import eer
from earwitness.records import Answer, Label
from made_stress import made_test, said, scores, trial, tried, usual


def outcome(test: StressTest, name: str) -> Outcome:
    return next(row.difference.outcome for row in test.rows if row.condition == name)


def test_what_mixes_the_labels_is_worse_and_what_parts_them_better() -> None:
    test = usual(bad=0.5, good=9.0, same=3.0)
    assert outcome(test, "bad") is Outcome.WORSE
    assert outcome(test, "good") is Outcome.BETTER
    assert outcome(test, "same") is Outcome.NOT_DISTINGUISHABLE


def test_a_row_holds_the_eers_of_both_and_their_difference() -> None:
    test = usual(bad=0.5)
    (row,) = test.rows
    assert row.clean_eer.value == test.clean.value
    assert row.difference.value == pytest.approx(row.eer.value - row.clean_eer.value)
    assert (row.difference.low or 0) <= row.difference.value <= (row.difference.high or 0)
    assert (row.eer.n_bona_fide, row.eer.n_spoof, row.unmet, row.unscored) == (60, 60, 0, 0)
    assert (test.setup.clustered_by, test.setup.clusters) == ("page", 12)


def test_the_same_scores_differ_by_nothing_at_all() -> None:
    clean = scores(np.random.default_rng(1), 2.0)
    (row,) = made_test(tried(clean, {"same": clean}), "same").rows
    assert (row.difference.value, row.difference.low, row.difference.high) == (0, 0, 0)
    assert (row.shift.bona_fide, row.shift.spoof) == (0, 0)


def test_clips_that_cannot_meet_a_condition_are_left_out_of_clean_as_well() -> None:
    clean = scores(np.random.default_rng(2), 2.0)
    kept = {label: [*by[:40], *[None] * 20] for label, by in clean.items()}
    (row,) = made_test(tried(clean, {"long": kept}), "long").rows
    assert (row.unmet, row.eer.n_bona_fide, row.eer.n_spoof) == (40, 40, 40)
    few = np.concatenate([clean[label][:40] for label in Label])
    assert row.clean_eer.value == pytest.approx(eer(few, np.repeat([True, False], 40)))


def test_scores_move_by_their_means_and_each_label_by_its_own() -> None:
    clean = scores(np.random.default_rng(3), 2.0)
    moved = {
        Label.BONA_FIDE: [score - 0.5 for score in clean[Label.BONA_FIDE]],
        Label.SPOOF: [score + 1.25 for score in clean[Label.SPOOF]],
    }
    (row,) = made_test(tried(clean, {"moved": moved}), "moved").rows
    assert row.shift.bona_fide == pytest.approx(-0.5)
    assert row.shift.spoof == pytest.approx(1.25)


def test_a_trial_without_a_score_is_counted_and_left_out_on_both_sides() -> None:
    outcomes = tried(*([scores(np.random.default_rng(4), 2.0)] * 1), {})
    outcomes = [
        Tried(one.clean, {"mute": said(one.trial, None if at < 3 else 0.5)})
        for at, one in enumerate(outcomes)
    ]
    (row,) = made_test(outcomes, "mute").rows
    assert (row.unscored, row.eer.n_bona_fide, row.eer.n_spoof) == (3, 57, 60)


def test_too_few_of_a_label_give_no_figure_and_say_so() -> None:
    clean = scores(np.random.default_rng(5), 2.0)
    four = {Label.BONA_FIDE: [*clean[Label.BONA_FIDE][:4], *[None] * 56], Label.SPOOF: [None] * 60}
    (row,) = made_test(tried(clean, {"rare": four}), "rare").rows
    assert row.eer.value is None
    assert row.difference.outcome is Outcome.NOT_COMPARABLE
    assert row.difference.why_not == (
        "4 bona fide and 0 spoof trials; at least 5 of each are needed"
    )
    assert row.shift.bona_fide is not None
    assert row.shift.spoof is None


def test_what_counts_alone_may_not_hold_among_many() -> None:
    rng = np.random.default_rng(8)
    clean = scores(rng, 2.0)
    slightly = scores(np.random.default_rng(8), 1.4)  # the same draws, a little nearer
    same = {f"same{n}": clean for n in range(40)}
    test = made_test(tried(clean, {"slight": slightly, **same}), "slight", *same)
    alone = made_test(tried(clean, {"slight": slightly}), "slight")
    assert outcome(test, "slight") is outcome(alone, "slight") is Outcome.WORSE
    assert (test.rows[0].holds, alone.rows[0].holds) == (False, True)


def test_inconclusive_answers_are_counted_but_not_of_a_detector_without_calibration() -> None:
    of = trial(1, Label.SPOOF)
    answers = [said(of, 1.0, answer) for answer in (Answer.INCONCLUSIVE, Answer.SPOOF)]
    assert share_inconclusive(answers) == 0.5
    assert share_inconclusive([*answers, said(of, 1.0, Answer.UNCALIBRATED)]) is None
    assert share_inconclusive([]) is None


def test_what_this_machine_cannot_make_is_listed_with_the_reason() -> None:
    outcomes = tried(scores(np.random.default_rng(1), 2.0), {})
    test = made_test(outcomes, missing="exotic")
    assert [(one.condition, one.why) for one in test.skipped] == [("exotic", "It is not here.")]
    assert test.rows == ()


def test_scores_that_point_the_wrong_way_are_noticed() -> None:
    test = made_test(tried(scores(np.random.default_rng(1), -2.0), {}))
    assert test.guard is not None
    assert test.guard.direction is Direction.INVERTED
    assert [one.code for one in test.remarks] == ["inverted", "small_n"]


def test_few_pages_are_told_and_trials_stand_alone() -> None:
    outcomes = tried(scores(np.random.default_rng(1), 2.0, count=8), {})  # of eight pages
    test = made_test(outcomes)
    assert test.setup.clustered_by is None
    facts = next(one.facts for one in test.remarks if one.code == "few_clusters")
    assert facts == {"column": "page", "clusters": 8}


def test_unread_clips_are_counted_and_clean_needs_both_labels() -> None:
    unread = Unread(trial(9, Label.SPOOF), "audio.unreadable", "gone.wav: is gone.")
    one_label = tried({Label.BONA_FIDE: [1.0] * 9}, {})
    test = made_test([*one_label, unread])
    assert test.unread == (unread,)
    assert test.clean.value is None
    assert test.guard is None


def test_nothing_to_read_at_all_ends_with_the_first_reason() -> None:
    unread = Unread(trial(9, Label.SPOOF), "audio.unreadable", "gone.wav: is gone.")
    with pytest.raises(UnreadableAudio, match=r"None of 1 recordings .* gone\.wav: is gone\."):
        made_test([unread])
    with pytest.raises(UnreadableAudio, match="None of 0 recordings could be read"):
        made_test([])
