"""Paths, bytes, streams, pipes and arrays all come in, and say which of them is wrong."""

import io
import os
import stat
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from recordings import babble, encode, hear, wav_bytes

from earwitness.audio import source as source_module
from earwitness.audio.read import channel_count, open_recording
from earwitness.audio.source import name_of, stored
from earwitness.errors import EmptyAudio, SettingsError, UnreadableAudio
from earwitness.records import Waveform

SOUND = babble()


@pytest.fixture
def wav(tmp_path) -> Path:
    path = tmp_path / "clip.wav"
    path.write_bytes(wav_bytes(SOUND, subtype="FLOAT"))
    return path


@pytest.mark.parametrize("form", [Path, str])
def test_a_path_keeps_the_name_that_was_given(wav, form):
    heard = hear(form(wav))
    assert np.array_equal(heard.samples, SOUND)
    assert heard.facts.source == str(wav)
    assert heard.facts.sha256 == _sha256(wav)


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview])
def test_bytes_are_as_good_as_the_file(wav, form):
    heard = hear(form(wav.read_bytes()))
    assert np.array_equal(heard.samples, SOUND)
    assert heard.facts.source == "bytes"
    assert heard.facts.sha256 == _sha256(wav)


def test_an_open_file_goes_by_its_own_name(wav):
    with wav.open("rb") as file:
        heard = hear(file)
    assert np.array_equal(heard.samples, SOUND)
    assert heard.facts.source == str(wav)
    assert heard.facts.sha256 == _sha256(wav)


def test_a_stream_without_a_name_is_called_a_stream(wav):
    assert hear(io.BytesIO(wav.read_bytes())).facts.source == "stream"
    with open(os.open(wav, os.O_RDONLY), "rb") as file:  # its name is a number
        assert hear(file).facts.source == "stream"


def test_a_stream_that_gives_a_little_at_a_time_is_read_to_its_end(wav):
    class Dribble(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1000 if size and size > 0 else -1)

    heard = hear(Dribble(wav.read_bytes()))
    assert np.array_equal(heard.samples, SOUND)


@pytest.mark.parametrize("name", ["clip.wav", "clip.m4a"])
def test_a_long_stream_is_spooled_to_a_file_that_is_gone_afterwards(tmp_path, monkeypatch, name):
    path = tmp_path / name
    if name.endswith("wav"):
        path.write_bytes(wav_bytes(SOUND))
    else:
        encode(path, SOUND, 16000, codec="aac", container="ipod")
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(source_module, "SPOOL_ABOVE", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    with path.open("rb") as file, open_recording(file, sample_rate=16000) as recording:
        assert len(list(spool.iterdir())) == 1
        assert sum(map(len, recording.blocks())) == pytest.approx(16000, abs=40)
        assert recording.facts().sha256 == _sha256(path)
    assert list(spool.iterdir()) == []


def test_the_spool_file_is_gone_where_the_stream_is_no_recording(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "SPOOL_ABOVE", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(UnreadableAudio, match="stream: no decoder makes sense of it"):
        hear(io.BytesIO(b"nothing that sounds\n" * 1000))
    assert list(tmp_path.iterdir()) == []


def test_every_source_has_the_name_that_its_recording_bears(wav):
    with wav.open("rb") as file:
        sources = (wav, str(wav), wav.read_bytes(), Waveform(SOUND, 16000, "mine"), file)
        for source in sources:
            assert name_of(source) == hear(source).facts.source


@pytest.mark.parametrize("container", ["WAV", "m4a"])
def test_a_file_name_may_hold_any_bytes_that_the_system_allows(tmp_path, container):
    for raw in ("ünï©ødé 音声.x".encode(), b"lat\xedn.x", b" two\nlines.x", b"'quote\".x"):
        path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), raw)))
        try:
            path.touch()
        except OSError:
            continue  # not on every file system
        if container == "WAV":
            path.write_bytes(wav_bytes(SOUND))
        else:
            encode(tmp_path / "plain", SOUND, 16000, codec="aac", container="ipod").replace(path)
        assert len(hear(path).samples) == pytest.approx(len(SOUND), abs=40)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_read_like_a_file(tmp_path, wav):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(wav.read_bytes(),))
    writer.start()
    heard = hear(pipe)
    writer.join()
    assert np.array_equal(heard.samples, SOUND)
    assert heard.facts.source == str(pipe)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_that_nothing_comes_through_is_empty(tmp_path):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"",))
    writer.start()
    with pytest.raises(EmptyAudio, match=r"pipe\.wav: there are no bytes in it"):
        hear(pipe)
    writer.join()


