"""Labels or scores that are the wrong way round are named, and nothing is turned in silence."""

from dataclasses import replace

import numpy as np
import pytest
from made_trials import SETUP, gaussian, scored

from earwitness.evaluation.claims import Published, check_claim
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Direction, Evaluation, Scored
from earwitness.metrics.eer import auc, eer
from earwitness.records import Label

QUICK = Plan(rounds=200)


def turned(trials: list[Scored]) -> list[Scored]:
    """Give each trial the other label."""
    other = {Label.BONA_FIDE: Label.SPOOF, Label.SPOOF: Label.BONA_FIDE}
    return [replace(one, trial=replace(one.trial, label=other[one.trial.label])) for one in trials]


def codes(evaluation: Evaluation) -> set[str]:
    return {remark.code for remark in evaluation.remarks}


def test_good_scores_pass() -> None:
    found = evaluate(SETUP, gaussian(100), (), QUICK)
    assert found.guard.direction is Direction.AS_EXPECTED
    assert not codes(found) & {"inverted", "doubtful", "inverted_accepted"}


def test_turned_labels_are_named_with_the_mirrored_values() -> None:
    straight = evaluate(SETUP, gaussian(100), (), QUICK).guard
    found = evaluate(SETUP, turned(gaussian(100)), (), QUICK)
    guard = found.guard
    assert guard.direction is Direction.INVERTED
    assert not guard.is_accepted
    assert guard.auc == pytest.approx(1 - straight.auc)
    assert guard.mirrored_auc == pytest.approx(straight.auc)
    assert guard.mirrored_eer == pytest.approx(straight.eer)
    assert guard.eer == pytest.approx(1 - straight.eer)
    assert found.measure("eer").value == guard.eer  # told as it was measured
    assert found.measure("auc").value == guard.auc
    assert "inverted" in codes(found)


def test_a_decision_is_kept_and_changes_no_figure() -> None:
    refused = evaluate(SETUP, turned(gaussian(100)), (), QUICK)
    accepted = evaluate(SETUP, turned(gaussian(100)), (), replace(QUICK, accepts_inverted=True))
    assert accepted.guard == replace(refused.guard, is_accepted=True)
    assert accepted.measures == refused.measures
    assert "inverted_accepted" in codes(accepted)
    assert "inverted" not in codes(accepted)


def test_there_is_nothing_to_accept_where_scores_point_the_right_way() -> None:
    found = evaluate(SETUP, gaussian(50), (), replace(QUICK, accepts_inverted=True))
    assert not found.guard.is_accepted


def test_an_auc_below_one_half_that_may_be_chance_is_a_doubt() -> None:
    found = evaluate(SETUP, gaussian(40, apart=0.15, seed=5), (), QUICK)
    one = found.measure("auc")
    assert one.value < 0.5 < one.high
    assert found.guard.direction is Direction.DOUBTFUL
    assert "doubtful" in codes(found)


@pytest.mark.parametrize(("n", "direction"), [(3, Direction.DOUBTFUL), (6, Direction.INVERTED)])
def test_a_handful_of_trials_is_no_proof(n: int, direction: Direction) -> None:
    # Three and three in the worst order happen by chance once in twenty.
    found = evaluate(SETUP, scored(range(-n, 0), range(1, n + 1)), (), QUICK)
    assert found.guard.auc == 0.0
    assert found.guard.direction is direction


def test_the_mistake_of_the_original_study_is_named_twice() -> None:
    """EER 11.76 % beside AUC 0.0437: labels in one order, scores in another.

    The study listed its files as all real, then all fake, scored them as all fake, then all real,
    and gave both lists to an AUC by their places. Its EER came from pairs that were right.
    """
    rng = np.random.default_rng(7)
    apart = 2 * 1.187  # two normal distributions with an EER of 11.76 %
    real, fake = rng.normal(apart / 2, 1, 544), rng.normal(-apart / 2, 1, 544)
    is_bona_fide = np.arange(1088) < 544
    right_order, other_order = np.concatenate([real, fake]), np.concatenate([fake, real])
    printed_eer, printed_auc = eer(right_order, is_bona_fide), auc(other_order, is_bona_fide)
    assert printed_eer == pytest.approx(0.1176, abs=0.015)
    assert printed_auc == pytest.approx(0.0437, abs=0.015)

    claim = check_claim(
        Published(round(printed_eer, 4), round(printed_auc, 4), 5e-5, 5e-5, 544, 544)
    )
    assert not claim.is_possible
    assert claim.auc_mirrored.is_possible
    assert claim.auc_mirrored.auc == pytest.approx(claim.gaussian_auc, abs=0.02)

    found = evaluate(SETUP, scored(fake, real), (), QUICK)
    assert found.guard.direction is Direction.INVERTED
    assert found.guard.mirrored_auc == pytest.approx(1 - printed_auc)
    assert found.guard.mirrored_eer == pytest.approx(printed_eer)


def test_label_one_for_fake_makes_the_same_impossible_pair() -> None:
    """``roc_auc_score(is_fake, score)`` with scores that are higher for real."""
    trials = gaussian(500)
    llrs = np.array([one.score for one in trials])
    key = np.array([one.is_bona_fide for one in trials])
    claim = check_claim(Published(eer(llrs, key), auc(llrs, ~key), 0, 0, 500, 500))
    assert not claim.is_possible
    assert claim.auc_mirrored.is_possible
