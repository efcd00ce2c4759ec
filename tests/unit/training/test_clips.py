"""Clips in memory: the speech of a verdict, decoded once, without the ones that cannot be read."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_runs import RATE

from earwitness.audio.read import open_recording
from earwitness.errors import UnreadableAudio
from earwitness.records import Label, Trial
from earwitness.segmentation.windows import WindowSettings
from earwitness.training.clips import Clip, read_clips, segments_of

pytestmark = pytest.mark.torch

NAMES = ("bonafide_pocketsphinx_numbers.wav", "spoof_kokoro_if_sara.ogg", "silence.wav")
WINDOWS = WindowSettings(length_s=2.0, hop_s=1.0)


@pytest.fixture
def trials(examples: Path, tmp_path: Path) -> list[Trial]:
    found = []
    for name in NAMES:
        path = tmp_path / name
        shutil.copyfile(examples / name, path)
        label = Label.SPOOF if "spoof" in name else Label.BONA_FIDE
        found.append(Trial(name, path, label, "train"))
    return found


def read(trials: list[Trial], cache: Path, **more: object) -> list[Clip]:
    return read_clips(trials, sample_rate=RATE, windows=WINDOWS, cache=cache, **more)


def test_a_clip_is_what_the_reader_gives_in_16_bits(trials: list[Trial], tmp_path: Path) -> None:
    for one, trial in zip(read(trials, tmp_path / "cache"), trials, strict=True):
        assert one.trial is trial
        with open_recording(trial.path, sample_rate=RATE) as recording:
            sound = np.concatenate(list(recording.blocks()))
        assert one.sound.dtype == np.int16
        np.testing.assert_allclose(one.sound / 2**15, np.clip(sound, -1, 1), atol=1.5 / 2**15)


def test_the_loudest_samples_do_not_wrap_round(tmp_path: Path) -> None:
    path = tmp_path / "square.wav"
    soundfile.write(path, np.repeat([1.0, -1.0, 1.7], 400), RATE, subtype="FLOAT")
    (one,) = read([Trial("square", path, Label.SPOOF, "train")], tmp_path / "cache")
    assert (one.sound[[0, 400, 800]] / 2**15).tolist() == pytest.approx([1.0, -1.0, 1.0], abs=1e-3)


def test_regions_are_in_order_apart_and_inside_the_sound(
    trials: list[Trial], tmp_path: Path
) -> None:
    for one in read(trials, tmp_path / "cache"):
        edges = [edge for region in one.regions for edge in region]
        assert edges == sorted(set(edges))
        assert edges[0] >= 0
        assert edges[-1] <= len(one.sound)


def test_regions_are_what_the_windows_of_a_verdict_cover(
    trials: list[Trial], tmp_path: Path
) -> None:
    speech = read(trials, tmp_path / "cache")[0]
    covered = np.zeros(len(speech.sound), bool)
    for segment in segments_of(speech, WINDOWS, sample_rate=RATE):
        covered[round(segment.start_s * RATE) : round(segment.end_s * RATE)] = True
    inside = np.zeros(len(speech.sound), bool)
    for start, end in speech.regions:
        inside[start:end] = True
    assert 0 < inside.sum() < len(inside)
    assert np.mean(covered != inside) < 0.01


def test_a_clip_without_speech_is_one_region(trials: list[Trial], tmp_path: Path) -> None:
    silence = read(trials, tmp_path / "cache")[2]
    assert silence.regions == ((0, len(silence.sound)),)
    assert segments_of(silence, WINDOWS, sample_rate=RATE) == []


def test_windows_of_a_clip_are_as_long_as_the_settings_say(
    trials: list[Trial], tmp_path: Path
) -> None:
    segments = segments_of(read(trials, tmp_path / "cache")[0], WINDOWS, sample_rate=RATE)
    assert {segment.samples.shape for segment in segments} == {(2 * RATE,)}
    assert len(segments) > 1


def test_the_second_time_nothing_is_decoded(trials: list[Trial], tmp_path: Path) -> None:
    first = read(trials, tmp_path / "cache")
    for trial in trials:
        trial.path.unlink()
    again = read(trials, tmp_path / "cache", on_clip=lambda *_: pytest.fail("it was read again"))
    assert [one.regions for one in again] == [one.regions for one in first]
    assert all(np.array_equal(a.sound, b.sound) for a, b in zip(first, again, strict=True))


def test_other_trials_or_windows_have_a_cache_of_their_own(
    trials: list[Trial], tmp_path: Path
) -> None:
    cache, told = tmp_path / "cache", []
    read(trials, cache)
    read(trials[:2], cache, on_clip=lambda *done: told.append(done))
    read_clips(trials[:2], sample_rate=RATE, windows=WindowSettings(), cache=cache)
    assert told == [(1, 2), (2, 2)]
    assert len(list(cache.glob("*.npy"))) == 3


def test_a_clip_that_cannot_be_read_is_left_out(trials: list[Trial], tmp_path: Path) -> None:
    trials[1].path.write_bytes(b"this is no audio at all")
    for _ in range(2):
        clips = read(trials, tmp_path / "cache")
        assert [one.trial.id for one in clips] == [NAMES[0], NAMES[2]]
    with open_recording(trials[2].path, sample_rate=RATE) as recording:
        assert len(clips[1].sound) == sum(len(block) for block in recording.blocks())


def test_if_no_clip_can_be_read_the_first_reason_is_told(
    trials: list[Trial], tmp_path: Path
) -> None:
    for trial in trials:
        trial.path.unlink()
    with pytest.raises(UnreadableAudio, match=f"None of 3 clips could be read: .*{NAMES[0]}"):
        read(trials, tmp_path / "cache")


def test_a_cache_that_was_not_finished_is_made_anew(trials: list[Trial], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = read(trials, cache)
    (table,) = cache.glob("*.json")
    table.unlink()
    (sounds,) = cache.glob("*.npy")
    kept = [np.array(one.sound) for one in first]
    del first  # it is mapped into memory
    sounds.write_bytes(b"half of it")
    again = read(trials, cache)
    assert all(np.array_equal(a, b.sound) for a, b in zip(kept, again, strict=True))
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".npy"]


def test_who_reads_a_cache_is_not_disturbed_by_who_makes_it_at_the_same_time(
    trials: list[Trial], tmp_path: Path
) -> None:
    """Two processes may begin together; the slower one must not write into the other's sound."""
    first = read(trials, tmp_path / "cache")
    kept = [np.array(one.sound) for one in first]
    (table,) = (tmp_path / "cache").glob("*.json")
    table.unlink()
    shutil.copyfile(trials[2].path, trials[0].path)
    read(trials, tmp_path / "cache")
    assert all(np.array_equal(a, b.sound) for a, b in zip(kept, first, strict=True))
