import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.evaluation.differences import Difference
from earwitness.evaluation.forgetting import Change, change_of, gained_lost
from earwitness.reporting.finetunings import words
from made_finetunings import before_after, curve, difference, finetuned, found, points

MEASURES = ("eer", "auc", "min_dcf", "cllr")
OPPOSITE = {"Gained": "Lost", "Lost": "Gained", "rose": "fell", "fell": "rose"}
WORD = re.compile(r"\b(Gained|Lost|rose|fell)\b")


@st.composite
def differences(draw, measures=MEASURES):
    """Any difference with an interval that holds its value."""
    thousandths = st.integers(0, 1000)
    before, after = (draw(thousandths) / 1000 for _ in range(2))
    below, above = (draw(thousandths) / 2000 for _ in range(2))
    moved = after - before
    return Difference(
        draw(st.sampled_from(measures)), "before", "after", before, after,
        moved - below, moved + above, 90, 80,
    )  # fmt: skip


@given(differences())
def test_swapping_before_and_after_swaps_the_sentence(one):
    told = words.sentence("custom", "keep", one)
    swapped = words.sentence("custom", "keep", one.swapped())

    assert WORD.findall(swapped) == [OPPOSITE[word] for word in WORD.findall(told)]
    assert change_of(one.swapped()) == {
        Change.GAINED: Change.LOST,
        Change.LOST: Change.GAINED,
    }.get(change_of(one), change_of(one))
    numbers = re.findall(r"(?:from|was) (\S+).* (?:to|is) (\S+?),? ", told.partition(", ")[0] + " ")
    back = re.findall(r"(?:from|was) (\S+).* (?:to|is) (\S+?),? ", swapped.partition(", ")[0] + " ")
    assert [(b, a) for a, b in numbers] == back
    assert numbers


@given(differences(measures=("eer",)))
def test_a_rise_of_the_eer_is_never_called_an_improvement(one):
    told = words.sentence("custom", "keep", one)

    if (one.value or 0.0) > 0:
        assert not re.search(r"gain|better|improve|fell", told, re.IGNORECASE)
    if (one.value or 0.0) < 0:
        assert not re.search(r"lost|worse|rose", told, re.IGNORECASE)


@given(differences(measures=("auc",)))
def test_a_fall_of_the_auc_is_never_called_an_improvement(one):
    if (one.value or 0.0) < 0:
        assert "Gained" not in words.sentence("custom", "keep", one)


@given(differences())
def test_a_verdict_follows_from_the_interval_and_nothing_else(one):
    holds_zero = one.low <= 0.0 <= one.high

    if holds_zero:
        assert change_of(one) is Change.NOT_DISTINGUISHABLE
    elif min(abs(one.low), abs(one.high), abs(one.value)) > 1e-6:
        assert change_of(one) in {Change.GAINED, Change.LOST}


def test_the_loss_that_the_original_study_reported_as_a_gain_is_called_a_loss():
    # Its EER on the custom set went from 30.7 % to 47.4 %.
    told = words.sentence("custom", "keep", difference(0.307, 0.474, 0.121, 0.210))

    assert told.startswith("Lost on custom (keep-set): the EER rose from 30.7 % to 47.4 %")


def test_what_cannot_be_compared_says_why():
    one = Difference("cllr", "before", "after", 0.4, None, why_not="after: uncalibrated")

    told = words.sentence("custom", "keep", one)

    assert told == (
        "On custom (keep-set): before and after cannot be compared by Cllr: after: uncalibrated."
    )


def test_the_headline_names_gains_losses_and_how_much_may_have_been_lost():
    told = words.headline(found())

    assert told.startswith("Gained on for-2seconds; lost on custom; no difference on others that")
    assert re.search(r"\(at worst 0\.0 points more errors\)\.$", told)
    assert found().has_lost
    assert words.lost_of(found()) == "custom"


def test_without_a_keep_set_the_headline_says_that_forgetting_was_not_measured():
    alone = gained_lost([before_after("for-2seconds", "target", (0.4, 3.0))])

    assert words.headline(alone).endswith(
        "what it lost elsewhere was not measured, for there was no keep-set."
    )
    assert not alone.has_lost
    assert words.lost_of(alone) == ""


def test_a_target_that_got_worse_is_lost_though_nothing_was_to_be_kept():
    alone = gained_lost([before_after("for-2seconds", "target", (3.0, 0.4))])

    assert words.headline(alone).startswith("Lost on for-2seconds")
    assert not alone.has_lost


def test_the_table_has_a_row_a_data_set_with_before_after_and_change():
    grid = words.table(found())

    names = [row[0] for row in grid.rows]
    assert names == ["for-2seconds (target)", "custom (keep-set)", "others (keep-set)"]
    assert [row[4] for row in grid.rows] == ["gained", "lost", "not distinguishable"]
    assert re.fullmatch(r"−\d+ points \[−\d+, −\d+\]|−[\d.]+ points \[.*\]", grid.rows[0][3])
    assert grid.rows[1][5] == "120 + 120"


def test_other_measures_say_why_they_cannot_be_compared():
    (target, *_) = found().rows
    grid = words.measures(target)

    assert "actDCF" in grid.caption
    assert "after: uncalibrated" in grid.caption
    assert [row[0] for row in grid.rows] == ["EER", "AUC", "minDCF", "min Cllr"]


def test_epochs_and_mixtures_mark_what_was_taken_and_leave_blank_what_was_not_measured():
    grid = words.epochs(finetuned())

    assert grid.rows[0][:3] == ("0", "–", "0.700")
    assert [row[0] for row in grid.rows if row[5]] == ["3"]
    assert [row[0] for row in words.mixtures(points()).rows if row[3]] == ["alpha 0.5"]
    assert len(curve()) == len(grid.rows)


@pytest.mark.parametrize("name", ["a|b", "\x1b[31mred", "\u202eevil"])
def test_names_of_data_sets_cannot_steer_a_terminal(name):
    told = words.sentence(name, "keep", difference(0.1, 0.3, 0.1, 0.3))

    assert "\x1b" not in told
    assert "\u202e" not in told
