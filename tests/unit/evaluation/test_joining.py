"""Scores from a file find their trials; what does not fit is refused, or told."""

from pathlib import Path

import pytest
from made_trials import answered, trial

from earwitness.errors import ProtocolError
from earwitness.evaluation.joining import join
from earwitness.evaluation.records import Remark, Scored, Unread
from earwitness.evaluation.score_files import score_rows
from earwitness.records import Answer, Label, Trial

TRIALS = [trial("a", Label.BONA_FIDE), trial("b", Label.SPOOF), trial("c", Label.SPOOF)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "scores.txt"


def write(place: Path, text: str) -> Path:
    place.write_text(text, encoding="utf-8")
    return place


def test_scores_come_in_the_order_of_the_key(place: Path) -> None:
    found = join(write(place, "c 3\na 1\nb 2\n"), TRIALS, TRIALS)
    assert found.scored == tuple(
        Scored(one, score, None) for one, score in zip(TRIALS, (1, 2, 3), strict=True)
    )
    assert (found.unread, found.remarks, found.is_calibrated) == ((), (), False)


def test_scores_are_llrs_if_somebody_says_so(place: Path) -> None:
    found = join(write(place, "a 1\nb 2\nc 3\n"), TRIALS, TRIALS, are_llrs=True)
    assert [(one.raw_score, one.llr) for one in found.scored] == [(None, n) for n in (1, 2, 3)]
    assert found.is_calibrated


def test_a_file_that_we_wrote_comes_back_as_it_was(place: Path) -> None:
    outcomes = [
        answered(TRIALS[0], 1.5),
        Scored(TRIALS[1], None, 0.0, Answer.INCONCLUSIVE, (), 2.0, 0.0),
        Unread(TRIALS[2], "audio.unreadable", "c: no sound in it."),
    ]
    found = join(write(place, "".join(score_rows(outcomes))), TRIALS, TRIALS)
    assert [*found.scored, *found.unread] == outcomes
    assert found.is_calibrated


def test_trials_without_a_score_are_refused_or_told(place: Path) -> None:
    write(place, "a 1\nb 2\n")
    with pytest.raises(ProtocolError, match="1 have no score: c"):
        join(place, TRIALS, TRIALS)
    found = join(place, TRIALS, TRIALS, is_partial=True)
    assert [one.trial.id for one in found.scored] == ["a", "b"]
    assert found.remarks == (Remark("partial", {"missing": 1, "of": 3}),)


def test_scores_without_a_trial_are_refused_or_told(place: Path) -> None:
    write(place, "a 1\nb 2\nc 3\nd 4\n")
    with pytest.raises(ProtocolError, match="1 are not in the key: d"):
        join(place, TRIALS, TRIALS)
    found = join(place, TRIALS, TRIALS, is_partial=True)
    assert found.remarks == (Remark("foreign", {"n": 1}),)


def test_scores_of_the_keys_other_partitions_are_passed_over(place: Path) -> None:
    others = [*TRIALS, Trial("d", Path("d"), Label.SPOOF, "progress"),
              Trial("e", Path("e"), Label.SPOOF, "hidden")]  # fmt: skip
    found = join(write(place, "a 1\nb 2\nc 3\nd 4\n"), TRIALS, others)
    assert [one.trial.id for one in found.scored] == ["a", "b", "c"]
    assert found.remarks == ()


@pytest.mark.parametrize("is_partial", [False, True])
def test_where_nothing_fits_the_wrong_file_was_given(place: Path, is_partial: bool) -> None:
    with pytest.raises(ProtocolError, match="3 have no score"):
        join(write(place, "x 1\ny 2\n"), TRIALS, TRIALS, is_partial=is_partial)
