import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from compared_runs import llrs, run, setup, trials
from earwitness import detector
from earwitness.errors import ProtocolError
from earwitness.evaluation.forgetting import (
    AFTER,
    BEFORE,
    Change,
    Merit,
    Point,
    Scores,
    before_after,
    best_of,
    change_of,
    gained_lost,
    hear,
)
from earwitness.evaluation.questions import Questions, questions
from made_finetunings import difference


def scores(apart: float, *, is_calibrated: bool = True, seed: int = 1, of=None) -> Scores:
    asked = trials() if of is None else of
    scored = run("x", asked, llrs(asked, apart, seed=seed), is_calibrated=is_calibrated).scored
    told = Questions(
        Path("data/spoken"), "manifest", "eval", ("eval",), tuple(asked), kin=("page",)
    )
    return Scores(setup("x", is_calibrated=is_calibrated), told, scored)


@pytest.mark.parametrize(
    ("apart", "change"),
    [
        ((2.0, 0.4), Change.LOST),
        ((0.4, 2.0), Change.GAINED),
        ((1.0, 1.0), Change.NOT_DISTINGUISHABLE),
    ],
)
def test_a_clear_change_is_gained_or_lost_and_none_is_neither(apart, change):
    before, after = (scores(far) for far in apart)

    row = before_after("custom", "keep", before, after, rounds=200)

    assert row.change is change
    assert (row.difference("eer").first, row.difference("eer").second) == (BEFORE, AFTER)


def test_kin_are_drawn_together_as_an_evaluation_draws_them():
    row = before_after("custom", "keep", scores(1.0), scores(1.1), rounds=50)

    assert row.comparison.kin.column == "page"
    assert row.comparison.kin.clusters == 24


def test_calibrated_measures_are_compared_where_both_have_them():
    both = before_after("a", "keep", scores(1.0), scores(2.0), rounds=50)
    one = before_after("a", "keep", scores(1.0), scores(2.0, is_calibrated=False), rounds=50)

    assert both.difference("cllr").is_comparable
    assert one.difference("cllr").why_not == "after: uncalibrated"
    assert one.difference("auc").is_comparable


def test_trials_that_only_one_side_could_score_are_left_out_of_both():
    before, after = scores(1.0), scores(2.0)
    lame = replace(after, scored=after.scored[10:])

    row = before_after("a", "keep", before, lame, rounds=50)

    assert row.comparison.n_bona_fide + row.comparison.n_spoof == 230


def test_a_dozen_trials_without_an_error_do_not_prove_that_nothing_was_lost():
    few = trials(12, pages=12)
    before, after = (scores(9.0, of=few, seed=seed) for seed in (1, 2))

    row = before_after("a", "keep", before, after, rounds=100)

    one = row.difference("eer")
    assert (one.value, row.change) == (0.0, Change.NOT_DISTINGUISHABLE)
    assert one.high > 0.3  # three in ten may be lost, for all that six clips of a label can tell
    assert one.low == pytest.approx(-one.high)


def test_a_detector_that_says_exactly_the_same_lost_exactly_nothing():
    row = before_after("a", "keep", scores(1.0), scores(1.0), rounds=50)

    assert (row.difference("eer").low, row.difference("eer").high) == (0.0, 0.0)


def test_other_trials_after_than_before_are_refused():
    with pytest.raises(ProtocolError, match="They do not hold the same trials: before has 240"):
        before_after("a", "keep", scores(1.0), scores(1.0, of=trials(200)))


def test_the_target_comes_first_and_only_a_keep_set_can_be_forgotten():
    worse = [
        before_after(name, role, scores(2.0), scores(0.3), rounds=100)
        for name, role in (("kept", "keep"), ("learnt", "target"))
    ]

    assert [row.name for row in gained_lost(worse).rows] == ["learnt", "kept"]
    assert gained_lost(worse).has_lost
    assert not gained_lost(worse[1:]).has_lost


def test_a_detector_hears_a_folder_as_an_evaluation_does(examples, tmp_path):
    for at, name in enumerate(sorted(p.name for p in examples.rglob("*.flac"))[:4]):
        place = tmp_path / ("Real" if at % 2 else "Fake") / name
        place.parent.mkdir(exist_ok=True)
        shutil.copy(next(examples.rglob(name)), place)
    asked, listener = questions(tmp_path), detector.load()
    journal = tmp_path / "journal.jsonl"

    heard = hear(listener, asked, journal=journal)
    again = hear(listener, asked, journal=journal)

    assert [one.trial.id for one in heard.scored] == [trial.id for trial in asked.trials]
    assert again == heard
    assert heard.setup.is_calibrated
    row = before_after("folder", "target", heard, again, rounds=20)
    assert row.difference("eer").value == 0.0
    assert row.change is Change.NOT_DISTINGUISHABLE


def test_the_front_leaves_out_what_another_beats_on_both():
    points = [
        Point(name, Merit(target, keep))
        for name, target, keep in [
            ("old", 0.4, 0.1), ("bad", 0.45, 0.2), ("new", 0.1, 0.3), ("odd", 0.2, None),
        ]
    ]  # fmt: skip

    assert [one.label for one in best_of(points)] == ["new", "old"]
    assert change_of(difference(0.1, 0.2, 0.05, 0.15)) is Change.LOST
