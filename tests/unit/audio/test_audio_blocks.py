"""However a sound is cut into blocks, what comes out is the same; and blocks stay small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import babble, hear, tone, wav_bytes

from earwitness.audio import read, streams
from earwitness.audio.formats import BLOCK_S, block_frames
from earwitness.audio.quality import QualityMeter
from earwitness.audio.read import open_recording
from earwitness.audio.resample import StreamResampler, resample
from earwitness.records import Waveform

RATE = 24000
RATES = [8000, 11025, 16000, 22050, 44100, 48000, 192000]


def cut(sound, cuts):
    return np.split(sound, sorted(min(c, len(sound)) for c in cuts))


@given(
    from_hz=st.sampled_from(RATES),
    to_hz=st.sampled_from([8000, 16000, 24000]),
    cuts=st.lists(st.integers(0, 5000), max_size=6),
)
def test_a_resampler_gives_the_same_however_the_sound_is_cut(from_hz, to_hz, cuts):
    sound = babble(1.0, rate=5000)  # only numbers; their rate does not matter
    whole = StreamResampler(from_hz, to_hz).feed(sound, last=True)
    stream = StreamResampler(from_hz, to_hz)
    *pieces, last = cut(sound, cuts)
    joined = np.concatenate([*map(stream.feed, pieces), stream.feed(last, last=True)])
    assert np.array_equal(joined, whole)


@pytest.mark.parametrize("from_hz", RATES)
def test_a_stream_and_a_whole_sound_are_resampled_alike(from_hz):
    sound = babble(2.0, rate=from_hz)
    streamed = StreamResampler(from_hz, 16000).feed(sound, last=True)
    whole = resample(sound, from_hz, 16000)
    assert len(whole) == pytest.approx(32000, abs=1)
    count = min(len(streamed), len(whole))
    assert abs(len(streamed) - len(whole)) <= 1
    assert np.abs(streamed[:count] - whole[:count]).max() < 1e-4


def test_channels_are_resampled_one_by_one():
    both = np.stack([tone(500, rate=48000), tone(900, rate=48000)], axis=1)
    out = resample(both, 48000, 16000)
    assert np.abs(out[:, 1] - resample(both[:, 1], 48000, 16000)).max() < 1e-6


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3", "VORBIS", "OPUS", "array"])
@pytest.mark.parametrize("frames", [1000, 7919, 10**7])
def test_a_recording_gives_the_same_in_blocks_of_any_size(kind, frames, monkeypatch):
    sound = babble(5.0, rate=RATE)
    source = {
        "WAV": lambda: wav_bytes(sound, RATE, "PCM_24"),
        "FLAC": lambda: wav_bytes(sound, RATE, "PCM_24", "FLAC"),
        "MP3": lambda: wav_bytes(sound, RATE, "MPEG_LAYER_III", "MP3"),
        "VORBIS": lambda: wav_bytes(sound, RATE, "VORBIS", "OGG"),
        "OPUS": lambda: wav_bytes(sound, RATE, "OPUS", "OGG"),
        "array": lambda: Waveform(sound, RATE),
    }[kind]()
    expected = hear(source)
    for module in (read, streams):
        monkeypatch.setattr(module, "block_frames", lambda rate, channels: frames)
    heard = hear(source)
    assert len(heard.blocks) == -(-len(sound) // frames)
    assert np.abs(heard.samples - expected.samples).max() < 1e-6
    assert heard.facts.duration_s == expected.facts.duration_s
    assert heard.notes.snr_db == expected.notes.snr_db
    assert heard.notes.bandwidth_hz == pytest.approx(expected.notes.bandwidth_hz, abs=40)


@given(cuts=st.lists(st.integers(0, 40000), max_size=8))
def test_quality_is_the_same_however_the_sound_is_cut(cuts):
    sound = (0.3 * babble(2.5) + 0.3 * tone(700, seconds=2.5))[:, None]
    whole, pieces = QualityMeter(16000), QualityMeter(16000)
    whole.hear(sound)
    for piece in cut(sound, cuts):
        pieces.hear(piece)
    one, other = whole.notes(), pieces.notes()
    assert one.level_dbfs == pytest.approx(other.level_dbfs)
    assert (one.snr_db, one.music_share) == (other.snr_db, other.music_share)
    assert one.bandwidth_hz == pytest.approx(other.bandwidth_hz, abs=40)


@pytest.mark.parametrize("rate", [8000, 48000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 8, 64])
def test_a_block_is_ten_seconds_unless_that_would_be_much(rate, channels):
    frames = block_frames(rate, channels)
    assert 1 <= frames <= BLOCK_S * rate
    assert frames * channels * 4 <= 17e6
    assert frames == BLOCK_S * rate or frames * channels * 4 > 16e6


def test_a_long_recording_comes_in_many_blocks_as_it_is_asked_for():
    sound = babble(35.0)
    with open_recording(Waveform(sound, 16000), sample_rate=8000) as recording:
        lengths = [len(block) for block in recording.blocks()]
    assert len(lengths) == 4
    assert sum(lengths) == 35 * 8000


def test_every_block_is_mono_contiguous_float32(tmp_path):
    stereo = np.stack([babble(1.0, rate=44100)] * 2, axis=1)
    for wanted in ({}, {"channel": 1}):
        for block in hear(wav_bytes(stereo, 44100), **wanted).blocks:
            assert block.dtype == np.float32
            assert block.ndim == 1
            assert block.flags.c_contiguous