@pytest.mark.parametrize(
    ("dtype", "scale", "middle"),
    [("f4", 1, 0), ("f8", 1, 0), ("f2", 1, 0), ("i2", 2**15, 0), ("i4", 2**31, 0),
     ("u1", 2**7, 2**7)],
)  # fmt: skip
def test_an_array_of_any_numeric_type_is_scaled_to_one(dtype, scale, middle):
    wave = np.array([-0.5, 0, 0.25, 0.5])
    heard = hear(Waveform((wave * scale + middle).astype(dtype), 16000, "mine"))
    assert heard.samples.tolist() == wave.tolist()
    assert heard.facts.source == "mine"
    assert heard.samples.dtype == np.float32


def test_an_array_is_hashed_by_its_samples_whatever_their_layout():
    stereo = np.stack([SOUND, -0.5 * SOUND], axis=1)
    straight, turned = (hear(Waveform(x, 16000)) for x in (stereo, np.asfortranarray(stereo)))
    assert straight.facts.sha256 == turned.facts.sha256
    assert np.allclose(straight.samples, 0.25 * SOUND)
    assert straight.facts.provenance.container is None


@pytest.mark.parametrize("shape", [(0,), (0, 2), (10, 0), (2, 3, 4), ()])
def test_an_array_that_holds_no_sound_is_refused_with_its_shape(shape):
    with pytest.raises(
        EmptyAudio, match=r"array: an array of shape \(.*\) holds no sound"
    ) as error:
        hear(Waveform(np.zeros(shape, np.float32), 16000))
    assert str(shape) in str(error.value)


@pytest.mark.parametrize("rate", [0, -1, 7, 10**7])
def test_an_array_at_a_rate_that_cannot_be_meant_is_refused(rate):
    with pytest.raises(UnreadableAudio, match=f"claims a sample rate of {rate} Hz"):
        hear(Waveform(SOUND, rate))


REFUSED = {
    "missing": (UnreadableAudio, "there is no such file. Is the path right?"),
    "folder": (UnreadableAudio, "is a folder. Give the files in it"),
    "empty": (EmptyAudio, "the file has no bytes in it. Was it copied to the end?"),
    "long name": (UnreadableAudio, "cannot be opened (File name too long)"),
    "zero byte": (UnreadableAudio, "cannot be opened (embedded null"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_file_is_refused_in_one_sentence(tmp_path, case):
    path = {
        "missing": tmp_path / "gone.wav", "folder": tmp_path, "empty": tmp_path / "empty.wav",
        "long name": tmp_path / ("x" * 300), "zero byte": tmp_path / "a\0b.wav",
    }[case]  # fmt: skip
    (tmp_path / "empty.wav").touch()
    kind, sentence = REFUSED[case]
    with pytest.raises(kind) as error:
        hear(path)
    assert str(error.value).startswith(f"{path}: {sentence}")
    assert "\n" not in str(error.value)


def test_a_file_that_may_not_be_read_says_so(wav, monkeypatch):
    wav.chmod(0)
    if os.access(wav, os.R_OK):  # the superuser may read everything
        refusal = PermissionError(13, "Permission denied")
        monkeypatch.setattr(Path, "open", _raiser(refusal))
    with pytest.raises(UnreadableAudio, match=r"clip\.wav: may not be read. Change its permission"):
        hear(wav)
    wav.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_a_file_that_vanishes_while_it_is_read_does_not_end_in_a_traceback(tmp_path, wav):
    wav.write_bytes(wav_bytes(np.zeros(16000 * 25, np.float32)))
    with open_recording(wav, sample_rate=16000) as recording:
        blocks = recording.blocks()
        next(blocks)
        wav.unlink()
        assert sum(map(len, blocks)) > 0
        with pytest.raises(UnreadableAudio, match="there is no such file"):
            recording.facts()


def test_a_text_stream_is_refused_with_the_remedy():
    with pytest.raises(UnreadableAudio, match=r"stream: gives text, not bytes. Open it in binary"):
        hear(io.StringIO("RIFF"))


@pytest.mark.parametrize("source", [b"", io.BytesIO(b"")])
def test_no_bytes_at_all_are_empty(source):
    with pytest.raises(EmptyAudio, match=r"there are no bytes in it. Was something sent"):
        hear(source)


def test_standard_input_is_a_stream_like_any_other(wav, monkeypatch):
    with wav.open("rb", buffering=0) as raw:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(raw)))
        assert np.array_equal(hear(sys.stdin.buffer).samples, SOUND)


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG", "MP3", "m4a"])
@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.5, 1.25), (10.5, 11.0), (11.0, 99.0)])
def test_a_range_gives_the_same_samples_as_cutting_the_whole(tmp_path, container, start, end):
    path = _twelve_seconds(tmp_path, container)
    whole, part = hear(path), hear(path, time_range=(start, end))
    expected = whole.samples[round(start * 16000) : round(end * 16000)]
    assert len(part.samples) == len(expected)
    assert np.abs(part.samples - expected).max() < 1e-4
    assert part.facts.duration_s == pytest.approx(min(end, len(whole.samples) / 16000) - start)
    assert part.facts.truncated is False
    assert part.expected_s == pytest.approx(part.facts.duration_s, abs=0.2)


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG", "m4a"])
def test_a_range_behind_the_end_is_empty_and_says_where_it_starts(tmp_path, container):
    path = _twelve_seconds(tmp_path, container)
    with pytest.raises(EmptyAudio, match=r"ends before 20 s, where the range starts"):
        hear(path, time_range=(20.0, 30.0))


