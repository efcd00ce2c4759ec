"""Measures of a sound's edges and pauses, however it is cut into blocks."""

import numpy as np
import pytest
from made_voices import RATE, voice

from earwitness.evaluation.audit.hearing.sound import SILENT_DBFS, SoundMeter


def facts(sound, *, rate=RATE, step=None):
    meter = SoundMeter(rate)
    step = step or len(sound) or 1
    for at in range(0, len(sound), step):
        meter.hear(np.asarray(sound[at : at + step], np.float32))
    return meter.facts()


def faint(seconds, level=1e-3):
    return level * np.random.default_rng(9).standard_normal(round(seconds * RATE))


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.7])
def test_pauses_at_both_ends_are_measured(seconds) -> None:
    sound = np.concatenate([faint(seconds), voice(1), faint(0.4)])
    found = facts(sound)
    assert found.leading_silence_s == pytest.approx(seconds, abs=0.03)
    assert found.trailing_silence_s == pytest.approx(0.4, abs=0.04)


def test_level_does_not_move_the_ends() -> None:
    sound = np.concatenate([faint(0.3), voice(1)])
    assert facts(sound).leading_silence_s == facts(sound * 0.02).leading_silence_s


def test_a_click_is_no_speech() -> None:
    sound = np.concatenate([faint(0.5), voice(1)])
    sound[1600] = 0.05
    assert facts(sound).leading_silence_s == pytest.approx(0.5, abs=0.03)


def test_nothing_but_zeros_is_silence_from_end_to_end() -> None:
    found = facts(np.zeros(RATE))
    assert (found.leading_silence_s, found.trailing_silence_s) == (1.0, 1.0)
    assert (found.zero_share, found.used_bits) == (1.0, 0)
    assert (found.dc_offset_dbfs, found.noise_floor_dbfs) == (SILENT_DBFS, SILENT_DBFS)


def test_less_than_a_frame_is_measured_too() -> None:
    found = facts(np.full(20, 0.5))
    assert (found.leading_silence_s, found.trailing_silence_s) == (0.0, 0.0)
    assert found.dc_offset_dbfs == pytest.approx(-6.02, abs=0.01)


def test_an_offset_is_told_in_decibels() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    assert facts(tone + 0.01).dc_offset_dbfs == pytest.approx(-40, abs=0.1)


def test_the_noise_floor_is_that_of_the_pauses_without_digital_silence() -> None:
    sound = np.concatenate([np.zeros(RATE), faint(0.5, 1e-3), voice(2)])
    assert facts(sound).noise_floor_dbfs == pytest.approx(-60, abs=1.5)


@pytest.mark.parametrize("bits", [8, 12, 16, 24])
def test_the_bits_in_use_are_counted(bits) -> None:
    step = 2.0 ** (bits - 1)
    assert facts(np.round(voice(3) * step) / step).used_bits == bits


def test_a_sound_on_no_grid_has_no_bits() -> None:
    assert facts(voice(3) * np.float32(1 / 3)).used_bits is None
    assert facts(np.array([np.pi * 1e-6, 0.5] * 200)).used_bits is None


@pytest.mark.parametrize("step", [77, 160, 1601, 16000])
def test_blocks_make_no_difference(step) -> None:
    sound = np.round(np.concatenate([faint(0.2), voice(4), np.zeros(333)]) * 32768) / 32768
    whole, parts = facts(sound), facts(sound, step=step)
    assert parts.dc_offset_dbfs == pytest.approx(whole.dc_offset_dbfs, abs=1e-6)
    assert (parts.leading_silence_s, parts.trailing_silence_s) == (
        whole.leading_silence_s, whole.trailing_silence_s,
    )  # fmt: skip
    assert (parts.zero_share, parts.used_bits) == (whole.zero_share, whole.used_bits)
