"""Every kind of file that the documentation names comes in: the right sound at the right time."""

import numpy as np
import pytest
from recordings import babble, encode, encode_film, hear, lag, likeness, loudest_hz, tone, wav_bytes

from earwitness.errors import AudioError

WAV_WIDTHS = {  # how far a sample may lie from the original
    "PCM_U8": 1 / 127, "PCM_16": 1 / 32767, "PCM_24": 1e-6, "PCM_32": 1e-7, "FLOAT": 0,
    "DOUBLE": 0, "ALAW": 0.04, "ULAW": 0.04,
}  # fmt: skip


@pytest.mark.parametrize("subtype", WAV_WIDTHS)
def test_a_wav_file_of_any_width_gives_the_samples_that_were_written(tmp_path, subtype):
    sound = babble()
    path = tmp_path / "clip.wav"
    path.write_bytes(wav_bytes(sound, subtype=subtype))
    heard = hear(path)
    assert np.abs(heard.samples - sound).max() <= WAV_WIDTHS[subtype]
    assert heard.facts.provenance.container == "wav"
    assert heard.facts.truncated is False


@pytest.mark.parametrize(
    ("container", "subtype", "codec"),
    [
        ("FLAC", "PCM_16", "flac"),
        ("FLAC", "PCM_24", "flac"),
        ("OGG", "VORBIS", "vorbis"),
        ("OGG", "OPUS", "opus"),
        ("MP3", "MPEG_LAYER_III", "mp3"),
        ("WAVEX", "PCM_16", "pcm_s16"),
        ("RF64", "PCM_16", "pcm_s16"),
        ("AIFF", "PCM_16", "pcm_s16be"),
        ("CAF", "PCM_16", "pcm_s16be"),
        ("AU", "PCM_16", "pcm_s16be"),
        ("W64", "PCM_16", "pcm_s16le"),
    ],
)
def test_what_soundfile_writes_is_read_back(container, subtype, codec):
    sound = babble(2.0)
    heard = hear(wav_bytes(sound, subtype=subtype, container=container))
    assert abs(len(heard.samples) - len(sound)) <= 1
    assert lag(heard.samples, sound) == 0
    assert likeness(heard.samples, sound) > 0.9
    assert heard.facts.provenance.codec == codec
    assert heard.facts.truncated is False


