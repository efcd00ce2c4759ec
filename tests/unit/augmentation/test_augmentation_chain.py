import numpy as np
import pytest

from earwitness.augmentation import augment, chain, draw, replay
from earwitness.errors import SettingsError, UnknownName

SAMPLES = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
SOFTER = {"name": "gain", "share": 1.0, "gain_db": [-6.0206, -6.0206], "clip_share": 0.0}


def test_a_recipe_table_becomes_a_step_with_its_settings() -> None:
    (step,) = chain([{**SOFTER, "share": 0.25}])
    assert (step.name, step.share) == ("gain", 0.25)
    assert step.effect.draw(np.random.default_rng(1)).gain_db == pytest.approx(-6.0206)


def test_effects_are_applied_in_the_order_of_the_list() -> None:
    coarse = {"name": "quantise", "bits": [4], "dither_share": 0.0, "rates": [0]}
    louder = {**SOFTER, "gain_db": [3.0, 3.0]}
    one_way = augment(SAMPLES, 16_000, chain([coarse, louder]), np.random.default_rng(1))
    other_way = augment(SAMPLES, 16_000, chain([louder, coarse]), np.random.default_rng(1))
    assert set(np.unique(other_way * 8 % 1)) == {0.0}
    assert set(np.unique(one_way * 8 % 1)) != {0.0}


def test_each_step_is_drawn_about_as_often_as_its_share() -> None:
    steps = chain([{**SOFTER, "share": 0.3}, {"name": "trim", "share": 0.7}])
    rng = np.random.default_rng(4)
    names = [one.step.name for _ in range(1000) for one in draw(steps, rng)]
    # 1,000 draws: three standard deviations are 0.043.
    assert names.count("gain") / 1000 == pytest.approx(0.3, abs=0.045)
    assert names.count("trim") / 1000 == pytest.approx(0.7, abs=0.045)


def test_a_share_of_0_never_applies_and_a_missing_share_always_does() -> None:
    never, always = {**SOFTER, "share": 0}, {k: v for k, v in SOFTER.items() if k != "share"}
    rng = np.random.default_rng(0)
    assert all(draw(chain([never]), rng) == () for _ in range(50))
    assert all(len(draw(chain([always]), rng)) == 1 for _ in range(50))


def test_what_was_drawn_can_be_played_again() -> None:
    steps = chain([{"name": "noise"}, {"name": "reverb"}, {"name": "rawboost", "share": 0.5}])
    drawn = draw(steps, np.random.default_rng(9))
    augmented = augment(SAMPLES, 16_000, steps, np.random.default_rng(9))
    np.testing.assert_array_equal(replay(SAMPLES, 16_000, drawn), augmented)


@pytest.mark.parametrize("share", [-0.1, 1.5, "often", True, None])
def test_a_share_outside_0_to_1_is_refused(share: object) -> None:
    with pytest.raises(SettingsError, match=r"recipe\[1\]: gain: share .* between 0 and 1"):
        chain([SOFTER, {**SOFTER, "share": share}], where="recipe")


def test_a_table_without_a_name_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"augmentation\[0\]: 'name' is missing"):
        chain([{"share": 0.5}])


def test_an_unknown_effect_is_refused_with_the_near_names() -> None:
    with pytest.raises(UnknownName, match=r"no augmentation called 'noize'\. Did you mean noise"):
        chain([{"name": "noize"}])


def test_a_value_of_the_wrong_type_names_the_key() -> None:
    with pytest.raises(SettingsError, match=r"noise: snr_db: expected 2 values, but got 1"):
        chain([{"name": "noise", "snr_db": [3]}])
