"""Headers: what the first and last bytes of a file tell of its format."""

import numpy as np
import pytest
import soundfile
from made_voices import voice, written

from earwitness.audio.codecs import transcode  # noqa: F401 - PyAV is asked for here, too
from earwitness.errors import EmptyAudio, UnreadableAudio
from earwitness.evaluation.audit.hearing.glance import UNKNOWN, glance

SOUND = voice(seconds=1.0)


@pytest.mark.parametrize(
    ("name", "subtype", "told"),
    [
        ("a.wav", "PCM_16", ("wav", "pcm_16", 16000, 16, 1)),
        ("a.wav", "PCM_24", ("wav", "pcm_24", 16000, 24, 1)),
        ("a.wav", "FLOAT", ("wav", "float_32", 16000, 32, 1)),
        ("a.wav", "ULAW", ("wav", "mulaw", 16000, 8, 1)),
        ("a.flac", "PCM_16", ("flac", "flac", 16000, 16, 1)),
        ("a.flac", "PCM_24", ("flac", "flac", 16000, 24, 1)),
        ("a.ogg", "VORBIS", ("ogg", "vorbis", 16000, None, 1)),
        ("a.ogg", "OPUS", ("ogg", "opus", 16000, None, 1)),
        ("a.mp3", None, ("mp3", "mp3", 16000, None, 1)),
    ],
)
def test_a_header_tells_container_codec_rate_bits_channels_and_length(
    tmp_path, name, subtype, told
) -> None:
    seen = glance(written(tmp_path / name, SOUND, subtype=subtype))
    assert (seen.container, seen.codec, seen.sample_rate, seen.bit_depth, seen.channels) == told
    assert seen.duration_s == pytest.approx(1.0, abs=0.06)
    assert seen.size == (tmp_path / name).stat().st_size


def test_channels_and_rates_are_those_of_the_file(tmp_path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([SOUND, SOUND], axis=1), 44100)
    seen = glance(path)
    assert (seen.sample_rate, seen.channels) == (44100, 2)
    assert seen.duration_s == pytest.approx(16000 / 44100)


def test_an_extensible_header_hides_no_codec(tmp_path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, SOUND, 16000, "PCM_24", format="WAVEX")
    assert glance(path).codec == "pcm_24"


def test_the_encoder_tag_is_read(tmp_path) -> None:
    assert "libFLAC" in (glance(written(tmp_path / "a.flac", SOUND)).encoder or "")


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "mp4"),
        (b"FORM\0\0\0\0AIFF", "aiff"),
        (b"#!AMR\n", "amr"),
        (b"hello, I am a text", UNKNOWN),
        (b"ID3\x03\0\0\0\0\0\0", UNKNOWN),
        (b"OggS" + bytes(60), "ogg"),
        (b"RIFF\0\0\0\0WAVE", "wav"),
        (b"fLaC", "flac"),
    ],
)
def test_what_is_not_read_here_has_a_container_at_most(tmp_path, head, container) -> None:
    path = tmp_path / "clip"
    path.write_bytes(head)
    seen = glance(path)
    assert (seen.container, seen.duration_s) == (container, None)


def test_a_file_that_cannot_be_opened_is_an_audio_error(tmp_path) -> None:
    with pytest.raises(UnreadableAudio, match="there is no such file"):
        glance(tmp_path / "none.wav")
    (tmp_path / "empty.wav").touch()
    with pytest.raises(EmptyAudio, match="has no bytes"):
        glance(tmp_path / "empty.wav")
