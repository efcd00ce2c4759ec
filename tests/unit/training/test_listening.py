"""Sound is decoded once, at the model's rate, and cut where a recipe says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.errors import UnreadableAudio
from earwitness.records import Label, Trial
from earwitness.training.clips import Clip
from earwitness.training.listening import Cache, read_sounds, row_of
from earwitness.training.recipes import DataSettings

pytestmark = [pytest.mark.torch, pytest.mark.train]

RATE = 16_000
RNG = np.random.default_rng(0)


def trial(path: Path) -> Trial:
    return Trial(path.name, path, Label.SPOOF, "train")


def ramp(samples: int, *regions: tuple[int, int]) -> Clip:
    sound = np.arange(1, samples + 1, dtype=np.int16)
    return Clip(trial(Path("ramp")), sound, regions or ((0, samples),))


def ints(row: np.ndarray) -> list[int]:
    return (row * 2**15).astype(int).tolist()


def test_a_short_clip_is_repeated_or_filled_up_with_silence() -> None:
    clip = ramp(3)
    assert ints(row_of(clip, 7, DataSettings(), RNG)) == [1, 2, 3, 1, 2, 3, 1]
    assert ints(row_of(clip, 5, DataSettings(padding="zeros"), RNG)) == [1, 2, 3, 0, 0]


def test_a_long_clip_is_cut_from_its_start_or_at_random() -> None:
    clip = ramp(100)
    assert ints(row_of(clip, 4, DataSettings(crop="start"), RNG)) == [1, 2, 3, 4]
    starts = {ints(row_of(clip, 90, DataSettings(), RNG))[0] for _ in range(200)}
    assert starts == set(range(1, 12))


def test_rows_are_cut_from_regions_of_speech_by_their_length() -> None:
    clip = ramp(100, (10, 20), (50, 80))
    starts = [ints(row_of(clip, 10, DataSettings(), RNG))[0] for _ in range(400)]
    assert set(starts) == {11, *range(51, 72)}
    assert 60 < starts.count(11) < 140, "a quarter of the speech"
    assert ints(row_of(clip, 3, DataSettings(crop="start"), RNG)) == [11, 12, 13]


def test_sound_comes_at_the_rate_that_is_asked_for_and_is_decoded_once(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)
    soundfile.write(path, tone, 22_050)
    cache = Cache(tmp_path / "cache", RATE)
    told: list[tuple[int, int]] = []
    first = read_sounds([trial(path)], cache, on_clip=lambda *numbers: told.append(numbers))
    assert len(first.clips[0].sound) == RATE
    again = read_sounds([trial(path)], cache, on_clip=lambda *_: pytest.fail("decoded again"))
    assert np.array_equal(first.clips[0].sound, again.clips[0].sound)
    assert told == [(1, 1)]
    spectrum = np.abs(np.fft.rfft(first.clips[0].sound))
    assert int(spectrum.argmax()) == 440
    assert sorted(p.suffix for p in (tmp_path / "cache").iterdir()) == [".json", ".pcm"]


def test_other_rates_have_sound_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * RNG.standard_normal(RATE), RATE)
    for rate in (8_000, 16_000):
        assert len(read_sounds([trial(path)], Cache(tmp_path, rate)).clips[0].sound) == rate


def test_speech_is_found_where_it_is_asked_for(examples: Path, tmp_path: Path) -> None:
    spoken, rate = soundfile.read(examples / "bonafide_pocketsphinx_numbers.wav")
    path = tmp_path / "late.wav"
    soundfile.write(path, np.concatenate([np.zeros(3 * rate), spoken]), rate)
    everywhere = read_sounds([trial(path)], Cache(tmp_path, RATE)).clips[0]
    speech = read_sounds([trial(path)], Cache(tmp_path, RATE, speech_only=True, window_s=1.0))
    assert everywhere.regions == ((0, len(everywhere.sound)),)
    assert speech.clips[0].regions[0][0] > 2.5 * RATE


def test_silence_is_one_region_all_the_same(examples: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path, RATE, speech_only=True)
    clip = read_sounds([trial(examples / "silence.wav")], cache).clips[0]
    assert clip.regions == ((0, len(clip.sound)),)


def test_what_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, 0.1 * RNG.standard_normal(RATE), RATE)
    bad.write_bytes(b"no sound")
    heard = read_sounds([trial(bad), trial(good)], Cache(tmp_path / "cache", RATE))
    assert [clip.trial.id for clip in heard.clips] == ["good.wav"]
    assert len(heard.unread) == 1
    assert "bad.wav" in heard.unread[0]
    with pytest.raises(UnreadableAudio, match="None of 1 clips could be read"):
        read_sounds([trial(bad)], Cache(tmp_path / "cache", RATE))
    assert read_sounds([], Cache(tmp_path, RATE)).clips == ()


def test_a_file_that_was_written_anew_is_decoded_anew(tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    cache = Cache(tmp_path / "cache", RATE)
    for samples in (RATE, 2 * RATE):
        soundfile.write(path, 0.1 * RNG.standard_normal(samples), RATE)
        assert len(read_sounds([trial(path)], cache).clips[0].sound) == samples


def test_a_row_is_never_taken_from_the_cache_itself(tmp_path: Path) -> None:
    """Effects may write into it."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * RNG.standard_normal(RATE), RATE)
    clip = read_sounds([trial(path)], Cache(tmp_path, RATE)).clips[0]
    row = row_of(replace(clip), RATE, DataSettings(), RNG)
    row[:] = 0.0
    assert np.asarray(clip.sound).any()