def test_a_range_counts_in_the_rate_of_the_file_not_in_the_models(tmp_path):
    sound = babble(3.0, rate=22050)
    part = hear(wav_bytes(sound, 22050, "FLOAT"), 22050, time_range=(1.0, 2.0))
    assert np.array_equal(part.samples, sound[22050:44100])


def test_a_range_shorter_than_a_sample_gives_one_sample():
    assert len(hear(wav_bytes(SOUND), time_range=(0.5, 0.5 + 1e-9)).samples) == 1


@pytest.mark.parametrize("wanted", [(2.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_a_range_that_runs_backwards_is_refused(wanted):
    with pytest.raises(SettingsError, match="A range runs forwards from 0 s or later, but got"):
        hear(wav_bytes(SOUND), time_range=wanted)


def test_a_rate_that_is_not_positive_is_refused():
    with pytest.raises(SettingsError, match="sample_rate must be positive, but got 0"):
        hear(wav_bytes(SOUND), 0)


def test_channels_can_be_counted_before_they_are_read(tmp_path):
    five = np.zeros((1000, 6), np.float32)
    assert channel_count(wav_bytes(five)) == 6
    assert (
        channel_count(encode(tmp_path / "c.m4a", five, 48000, codec="aac", container="ipod")) == 6
    )
    assert channel_count(Waveform(np.zeros(5, np.float32), 8000)) == 1


def test_a_stored_source_can_be_opened_twice(wav):
    held = stored(wav)
    with held.open() as first, held.open() as second:
        assert first.read() == second.read()


def test_what_was_in_a_recording_is_not_told_before_it_was_read():
    with (
        open_recording(wav_bytes(SOUND), sample_rate=16000) as recording,
        pytest.raises(RuntimeError, match="Read all blocks"),
    ):
        recording.facts()


@pytest.mark.parametrize("container", ["WAV", "MP3", "m4a"])
def test_the_length_to_expect_is_known_before_the_end(tmp_path, container):
    with open_recording(_twelve_seconds(tmp_path, container), sample_rate=16000) as recording:
        assert recording.expected_s == pytest.approx(12.0, abs=0.3)


def _twelve_seconds(folder: Path, container: str) -> Path:
    sound = babble(12.0)
    if container == "m4a":
        return encode(folder / "clip.m4a", sound, 16000, codec="aac", container="ipod")
    path = folder / "clip"
    subtype = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}.get(container, "PCM_16")
    path.write_bytes(wav_bytes(sound, subtype=subtype, container=container))
    return path


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def _raiser(error: Exception):
    def refuse(*args, **kwargs):
        raise error

    return refuse
