"""RawBoost beside its authors' code, seed by seed: ``shared/golden/rawboost`` says how it was run.

``distorted`` is compared as precisely as the reference computes, 1e-8 apart at most; what an effect
gives out is that, rounded to float32.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earwitness.augmentation import effect
from earwitness.augmentation.rawboost import (
    ALGORITHMS,
    RawboostDraw,
    RawboostSettings,
    apply,
    distorted,
)
from earwitness.records import Samples

RATE = 16_000


@pytest.fixture(scope="module")
def arrays(shared: Path) -> dict[str, Any]:
    with np.load(shared / "golden/rawboost/rawboost.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((shared / "golden/rawboost/golden.json").read_text())
    return table


def tone() -> Samples:
    return (0.5 * np.sin(np.arange(16_000) * 0.1)).astype(np.float32)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name", ["speech_1s", "noise_0.3s"])
@pytest.mark.parametrize("seed", [0, 1234])
def test_every_sample_is_that_of_the_reference(
    arrays: dict[str, Any], algorithm: int, name: str, seed: int
) -> None:
    sound, drawn = arrays[f"in/{name}"], RawboostDraw(algorithm, seed)
    expected = arrays[f"out/{name}/algo{algorithm}/seed{seed}/float32"]
    out = distorted(sound, drawn, RATE)
    assert out.dtype == expected.dtype
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(apply(sound, drawn, RATE), out.astype(np.float32))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_all_inputs_have_the_references_statistics(
    arrays: dict[str, Any], cases: dict[str, Any], algorithm: int
) -> None:
    ours = {key: one for key, one in cases["outputs"].items() if f"/algo{algorithm}/" in key}
    assert len(ours) == 20
    for key, expected in ours.items():
        name, _, seed, form = key.split("/")
        sound = arrays[f"in/{name}"].astype(form)
        out = distorted(sound, RawboostDraw(algorithm, int(seed.removeprefix("seed"))), RATE)
        assert len(out) == expected["len"], key
        assert int((out != sound).sum()) == expected["n_samples_changed"], key
        out = out.astype(np.float64)
        change = np.sqrt(np.mean((out - sound.astype(np.float64)) ** 2))
        measured = [np.sqrt(np.mean(out**2)), out.mean(), np.abs(out).max(), change]
        told = [expected[x] for x in ("rms", "mean", "absmax", "rms_diff_from_input")]
        np.testing.assert_allclose(measured, told, rtol=0, atol=1e-8, err_msg=key)
        np.testing.assert_allclose(out[:8], expected["first8"], rtol=0, atol=1e-8, err_msg=key)


def test_all_nine_algorithms_can_be_asked_for() -> None:
    told = {"algorithms": [0, 1, 2, 3, 4, 5, 6, 7, 8]}
    draw, rng = effect("rawboost", told).draw, np.random.default_rng(2)
    assert {draw(rng).algorithm for _ in range(200)} == set(range(9))


def test_number_0_leaves_the_sound_as_it_is() -> None:
    np.testing.assert_array_equal(apply(tone(), RawboostDraw(0, 5), RATE), tone())


def test_clicks_hit_at_most_the_share_that_was_told() -> None:
    told, soft = RawboostSettings(clicks_percent=2.0), tone() / 4
    sounds = [apply(soft, RawboostDraw(2, seed, told), RATE) for seed in range(20)]
    changed = [int((sound != soft).sum()) for sound in sounds]
    assert 0 < max(changed) <= 320


@pytest.mark.parametrize("snr_db", [0.0, 30.0])
def test_stationary_noise_has_the_ratio_that_was_drawn(snr_db: float) -> None:
    told = RawboostSettings(snr_db=(snr_db, snr_db))
    noise = apply(tone(), RawboostDraw(3, 3, told), RATE) - tone()
    ratio_db = 20 * np.log10(np.linalg.norm(tone()) / np.linalg.norm(noise))
    assert ratio_db == pytest.approx(snr_db, abs=0.01)


def test_filters_do_not_lift_the_sound_over_full_scale() -> None:
    loud = 2 * tone()
    for seed in range(5):
        assert np.abs(apply(loud, RawboostDraw(1, seed), RATE)).max() <= 1
        assert np.abs(apply(loud, RawboostDraw(8, seed), RATE)).max() <= 1


def test_the_algorithms_that_were_told_are_drawn() -> None:
    draw, rng = effect("rawboost", {"algorithms": [4, 5]}).draw, np.random.default_rng(1)
    assert {draw(rng).algorithm for _ in range(40)} == {4, 5}
