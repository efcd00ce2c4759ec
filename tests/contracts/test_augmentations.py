"""What every augmentation keeps, whatever it does: found by file name, so a new file is tested."""

import copy
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.augmentation import AUGMENTATIONS, augment, chain, effect
from earwitness.errors import SettingsError
from earwitness.records import Samples

RATE = 16_000
LENGTHS = [1, 2, 3, 31, 160, 1023, 16_000, 64_001, 160_000]

every_effect = pytest.mark.parametrize("name", AUGMENTATIONS.names())


def voice(length: int, *, seed: int = 0) -> Samples:
    """Something like speech: a harmonic tone that starts and stops, with a little noise."""
    rng = np.random.default_rng(seed)
    at = np.arange(length) / RATE
    tone = sum(np.sin(2 * np.pi * 120 * k * at + k) / k for k in range(1, 30))
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * at)
    return (0.1 * swell * tone + 0.001 * rng.standard_normal(length)).astype(np.float32)


def test_the_effects_that_the_recipes_name_are_there() -> None:
    assert set(AUGMENTATIONS.names()) >= {
        *("bandwidth", "codec", "gain", "masking", "noise"),
        *("quantise", "rawboost", "reverb", "trim"),
    }


@every_effect
@pytest.mark.parametrize("length", LENGTHS)
def test_a_sound_of_any_length_keeps_its_length_and_type(name: str, length: int) -> None:
    distort, rng = effect(name), np.random.default_rng(length)
    for _ in range(3):
        out = distort.apply(voice(length), distort.draw(rng), RATE)
        assert out.shape == (length,)
        assert out.dtype == np.float32
        assert np.isfinite(out).all()


@every_effect
def test_what_comes_in_is_not_changed(name: str) -> None:
    distort, rng = effect(name), np.random.default_rng(3)
    samples = voice(20_000)
    before = samples.copy()
    samples.flags.writeable = False
    for _ in range(10):
        distort.apply(samples, distort.draw(rng), RATE)
    np.testing.assert_array_equal(samples, before)


@every_effect
def test_the_same_seed_gives_the_same_sound(name: str) -> None:
    distort, samples = effect(name), voice(16_000)
    first, second = (
        [distort.apply(samples, distort.draw(rng), RATE) for _ in range(4)]
        for rng in (np.random.default_rng(7), np.random.default_rng(7))
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@every_effect
def test_a_draw_can_be_played_again_after_anything_else_was_drawn(name: str) -> None:
    distort, samples, rng = effect(name), voice(16_000), np.random.default_rng(8)
    drawn = distort.draw(rng)
    kept = copy.deepcopy(drawn)
    first = distort.apply(samples, drawn, RATE)
    np.random.seed(1)  # noqa: NPY002 - the global stream must not matter either
    distort.apply(samples, distort.draw(rng), RATE)
    assert drawn == kept
    np.testing.assert_array_equal(first, distort.apply(samples, kept, RATE))


@every_effect
def test_another_seed_mostly_gives_another_sound(name: str) -> None:
    distort, samples = effect(name), voice(16_000)
    sounds = {
        distort.apply(samples, distort.draw(np.random.default_rng(seed)), RATE).tobytes()
        for seed in range(12)
    }
    assert len(sounds) >= 7


@every_effect
def test_most_draws_change_the_sound_and_none_makes_it_huge(name: str) -> None:
    distort, samples, rng = effect(name), voice(16_000), np.random.default_rng(5)
    sounds = [distort.apply(samples, distort.draw(rng), RATE) for _ in range(12)]
    assert sum(not np.array_equal(samples, sound) for sound in sounds) >= 7
    assert max(float(np.abs(sound).max()) for sound in sounds) < 4 * np.abs(samples).max() + 1


@every_effect
@pytest.mark.parametrize("length", [1, 400, 16_000])
def test_silence_gives_nearly_silence_and_no_nan(name: str, length: int) -> None:
    distort, rng = effect(name), np.random.default_rng(length)
    for _ in range(8):
        out = distort.apply(np.zeros(length, np.float32), distort.draw(rng), RATE)
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 0.02  # an 8-bit step with dither is 1 / 128


@every_effect
@pytest.mark.parametrize("level", [1e-30, 1.0])
def test_the_faintest_and_the_loudest_sound_stay_finite(name: str, level: float) -> None:
    distort, rng = effect(name), np.random.default_rng(1)
    square = np.where(np.arange(8000) % 80 < 40, level, -level).astype(np.float32)
    for _ in range(8):
        assert np.isfinite(distort.apply(square, distort.draw(rng), RATE)).all()


@every_effect
@pytest.mark.parametrize("rate", [8000, 24_000, 44_100])
def test_other_sample_rates_are_taken(name: str, rate: int) -> None:
    distort, rng = effect(name), np.random.default_rng(rate)
    for _ in range(3):
        out = distort.apply(voice(8000), distort.draw(rng), rate)
        assert out.shape == (8000,)
        assert np.isfinite(out).all()


@every_effect
def test_parameters_are_a_frozen_record(name: str) -> None:
    drawn = effect(name).draw(np.random.default_rng(0))
    assert is_dataclass(drawn)
    field = fields(drawn)[0].name
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{field}'"):
        setattr(drawn, field, None)


@every_effect
def test_an_unknown_setting_is_refused_with_the_place(name: str) -> None:
    table = {"name": name, "share": 0.5, "loudnes": 3}
    with pytest.raises(SettingsError, match=rf"here\[0\]: {name}: unknown key 'loudnes'"):
        chain([table], where="here")


@every_effect
@given(seed=st.integers(0, 2**32), length=st.integers(1, 3000))
def test_every_draw_is_finite_and_keeps_the_length(name: str, seed: int, length: int) -> None:
    steps = chain([{"name": name, "share": 1.0}])
    out = augment(voice(length, seed=1), RATE, steps, np.random.default_rng(seed))
    assert out.shape == (length,)
    assert np.isfinite(out).all()
