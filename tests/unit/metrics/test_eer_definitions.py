"""Three EERs: interpolated, of the ASVspoof packages, and of the convex hull."""

import math
from typing import Any

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.eer import eer, eer_threshold, error_rates
from earwitness.metrics.eer_asvspoof import classic_eer, eer_asvspoof
from earwitness.metrics.eer_rocch import eer_rocch

Sets = dict[str, tuple[Scores, Key]]
UNMEASURABLE = {"single_class_bonafide_30_0", "single_class_spoof_0_30", "with_nan_20_20"}


def test_the_classic_eer_and_its_threshold_are_those_of_the_organisers_to_the_last_bit(
    sets: Sets, expected: dict[str, Any]
) -> None:
    # Ties included: this definition is for parity, with what is wrong in it.
    for name in sets.keys() - UNMEASURABLE:
        found, told = classic_eer(*sets[name]), expected["cm"][name]
        assert (found.eer, found.threshold) == (told["eer"], told["eer_threshold"]), name


def test_the_classic_eer_of_published_scores_is_that_of_the_organisers(
    published: Sets, expected: dict[str, Any]
) -> None:
    for name, (scores, key) in published.items():
        assert eer_asvspoof(scores, key) == expected["published"][name]["eer"], name


def test_the_classic_eer_of_each_attack_is_that_of_the_organisers(
    published: Sets, attacks: dict[str, Any], expected: dict[str, Any]
) -> None:
    for name, attack in attacks.items():
        by_attack = expected["published"][name]["eer_by_attack"]
        assert sorted(by_attack) == [f"A{number:02}" for number in range(7, 20)]
        scores, _ = published[name]
        for number, told in enumerate((by_attack[each] for each in sorted(by_attack)), 1):
            rows = (attack == 0) | (attack == number)
            assert eer_asvspoof(scores[rows], attack[rows] == 0) == told, (name, number)
            # Half a trial of the rarer label, and ties.
            assert eer(scores[rows], attack[rows] == 0) == pytest.approx(told, abs=2e-4)


def test_where_scores_are_whole_numbers_the_definitions_are_worlds_apart(sets: Sets) -> None:
    scores, key = sets["ties_integers_400_1600"]
    assert eer_asvspoof(scores, key) == pytest.approx(0.28)
    assert eer(scores, key) == pytest.approx(0.17193724420190998)
    assert eer_rocch(scores, key) <= eer(scores, key)


def test_a_constant_scorer_has_100_50_and_50_percent() -> None:
    scores, key = np.zeros(10), np.arange(10) < 4
    assert (eer_asvspoof(scores, key), eer(scores, key), eer_rocch(scores, key)) == (1.0, 0.5, 0.5)


def test_on_the_hull_a_dent_in_the_roc_costs_nothing() -> None:
    # Spoof, bona fide, bona fide, spoof, spoof, bona fide: the stair has miss 2/3 where false
    # alarms fall from 2/3. The hull goes straight from (1/3 spoof rejected, no miss) to the end.
    scores, key = np.arange(6.0), np.array([False, True, True, False, False, True])
    assert eer(scores, key) == pytest.approx(2 / 3)
    # Hull: false alarm from 2/3 at miss 0 to 0 at miss 2/3, crossing at 1/3.
    assert eer_rocch(scores, key) == pytest.approx(1 / 3)


def test_a_scorer_with_its_sign_turned_round_knows_nothing_on_the_hull() -> None:
    scores, key = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])
    assert (eer(scores, key), eer_rocch(scores, key)) == (1.0, 0.5)


def test_the_threshold_lies_midway_between_the_scores_that_it_tells_apart() -> None:
    scores = np.array([1.0, 2.0, 3.0, 2.5, 4.0, 5.0])
    key = np.array([False, False, False, True, True, True])
    threshold = eer_threshold(scores, key)
    assert threshold == 2.75
    rates = error_rates(scores, key, threshold=threshold)
    assert rates.miss == pytest.approx(rates.false_alarm) == pytest.approx(eer(scores, key))


def test_of_a_constant_scorer_the_threshold_is_its_score() -> None:
    assert eer_threshold(np.full(4, 2.0), np.array([True, False] * 2)) == 2.0


def test_inside_a_tie_the_threshold_takes_the_nearer_side() -> None:
    # Rejecting the zeros: 1 of 2 bona fide and 2 of 3 spoofs, so 1/2 missed and 1/3 accepted. The
    # EER between this and accepting everyone is no threshold's.
    scores = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    key = np.array([False, False, True, False, True])
    rates = error_rates(scores, key, threshold=eer_threshold(scores, key))
    assert eer_threshold(scores, key) == 0.5
    assert (rates.miss, rates.false_alarm) == (pytest.approx(1 / 2), pytest.approx(1 / 3))


def test_infinite_scores_leave_a_threshold_that_still_tells_them_apart() -> None:
    scores, key = np.array([-math.inf, 1.0]), np.array([False, True])
    assert eer_threshold(scores, key) == 1.0
    below, above = 1.0, np.nextafter(1.0, 2.0)
    assert eer_threshold(np.array([below, above]), np.array([False, True])) == above
    scores, key = np.array([-math.inf, math.inf]), np.array([False, True])
    threshold = eer_threshold(scores, key)
    assert error_rates(scores, key, threshold=threshold).miss == 0
    assert error_rates(scores, key, threshold=threshold).false_alarm == 0


@pytest.mark.parametrize("definition", [eer_asvspoof, eer_rocch, eer_threshold])
def test_what_cannot_be_measured_is_refused_by_every_definition(sets: Sets, definition) -> None:
    for name in sorted(UNMEASURABLE):
        with pytest.raises(ProtocolError, match=r"both labels, but got|got NaN for"):
            definition(*sets[name])
