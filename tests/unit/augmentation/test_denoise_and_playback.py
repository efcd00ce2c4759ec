"""The gate turns noise down and leaves speech; a loudspeaker has neither depth nor top."""

import numpy as np
import pytest

from earwitness.augmentation import effect
from earwitness.augmentation.denoise import DenoiseDraw
from earwitness.augmentation.denoise import apply as denoise
from earwitness.augmentation.noise import NoiseDraw
from earwitness.augmentation.playback import PlaybackDraw
from earwitness.augmentation.playback import apply as play_back
from earwitness.augmentation.reverb import ReverbDraw
from earwitness.errors import SettingsError
from earwitness.records import Samples

RATE = 16_000
GATE = DenoiseDraw(quiet_share=0.2, above=2.0, reduction_db=20.0)
DRY = ReverbDraw(rt60_s=0.1, direct_db=80.0, gap_s=0.005, damping_hz=8000.0, seed=1)
QUIET = NoiseDraw("white", 90.0, seed=1)


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-20))


def power_db(samples: Samples, low_hz: float, high_hz: float) -> float:
    bins = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(10 * np.log10(bins[(hz >= low_hz) & (hz < high_hz)].mean() + 1e-20))


@pytest.fixture
def interrupted() -> tuple[Samples, Samples]:
    """A tone that sounds every other half second, and hiss all the time, 20 dB below it."""
    at = np.arange(4 * RATE)
    tone = 0.2 * np.sin(2 * np.pi * 1000 * at / RATE) * (at // (RATE // 2) % 2)
    hiss = 0.01 * np.random.default_rng(1).standard_normal(4 * RATE)
    return tone.astype(np.float32), hiss.astype(np.float32)


# denoise


def test_the_gate_takes_noise_out_of_the_pauses(interrupted: tuple[Samples, Samples]) -> None:
    tone, hiss = interrupted
    out = denoise(tone + hiss, GATE, RATE)
    pause = slice(RATE + 4000, RATE + 7500)  # well inside a half second without the tone
    tone_free = slice(RATE // 16, RATE // 2 - RATE // 16)
    assert level_db(out[tone_free]) < level_db(hiss[tone_free]) - 10
    assert level_db(out[pause]) < 0  # stays a sound


def test_the_gate_leaves_what_stands_out(interrupted: tuple[Samples, Samples]) -> None:
    tone, hiss = interrupted
    out = denoise(tone + hiss, GATE, RATE)
    sounding = slice(RATE // 2 + 2000, RATE - 2000)
    assert level_db(out[sounding]) == pytest.approx(level_db(tone[sounding]), abs=0.3)
    np.testing.assert_allclose(out[sounding], tone[sounding], atol=0.03)  # and nothing is shifted


def test_a_gate_that_reduces_by_nothing_gives_the_sound_back() -> None:
    hiss = np.random.default_rng(2).standard_normal(5000).astype(np.float32)
    out = denoise(hiss, DenoiseDraw(0.2, 2.0, 0.0), RATE)
    np.testing.assert_allclose(out, hiss, atol=1e-5)


def test_digital_silence_is_not_taken_for_the_noise_of_a_recording(
    interrupted: tuple[Samples, Samples],
) -> None:
    tone, hiss = interrupted
    noisy = np.pad(tone + hiss, (8 * RATE, 0))  # two thirds of it are zeros
    out = denoise(noisy, GATE, RATE)[8 * RATE :]
    pause = slice(RATE // 16, RATE // 2 - RATE // 16)
    assert level_db(out[pause]) < level_db(hiss[pause]) - 10


def test_a_gate_below_the_noise_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"above \(0\.5, 2\.0\) must run upwards within 1"):
        effect("denoise", {"above": [0.5, 2]})


# playback


def played(drive: float = 0.01, resonance_db: float = 0.0, seed: int = 1) -> PlaybackDraw:
    return PlaybackDraw(400.0, 6000.0, resonance_db, seed, drive, DRY, QUIET)


def test_a_small_loudspeaker_has_no_depth_and_no_top() -> None:
    white = 0.1 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    out = play_back(white, played(), RATE)
    middle = power_db(out, 1000, 3000)
    assert power_db(out, 80, 120) - middle < -20
    assert -8 < power_db(out, 7000, 7900) - middle < -2


def test_a_loudspeaker_that_is_driven_hard_makes_overtones() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 700 * np.arange(32_000) / RATE).astype(np.float32)
    soft, hard = (play_back(tone, played(drive=drive), RATE) for drive in (0.01, 2.0))
    third = [power_db(out, 2090, 2110) - power_db(out, 690, 710) for out in (soft, hard)]
    assert third[1] > third[0] + 20


def test_distortion_does_not_depend_on_the_level_that_a_file_is_stored_at() -> None:
    tone = np.sin(2 * np.pi * 700 * np.arange(16_000) / RATE).astype(np.float32)
    loud, faint = (play_back(level * tone, played(drive=2.0), RATE) for level in (0.8, 0.008))
    np.testing.assert_allclose(faint * 100, loud, atol=1e-4)


def test_each_loudspeaker_has_resonances_of_its_own() -> None:
    white = 0.1 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    bands = [(300 * 2**i, 450 * 2**i) for i in range(4)]
    one, other = (
        np.array([power_db(play_back(white, played(0.01, 10.0, seed), RATE), *b) for b in bands])
        for seed in (1, 2)
    )
    assert np.abs(one - other).max() > 2


def test_loudness_stays_and_the_microphone_hisses_as_loud_as_it_was_drawn() -> None:
    tone = np.zeros(32_000, np.float32)
    tone[:16_000] = 0.3 * np.sin(2 * np.pi * 700 * np.arange(16_000) / RATE)
    drawn = PlaybackDraw(100.0, 8000.0, 0.0, 1, 0.01, DRY, NoiseDraw("white", 30.0, seed=3))
    out = play_back(tone, drawn, RATE)
    assert level_db(out) == pytest.approx(level_db(tone), abs=0.2)
    assert level_db(out[20_000:]) == pytest.approx(level_db(tone) - 30, abs=0.5)
