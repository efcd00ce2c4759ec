"""Copies of a recording are found whatever was done to them; what only sounds alike is not."""

import numpy as np
import pytest
import soundfile
from made_voices import RATE, voice

from earwitness.audio.codecs import transcode
from earwitness.audio.resample import resample
from earwitness.evaluation.audit import copies
from earwitness.evaluation.audit.copies import Pair, find, sets_of
from earwitness.evaluation.audit.hearing.prints import (
    MOST_S,
    FirstMinute,
    differing_share,
    likeness,
    print_of,
)

CHANGES = {
    "softer": lambda sound: sound * np.float32(0.05),
    "turned round": lambda sound: -sound,
    "cut in front": lambda sound: sound[4321:],
    "cut behind": lambda sound: sound[:-5000],
    "mp3 at 32 kbit/s": lambda sound: transcode(sound, RATE, "mp3", 32_000),
    "opus at 16 kbit/s, cut": lambda sound: transcode(sound[3001:], RATE, "opus", 16_000),
    "telephone": lambda sound: transcode(sound, RATE, "g711u"),
    "another rate": lambda sound: resample(resample(sound, RATE, 11025), 11025, RATE),
    "silence around": lambda sound: np.concatenate([np.zeros(4000), sound, np.zeros(9000)]),
}
VOICES = [voice(seed, seconds=2.5) for seed in range(12)]


def narrow(sound):
    return resample(np.asarray(sound, np.float32), RATE, 8000)


def found(sounds):
    at_8_khz = [narrow(sound) for sound in sounds]
    digests = [str(np.asarray(sound).tobytes().__hash__()) for sound in sounds]
    return find(digests, [print_of(one) for one in at_8_khz], lambda clip: at_8_khz[clip])


@pytest.fixture(scope="module")
def speech(examples):
    """Four seconds of each example that libsndfile reads, at 16 kHz."""
    clips = sorted(p for p in examples.glob("*_*") if p.suffix in (".flac", ".wav", ".ogg"))
    sounds = [soundfile.read(p, frames=200_000, dtype="float32", always_2d=True) for p in clips]
    return [resample(sound[:, 0], rate, RATE)[: 4 * RATE] for sound, rate in sounds]


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_of_speech_is_found_and_nothing_else(change, speech) -> None:
    pairs = found([*speech, CHANGES[change](speech[0])])
    assert [(pair.one, pair.other) for pair in pairs if pair.is_same] == [(0, len(speech))]
    assert not any(pair.is_identical for pair in pairs)


def test_equal_samples_are_found_without_looking_at_waveforms() -> None:
    pairs = find(["a", "b", "a", ""], [np.empty(0, np.uint32)] * 4, lambda clip: None)
    assert pairs == [Pair(0, 2, 1.0, None, is_identical=True)]


def test_the_same_sentence_in_another_waveform_is_no_copy() -> None:
    """Phases drawn anew keep the loudness of every band at every time: a vocoder, roughly."""
    sound = VOICES[0]
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, 512), 512)[::128]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(512), axis=1))
    phases = np.exp(2j * np.pi * np.random.default_rng(1).random(spectra.shape))
    retold = np.zeros(len(sound) + 1536)
    for at, frame in enumerate(np.fft.irfft(spectra * phases, axis=1)):
        retold[128 * at : 128 * at + 512] += frame * np.hanning(512)
    pairs = found([sound, retold[512 : 512 + len(sound)].astype(np.float32)])
    assert all(not pair.is_same for pair in pairs)
    assert likeness(narrow(sound), narrow(retold[512:]), 0) < 0.6


def test_a_clip_that_cannot_be_decoded_again_is_passed_over() -> None:
    prints = [print_of(narrow(VOICES[0]))] * 2
    assert find(["a", "b"], prints, lambda clip: None) == []


def test_what_is_too_short_for_a_print_is_in_no_pair() -> None:
    assert print_of(np.zeros(2000, np.float32)).shape == (0,)
    assert found([VOICES[0][:1000], VOICES[1][:900]]) == []
    assert found([]) == []


def test_a_pattern_that_a_crowd_shares_says_nothing() -> None:
    sounds = [np.concatenate([np.zeros(RATE, np.float32), one]) for one in VOICES]
    assert [pair for pair in found(sounds) if pair.is_same] == []


def test_few_pairs_are_looked_at_where_patterns_repeat_without_end(monkeypatch) -> None:
    monkeypatch.setattr(copies, "_PAIRS_AT_MOST", 10)
    pairs = found([VOICES[0], VOICES[0] * np.float32(0.5)])
    assert [pair.is_same for pair in pairs] == [True]


def test_of_very_many_frames_a_part_is_enough(monkeypatch, speech) -> None:
    monkeypatch.setattr(copies, "_PLACES_AT_MOST", 600)
    pairs = found([*speech, transcode(speech[0][2000:], RATE, "mp3", 32_000)])
    assert [(pair.one, pair.other) for pair in pairs if pair.is_same] == [(0, len(speech))]


def test_sets_join_what_hangs_together_by_waveform_only() -> None:
    pairs = [Pair(4, 5, 0.9), Pair(0, 1, 0.95), Pair(1, 3, 0.99), Pair(2, 3, 0.5)]
    assert sets_of(pairs, 6) == [[0, 1, 3], [4, 5]]


def test_prints_that_do_not_meet_differ_altogether() -> None:
    one = print_of(narrow(VOICES[0]))
    assert differing_share(one, one, 0) == (0.0, len(one))
    assert differing_share(one, one, 10_000) == (1.0, 0)
    assert 0.4 < differing_share(one, print_of(narrow(VOICES[1])), 0)[0] < 0.6


def test_silence_is_like_nothing() -> None:
    assert likeness(np.zeros(8000, np.float32), narrow(VOICES[0]), 0) == 0.0


def test_a_minute_is_kept_of_an_hour() -> None:
    minute = FirstMinute(8000)
    for _ in range(9):
        minute.hear(np.ones(80_000, np.float32))
    minute.hear(np.empty(0, np.float32), last=True)
    assert len(minute.samples()) == int(MOST_S * 8000)
    assert len(FirstMinute(8000).samples()) == 0