FOREIGN = {
    "m4a/AAC": ("clip.m4a", "aac", "ipod", 16000),
    "m4a/ALAC": ("clip.m4a", "alac", "ipod", 16000),
    "ADTS/AAC": ("clip.aac", "aac", "adts", 16000),
    "WebM/Opus": ("clip.webm", "libopus", "webm", 48000),
    "Matroska/FLAC": ("clip.mka", "flac", "matroska", 16000),
    "3GP/AMR": ("clip.3gp", "libopencore_amrnb", "3gp", 8000),
    "AMR": ("clip.amr", "libopencore_amrnb", "amr", 8000),
    "WMA": ("clip.wma", "wmav2", "asf", 44100),
    "AC-3": ("clip.ac3", "ac3", "ac3", 48000),
    "MP2": ("clip.mp2", "mp2", "mp2", 16000),
    "MPEG-TS/AAC": ("clip.ts", "aac", "mpegts", 48000),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_container_is_decoded_in_a_child_process(tmp_path, kind):
    name, codec, container, rate = FOREIGN[kind]
    sound = babble(2.0, rate=rate)
    path = encode(tmp_path / name, sound, rate, codec=codec, container=container,
                  bit_rate=12200 if rate == 8000 else 64000)  # fmt: skip
    heard = hear(path, rate)
    first = heard.samples[: len(sound)]
    assert abs(lag(first, sound)) <= 0.08 * rate  # AMR, ADTS and the like keep no count
    assert len(heard.samples) / rate == pytest.approx(2.0, abs=0.13)
    assert heard.facts.provenance.sample_rate == rate
    assert heard.facts.truncated is False


@pytest.mark.parametrize(
    ("suffix", "container", "codec", "rate"),
    [("mp4", "mp4", "aac", 44100), ("mov", "mov", "aac", 48000), ("mkv", "matroska", "aac", 44100),
     ("webm", "matroska", "libopus", 48000), ("avi", "avi", "libmp3lame", 44100)],
)  # fmt: skip
def test_the_sound_of_a_film_is_heard_in_step_with_its_picture(
    tmp_path, suffix, container, codec, rate
):
    sound = babble(2.0, rate=rate)
    film = tmp_path / f"film.{suffix}"
    encode_film(film, sound, rate, codec=codec, container=container)
    heard = hear(film, rate)
    assert abs(lag(heard.samples, sound)) <= 0.03 * rate
    assert likeness(heard.samples[lag(heard.samples, sound) :], sound) > 0.9
    assert len(heard.samples) / rate == pytest.approx(2.0, abs=0.06)


def test_a_film_whose_sound_starts_later_is_quiet_up_to_there(tmp_path):
    sound = babble(1.0, rate=48000)
    film = tmp_path / "film.mkv"
    encode_film(film, sound, 48000, codec="libopus", container="matroska", late_s=1.5)
    heard = hear(film, 48000)
    assert np.abs(heard.samples[: int(1.4 * 48000)]).max() == 0
    assert lag(heard.samples, sound) / 48000 == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize("codec", ["aac", "alac"])
@pytest.mark.parametrize("rate", [16000, 44100])
def test_the_same_clip_as_wav_and_as_m4a_lines_up(tmp_path, codec, rate):
    sound = babble(3.0, rate=rate)
    path = encode(tmp_path / "clip.m4a", sound, rate, codec=codec, container="ipod",
                  bit_rate=64000)  # fmt: skip
    heard = hear(path, rate)
    assert abs(lag(heard.samples, sound)) <= 2
    assert abs(len(heard.samples) - len(sound)) <= 0.002 * rate  # the edit list counts in ms


@pytest.mark.parametrize("codec", ["libmp3lame", "libopus"])
def test_priming_is_cut_from_mp3_and_opus_that_libav_wrote(tmp_path, codec):
    container = {"libmp3lame": "mp3", "libopus": "ogg"}[codec]
    sound = babble(3.0, rate=48000)
    path = encode(tmp_path / "clip", sound, 48000, codec=codec, container=container)
    heard = hear(path, 48000)
    assert abs(lag(heard.samples, sound)) <= 2
    assert abs(len(heard.samples) - len(sound)) <= 2


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_a_tone_keeps_its_pitch_from_any_sample_rate(rate, container):
    heard = hear(wav_bytes(tone(1000, seconds=2.0, rate=rate), rate, container=container))
    assert len(heard.samples) == pytest.approx(2 * 16000, abs=1)
    assert loudest_hz(heard.samples, 16000) == pytest.approx(1000, abs=1)
    assert heard.facts.provenance.sample_rate == rate
    assert heard.facts.duration_s == pytest.approx(2.0)


@pytest.mark.parametrize("wanted", [8000, 16000, 22050, 24000, 48000])
def test_the_rate_that_comes_out_is_the_rate_that_was_asked_for(tmp_path, wanted):
    path = encode(tmp_path / "clip.m4a", tone(1000, seconds=2.0, rate=22050), 22050, codec="aac",
                  container="ipod")  # fmt: skip
    heard = hear(path, wanted)
    assert len(heard.samples) == pytest.approx(2 * wanted, abs=wanted / 200)
    assert loudest_hz(heard.samples, wanted) == pytest.approx(1000, abs=1)


def test_nothing_folds_back_below_the_new_limit_when_the_rate_goes_down():
    heard = hear(wav_bytes(tone(11000, seconds=1.0, rate=48000), 48000, "FLOAT"))
    assert np.abs(heard.samples[800:-800]).max() < 1e-4


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_channels_are_averaged_or_picked(channels, container):
    each = np.stack([babble(seed=number) for number in range(channels)], axis=1)
    data = wav_bytes(each, container=container)
    mixed = hear(data)
    assert mixed.channels == channels
    assert np.abs(mixed.samples - each.mean(axis=1)).max() < 1e-4
    last = hear(data, channel=channels - 1)
    assert np.abs(last.samples - each[:, -1]).max() < 1e-4
    assert last.facts.provenance.channels == channels


@pytest.mark.parametrize(("codec", "container"), [("aac", "ipod"), ("alac", "ipod"),
                                                  ("ac3", "ac3"), ("libopus", "webm")])  # fmt: skip
def test_channels_of_a_foreign_file_keep_their_places(tmp_path, codec, container):
    each = np.stack([babble(2.0, rate=48000, seed=n) for n in range(2)], axis=1)
    path = encode(tmp_path / "clip", each, 48000, codec=codec, container=container,
                  bit_rate=192000)  # fmt: skip
    for number in (0, 1):
        heard = hear(path, 48000, channel=number).samples
        assert likeness(heard[max(0, lag(heard, each[:, number])) :], each[:, number]) > 0.9
        assert abs(likeness(heard, each[:, 1 - number])) < 0.2


def test_eight_channels_of_a_film_are_all_counted(tmp_path):
    each = np.stack([babble(1.0, rate=48000, seed=n) for n in range(8)], axis=1)
    path = encode_film(tmp_path / "film.mkv", each, 48000, codec="flac", container="matroska")
    heard = hear(path, 48000)
    assert heard.channels == 8
    assert likeness(heard.samples, each.mean(axis=1)) > 0.999


def test_a_channel_that_is_not_there_is_refused_with_those_that_are():
    data = wav_bytes(np.zeros((100, 2), np.float32))
    with pytest.raises(AudioError, match=r"bytes: has no channel 2, only 0 to 1"):
        hear(data, channel=2)


def test_the_name_of_a_file_says_nothing_of_what_is_in_it(tmp_path):
    sound = babble()
    for name in ("clip.raw", "clip.mp3", "clip", "clip.txt"):
        path = tmp_path / name
        path.write_bytes(wav_bytes(sound))
        assert np.abs(hear(path).samples - sound).max() < 1e-4
