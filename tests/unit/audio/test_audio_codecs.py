"""A sound that goes through a codec comes back as long as it was, in its place, and changed."""

import io

import numpy as np
import pytest
import soundfile
from recordings import babble, lag, likeness

from earwitness.audio import codecs
from earwitness.audio.codecs import CODECS, codecs_available, transcode
from earwitness.errors import SettingsError

AVAILABLE = codecs_available()


def test_every_codec_of_the_documentation_is_in_this_environment():
    assert list(CODECS) == AVAILABLE


@pytest.mark.parametrize("codec", AVAILABLE)
@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_a_sound_comes_back_from_a_codec_in_its_place(codec, rate):
    sound = babble(2.0, rate=rate)
    heard = transcode(sound, rate, codec)
    assert heard.shape == sound.shape
    assert heard.dtype == np.float32
    # What the codec works at is what can be told: a sample of 8 kHz is six of 48 kHz.
    steps = max(1, rate / min(CODECS[codec].rates[-1], rate))
    assert abs(lag(heard, sound)) <= 2 * steps
    assert not np.array_equal(heard, sound)
    assert likeness(heard, sound) > 0.6


@pytest.mark.parametrize("codec", AVAILABLE)
def test_the_last_tenth_of_a_second_comes_back_too(codec):
    sound = babble(1.0)
    heard = transcode(sound, 16000, codec)
    assert likeness(heard[-1600:], sound[-1600:]) > 0.6


@pytest.mark.parametrize("codec", AVAILABLE)
@pytest.mark.parametrize("count", [0, 1, 100, 7000])
def test_a_short_sound_keeps_its_length(codec, count):
    assert len(transcode(babble(1.0)[:count], 16000, codec)) == count


@pytest.mark.parametrize("codec", AVAILABLE)
def test_what_goes_in_is_not_changed(codec):
    sound = babble(0.5)
    before = sound.copy()
    transcode(sound, 16000, codec)
    assert np.array_equal(sound, before)


@pytest.mark.parametrize("codec", AVAILABLE)
def test_a_sound_beyond_full_scale_is_clipped_not_wrapped(codec):
    sound = 3 * babble(1.0)
    heard = transcode(sound, 16000, codec)
    assert likeness(heard, np.clip(sound, -1, 1)) > 0.6


@pytest.mark.parametrize(
    ("codec", "low", "high"),
    [("mp3", 16_000, 128_000), ("aac", 16_000, 96_000), ("opus", 6_000, 64_000),
     ("vorbis", 16_000, 160_000), ("amr_nb", 4_750, 12_200)],
)  # fmt: skip
def test_more_bits_bring_it_nearer(codec, low, high):
    sound = babble(2.0)
    coarse, fine = (transcode(sound, 16000, codec, bits) for bits in (low, high))
    assert np.std(fine - sound) < np.std(coarse - sound)


def test_a_bit_rate_that_a_codec_does_not_know_becomes_the_nearest():
    sound = babble(0.5, rate=8000)
    near, exact = (transcode(sound, 8000, "amr_nb", bits) for bits in (5_000, 5_150))
    assert np.array_equal(near, exact)


def test_a_codec_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SettingsError, match=r"There is no codec called 'flac'. There are: mp3"):
        transcode(babble(0.1), 16000, "flac")


def test_a_codec_that_was_not_built_in_is_refused_with_those_that_were(monkeypatch):
    monkeypatch.setitem(codecs.CODECS, "speex", codecs.Codec("libspeex_of_old", "ogg", (8000,)))
    assert "speex" not in codecs_available()
    with pytest.raises(SettingsError, match=r"'speex' is not in this build of PyAV. There"):
        transcode(babble(0.1), 16000, "speex")


def test_a_sound_written_as_flac_is_the_same_and_smaller_than_a_wav():
    sound = 1.5 * babble(1.0)
    written = codecs.as_flac(sound, 16000)
    heard, rate = soundfile.read(io.BytesIO(written), dtype="float32")
    assert (written[:4], rate) == (b"fLaC", 16000)
    assert np.abs(heard - np.clip(sound, -1, 1)).max() < 1e-4
    assert len(written) < 2 * len(sound)
