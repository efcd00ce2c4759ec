"""What is chosen follows from validation and custom-adapt alone, by a rule that is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from earwitness.errors import SettingsError
from earwitness.study import arms
from earwitness.study.choosing import ENOUGH, Merit, choose, choose_rate, remedies

BEFORE, PLAIN = Merit(0.40, 0.10), Merit(0.04, 0.30)
shares = some.floats(0, 1, allow_nan=False)
merits = some.builds(Merit, shares, shares)


def test_the_rate_with_the_lowest_validation_eer_is_taken_and_of_equals_the_lower() -> None:
    assert choose_rate({1e-3: 0.05, 1e-6: 0.3, 1e-4: 0.05}) == 1e-4


def test_of_those_that_learnt_enough_the_one_that_forgot_least_is_taken() -> None:
    found = choose(
        {"a": Merit(0.05, 0.2), "b": Merit(0.07, 0.12), "c": Merit(0.2, 0.1)}, BEFORE, PLAIN
    )
    assert found.name == "b"
    assert "nine tenths of plain's gain" in found.reason


def test_where_none_learnt_enough_the_lowest_sum_is_taken_and_said() -> None:
    found = choose({"a": Merit(0.3, 0.2), "b": Merit(0.2, 0.1)}, BEFORE, PLAIN)
    assert found.name == "b"
    assert found.reason.startswith("none keeps nine tenths")


@given(candidates=some.dictionaries(some.text(min_size=1), merits, min_size=1))
def test_no_candidate_that_learnt_enough_forgot_less_than_the_chosen_one(
    candidates: dict[str, Merit],
) -> None:
    least = ENOUGH * (BEFORE.dev - PLAIN.dev)
    enough = {n: m for n, m in candidates.items() if BEFORE.dev - m.dev >= least}
    found = choose(candidates, BEFORE, PLAIN)
    if enough:
        assert found.name in enough
        assert candidates[found.name].adapt == min(m.adapt for m in enough.values())


def test_ours_is_looked_for_among_remedies_and_is_plain_where_there_are_none() -> None:
    assert remedies(["as_published", "plain", "mixing", "lora"]) == ("mixing", "lora")
    assert remedies(["as_published", "plain"]) == ("plain",)


def test_plain_and_as_published_are_always_among_the_arms() -> None:
    assert [arm.name for arm in arms.chosen(["mixing"])] == ["as_published", "plain", "mixing"]
    assert len(arms.chosen([])) == len(arms.KNOWN)


def test_an_unknown_arm_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="no arm 'best'"):
        arms.chosen(["best"])


@pytest.mark.parametrize("arm", arms.TRAINED, ids=lambda arm: arm.name)
def test_every_trained_arm_has_a_recipe_that_fits(arm: arms.Arm) -> None:
    recipe = arms.recipe_of(arm, seed=3, rate=1e-5)
    assert recipe.seed == 3
    assert recipe.name == arm.name
    assert recipe.optimiser.rate == pytest.approx(1e-5 * arm.rate_factor)


def test_no_rate_leaves_the_range_of_the_mission() -> None:
    lora = arms.KNOWN["lora"]
    assert arms.recipe_of(lora, seed=1, rate=1e-3).optimiser.rate == arms.HIGHEST_RATE


def test_as_published_is_what_the_mission_says() -> None:
    recipe = arms.recipe_of(arms.KNOWN["as_published"], seed=1, rate=None)
    assert (recipe.optimiser.name, recipe.optimiser.rate) == ("adam", 1e-6)
    assert (recipe.optimiser.weight_decay, recipe.data.batch, recipe.epochs) == (1e-4, 16, 10)
    assert (recipe.loss["name"], recipe.stopping.select) == ("cross_entropy", "loss")
