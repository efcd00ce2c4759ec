"""Better, worse or not distinguishable, in words."""

import pytest

from earwitness.evaluation.differences import Difference, Outcome, holm
from earwitness.reporting.evaluations import _sentences

WORSE = Difference("eer", "before", "after", 0.307, 0.474, 0.121, 0.21, 544, 544)


def test_an_eer_that_rises_is_called_worse() -> None:
    # The study that this project replaces fine-tuned from 30.7 % to 47.4 % EER and called it an
    # improvement.
    assert WORSE.outcome is Outcome.WORSE
    assert _sentences.comparison(WORSE) == (
        "after is worse than before: EER 47.4 % against 30.7 %, 16.7 points higher "
        "(95 % interval 12.1 to 21.0 points; 544 bona fide + 544 spoof)."
    )
    assert _sentences.change(WORSE) == (
        "Worse: the EER rose from 30.7 % to 47.4 %, by 16.7 points "
        "(95 % interval 12.1 to 21.0 points; 544 bona fide + 544 spoof)."
    )
    assert _sentences.verdict(WORSE) == "worse"


def test_an_auc_that_rises_is_called_better() -> None:
    gained = Difference("auc", "A", "B", 0.91, 0.95, 0.022, 0.061, 90, 80)
    assert _sentences.comparison(gained) == (
        "B is better than A: AUC 0.950 against 0.910, 0.040 higher "
        "(95 % interval 0.022 to 0.061; 90 bona fide + 80 spoof)."
    )
    assert _sentences.size(gained) == "+0.040 [+0.022, +0.061]"


def test_a_cost_in_bits_says_so() -> None:
    gained = Difference("cllr", "A", "B", 0.61, 0.42, -0.31, -0.08, 90, 80)
    assert _sentences.comparison(gained) == (
        "B is better than A: Cllr 0.42 bits against 0.61 bits, 0.19 bits lower "
        "(95 % interval 0.08 to 0.31 bits; 90 bona fide + 80 spoof)."
    )


def test_an_interval_that_ends_at_zero_distinguishes_nothing() -> None:
    touching = Difference("eer", "A", "B", 0.2, 0.15, -0.1, 0.0, 40, 40)
    assert _sentences.comparison(touching) == (
        "B and A are not distinguishable: EER 15.0 % against 20.0 %, a difference of −5.0 points "
        "(95 % interval −10.0 to 0.0 points; 40 bona fide + 40 spoof)."
    )


def test_a_value_on_the_other_side_than_its_interval_distinguishes_nothing() -> None:
    odd = Difference("eer", "A", "B", 0.20, 0.19, 0.01, 0.05, 40, 40)
    assert odd.outcome is Outcome.NOT_DISTINGUISHABLE


def test_decimals_go_as_far_as_is_needed_to_see_the_side_of_zero() -> None:
    fine = Difference("eer", "A", "B", 0.2, 0.2101, 0.0000021, 0.0202, 4_000, 4_000)
    assert "(95 % interval 0.0002 to 2.0200 points;" in _sentences.comparison(fine)


def test_what_rounding_leaves_is_no_difference() -> None:
    noise = Difference("eer", "A", "B", 0.1, 0.1 + 1e-12, 1e-13, 1e-11, 40, 40)
    assert noise.outcome is Outcome.NOT_DISTINGUISHABLE


def test_a_wide_interval_gets_no_decimals() -> None:
    wide = Difference("eer", "A", "B", 0.2, 0.5, 0.05, 0.55, 12, 9)
    assert "EER 50 % against 20 %, 30 points higher (95 % interval 5 to 55 points;" in (
        _sentences.comparison(wide)
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (Difference("cllr", "A", "B", None, 0.3, why_not="A is not calibrated"),
         "B and A cannot be compared by Cllr: A is not calibrated."),
        (Difference("eer", "A", "B", float("nan"), 0.3),
         "B and A cannot be compared by EER: A has no value."),
        (Difference("eer", "A", "B", 0.3, None),
         "B and A cannot be compared by EER: B has no value."),
        (Difference("eer", "A", "B", 0.3, 0.4),
         "B and A cannot be compared by EER: there is no interval of the difference."),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_says_why(row: Difference, reason: str) -> None:
    assert _sentences.comparison(row) == reason
    assert row.chance == 1.0


def test_a_name_from_outside_cannot_turn_the_line_round() -> None:
    told = _sentences.comparison(
        Difference("eer", "a\x1b[2J", "b\u202e", 0.3, 0.4, 0.05, 0.2, 9, 9)
    )
    assert told.startswith("b\ufffd is worse than a\ufffd[2J:")


def test_one_of_many_that_barely_leaves_zero_does_not_count() -> None:
    barely = Difference("eer", "A", "B", 0.2, 0.3, 0.004, 0.196, 50, 50)
    clearly = Difference("eer", "A", "B", 0.2, 0.4, 0.15, 0.25, 50, 50)
    apart = Difference("eer", "A", "B", None, 0.4)
    assert _sentences.verdict(barely) == "worse"
    many = holm([barely, clearly, apart, *[Difference("eer", "A", "B", 0.2, 0.2, -0.1, 0.1)] * 8])
    assert [one.outcome for one in many[:3]] == [
        Outcome.NOT_DISTINGUISHABLE, Outcome.WORSE, Outcome.NOT_COMPARABLE,
    ]  # fmt: skip
    assert many[0].family == 10
    assert "among 10 differences chance alone may give one like it" in (
        _sentences.comparison(many[0])
    )
