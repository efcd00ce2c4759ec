"""Clips are heard in order, whatever is wrong with some, by one process or several."""

import numpy as np
import pytest
from made_voices import RATE, folder, trial, voice, written

from earwitness.evaluation.audit.hearing.listening import hear, hear_again, hear_all
from earwitness.evaluation.records import Unread
from earwitness.records import Label


def test_a_clip_is_measured_at_its_own_rate(tmp_path) -> None:
    one = hear(trial(written(tmp_path / "a.wav", voice(1, rate=44100), rate=44100), Label.SPOOF))
    assert one.facts.provenance.sample_rate == 44100
    assert one.facts.duration_s == pytest.approx(1.5)
    assert one.glance.bit_depth == one.sound.used_bits == 16
    assert len(one.print) == 77


def test_the_same_samples_have_the_same_digest_in_any_container(tmp_path) -> None:
    sound = np.round(voice(1) * 32768) / 32768
    heard = [
        hear(trial(written(tmp_path / name, sound), Label.SPOOF)) for name in ("a.wav", "b.flac")
    ]
    other = hear(trial(written(tmp_path / "c.wav", sound, rate=8000), Label.SPOOF))
    assert heard[0].digest == heard[1].digest != other.digest


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_cannot_be_read_keeps_its_place(tmp_path, workers) -> None:
    trials = folder(tmp_path, [voice(n, seconds=0.5) for n in range(4)], Label.SPOOF)
    trials[2].path.write_bytes(b"no sound at all")
    told = []
    found = list(hear_all(trials, workers=workers, on_done=told.append))
    assert [one.trial.id for one in found] == [one.id for one in trials]
    assert [isinstance(one, Unread) for one in found] == [False, False, True, False]
    assert found[2].code == "audio.unreadable"
    assert told == trials


def test_a_clip_is_decoded_again_at_8_khz_while_it_is_there(tmp_path) -> None:
    clip = trial(written(tmp_path / "a.wav", voice(1)), Label.SPOOF)
    again = hear_again(clip)
    assert again is not None
    assert len(again) == pytest.approx(1.5 * RATE / 2, abs=2)
    clip.path.unlink()
    assert hear_again(clip) is None
    assert np.isfinite(again).all()
