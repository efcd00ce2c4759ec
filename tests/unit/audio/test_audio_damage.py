"""What is damaged is read as far as it goes and marked; what is no recording is refused."""

import itertools
import struct

import numpy as np
import pytest
import soundfile
from recordings import babble, encode, encode_film, hear, lag, likeness, wav_bytes

from earwitness.errors import AudioError, EmptyAudio, UnreadableAudio
from earwitness.records import Waveform

SOUND = babble(3.0)
DATA_SIZE_AT, RIFF_SIZE_AT = 40, 4  # in the plain header of 44 bytes
UNKNOWN = 0xFFFFFFFF


def with_sizes(data, *, riff, chunk):
    out = bytearray(data)
    struct.pack_into("<I", out, RIFF_SIZE_AT, riff)
    struct.pack_into("<I", out, DATA_SIZE_AT, chunk)
    return bytes(out)


def plain_wav(sound=SOUND):
    """Give a header of exactly 44 bytes and the samples."""
    pcm = np.rint(sound * 32767).astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1,
                       16000, 32000, 2, 16, b"data", len(pcm))  # fmt: skip
    return head + pcm


@pytest.mark.parametrize(
    ("riff", "chunk"),
    [(UNKNOWN, UNKNOWN), (UNKNOWN, UNKNOWN - 36), (0, 0), (36, 0), (0, UNKNOWN),
     (0x7FFFFFFF, 0x7FFFFFDB)],
)  # fmt: skip
def test_a_streamed_wav_is_read_to_its_end_and_marked(riff, chunk):
    heard = hear(with_sizes(plain_wav(), riff=riff, chunk=chunk))
    assert np.abs(heard.samples - SOUND).max() < 1e-4
    assert heard.facts.truncated is True


def test_a_wav_whose_riff_size_alone_is_wrong_is_whole():
    data = plain_wav()
    heard = hear(with_sizes(data, riff=UNKNOWN, chunk=len(data) - 44))
    assert len(heard.samples) == len(SOUND)
    assert heard.facts.truncated is False


def test_a_wav_header_that_claims_4_gb_gives_the_kilobyte_that_is_there(tmp_path):
    path = tmp_path / "claims.wav"
    path.write_bytes(with_sizes(plain_wav(), riff=0xFFFFFFF0, chunk=0xFFFFFFC0)[: 44 + 1024])
    heard = hear(path)
    assert np.abs(heard.samples - SOUND[:512]).max() < 1e-4
    assert heard.facts.truncated is True


def test_an_rf64_file_is_measured_by_its_long_header():
    data = wav_bytes(SOUND, container="RF64")
    assert data[:4] == b"RF64"
    assert hear(data).facts.truncated is False
    cut = hear(data[: len(data) // 2])
    assert len(cut.samples) == pytest.approx(len(SOUND) / 2, abs=100)
    assert cut.facts.truncated is True


def test_a_big_endian_wav_is_a_wav_too(tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, SOUND, 16000, "PCM_16", endian="BIG")
    assert path.read_bytes()[:4] == b"RIFX"
    heard = hear(path)
    assert np.abs(heard.samples - SOUND).max() < 1e-4
    assert heard.facts.truncated is False


KINDS = {
    "WAV": ("PCM_16", 0.01), "FLAC": ("PCM_16", 0.7), "OGG": ("VORBIS", 2.0),
    "MP3": ("MPEG_LAYER_III", 0.5),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(kind):
    subtype, slack_s = KINDS[kind]
    sound = babble(12.0)
    data = wav_bytes(sound, subtype=subtype, container=kind)
    heard = hear(data[: len(data) * 2 // 3])
    assert heard.facts.duration_s == pytest.approx(8.0, abs=slack_s)
    assert likeness(heard.samples, sound) > 0.9
    assert heard.facts.truncated is True


def test_a_file_that_was_cut_off_before_its_first_sample_asks_for_the_rest():
    data = wav_bytes(SOUND, subtype="VORBIS", container="OGG")
    with pytest.raises(UnreadableAudio, match=r"bytes: no decoder .* was it copied to the end\?"):
        hear(data[:6000])  # in the first page with sound


@pytest.mark.parametrize(
    ("name", "codec", "container", "options"),
    [
        ("clip.m4a", "aac", "ipod", {"movflags": "faststart"}),
        ("clip.webm", "libopus", "webm", {}),
        ("clip.mka", "flac", "matroska", {}),
        ("clip.mp3", "libmp3lame", "mp3", {}),
        ("clip.mp3", "libmp3lame", "mp3", {"write_xing": "0"}),
        ("clip.opus", "libopus", "ogg", {}),
    ],
)
def test_a_foreign_file_that_was_cut_off_is_read_as_far_as_it_goes(
    tmp_path, name, codec, container, options
):
    sound = babble(12.0, rate=48000)
    path = encode(tmp_path / name, sound, 48000, codec=codec, container=container,
                  options=options)  # fmt: skip
    assert hear(path, 48000).facts.truncated is False
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    heard = hear(path, 48000)
    assert 6.5 < heard.facts.duration_s < 9.0
    late = lag(heard.samples, sound[: len(heard.samples)])
    assert 0 <= late <= 1200  # without an Info frame nothing tells the priming of an MP3
    assert likeness(heard.samples[late:], sound) > 0.8
    assert heard.facts.truncated is True


def test_an_mp4_whose_table_was_never_written_is_refused(tmp_path):
    path = encode(tmp_path / "clip.m4a", SOUND, 16000, codec="aac", container="ipod")
    data = path.read_bytes()
    path.write_bytes(data[: data.rfind(b"moov") - 4])
    with pytest.raises(UnreadableAudio, match=r"clip\.m4a: no decoder makes sense .*copied to the"):
        hear(path)


def test_a_hole_in_the_middle_costs_the_hole(tmp_path):
    sound = babble(20.0)
    path = encode(tmp_path / "clip.mp3", sound, 16000, codec="libmp3lame", container="mp3")
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 2000] = bytes(2000)
    path.write_bytes(data)
    heard = hear(path)
    assert heard.facts.duration_s > 19
    assert likeness(heard.samples[:100_000], sound[:100_000]) > 0.9


def test_a_range_before_the_cut_is_whole_and_one_across_it_is_not():
    for container in ("WAV", "FLAC"):
        data = wav_bytes(SOUND, container=container)
        cut = data[: len(data) * 2 // 3]
        assert hear(cut, time_range=(0.0, 1.0)).facts.truncated is False
        assert hear(cut, time_range=(1.0, 2.9)).facts.truncated is True
        with pytest.raises(EmptyAudio, match=r"ends before 2\.5 s"):
            hear(cut, time_range=(2.5, 2.9))


def test_tags_behind_the_sound_are_no_damage():
    wav = plain_wav() + b"LIST" + struct.pack("<I", 4) + b"INFO"
    mp3 = wav_bytes(SOUND, subtype="MPEG_LAYER_III", container="MP3") + b"TAG" + bytes(125)
    for data in (wav, mp3):
        assert hear(data).facts.truncated is False


NO_RECORDING = {
    "text": b"This is only a text.\n" * 100,
    "zeros": bytes(5000),
    "one byte": b"R",
    "half a header": b"RIFF\x10\x00\x00\x00WAVE",
    "html": b"<!DOCTYPE html><html><body>Not found</body></html>",
    "playlist": b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "concat script": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "zip": b"PK\x03\x04" + bytes(200),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(500),
}


@pytest.mark.parametrize("kind", NO_RECORDING)
def test_what_is_no_recording_is_refused_in_one_sentence(tmp_path, kind):
    path = tmp_path / "clip.wav"
    path.write_bytes(NO_RECORDING[kind])
    with pytest.raises(AudioError, match=r"clip\.wav: .*Is it") as error:
        hear(path)
    assert "\n" not in str(error.value)
    assert error.value.code in ("audio.unreadable", "audio.empty")


def test_text_named_wav_is_unreadable_and_asks_whether_it_is_audio(tmp_path):
    path = tmp_path / "speech.wav"
    path.write_text("Four score and seven years ago\n" * 50)
    with pytest.raises(UnreadableAudio, match=r"speech\.wav: no decoder .* Is it an audio file"):
        hear(path)


def test_a_film_without_sound_is_empty_and_asks_for_the_right_one(tmp_path):
    for suffix, container in (("mp4", "mp4"), ("mov", "mov"), ("mkv", "matroska")):
        film = encode_film(
            tmp_path / f"film.{suffix}", SOUND, 16000, codec=None, container=container
        )
        with pytest.raises(EmptyAudio, match=r"film\.\w+: .*no audio stream.*Is it the right file"):
            hear(film)


@pytest.mark.parametrize(
    ("container", "subtype"),
    [("WAV", "FLOAT"), ("RF64", "PCM_16"), ("OGG", "VORBIS"), ("AIFF", "PCM_16")],
)  # fmt: skip
def test_a_file_with_a_header_and_no_sample_is_empty(container, subtype):
    data = wav_bytes(np.zeros(0, np.float32), subtype=subtype, container=container)
    with pytest.raises(EmptyAudio, match=r"bytes: there is no sound in it .* the right file"):
        hear(data)


def test_a_header_that_claims_an_impossible_rate_is_damaged():
    data = bytearray(plain_wav())
    struct.pack_into("<I", data, 24, 2)
    with pytest.raises(
        UnreadableAudio, match=r"claims a sample rate of 2 Hz. Its header is damage"
    ):
        hear(bytes(data))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_sound_become_zero_and_are_counted(bad):
    sound = SOUND.copy()
    sound[[5, 100, 20000]] = bad
    for source in (wav_bytes(sound, subtype="FLOAT"), Waveform(sound, 16000)):
        heard = hear(source)
        assert heard.notes.non_finite == 3
        assert heard.samples[[5, 100, 20000]].tolist() == [0, 0, 0]
        rest = np.delete(heard.samples - SOUND, [5, 100, 20000])
        assert np.abs(rest).max() == 0
        assert np.isfinite(heard.notes.level_dbfs)


def test_doubles_too_large_for_a_float_are_replaced_too():
    heard = hear(Waveform(np.array([0.5, 1e300, -1e300, 0.25]), 16000))
    assert heard.samples.tolist() == [0.5, 0, 0, 0.25]
    assert heard.notes.non_finite == 2


def test_a_recording_of_nothing_but_nan_is_silence():
    heard = hear(Waveform(np.full(16000, np.nan, np.float32), 16000))
    assert heard.notes.level_dbfs == -np.inf
    assert heard.notes.non_finite == 16000
    assert heard.samples.max() == 0


def test_files_that_were_joined_are_read_beyond_the_first(tmp_path):
    one = encode(tmp_path / "one.mp3", SOUND, 16000, codec="libmp3lame", container="mp3")
    joined = one.read_bytes() * 12  # so much longer that the first part's count cannot be meant
    assert hear(joined).facts.duration_s == pytest.approx(36, abs=1.5)


def test_chained_ogg_streams_are_read_one_after_another():
    first, second = (wav_bytes(SOUND, subtype="VORBIS", container="OGG") for _ in range(2))
    assert first[14:18] != second[14:18]  # the serial numbers
    assert hear(first + second).facts.duration_s == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("second", [(48000, 1), (44100, 2), (22050, 2)])
def test_a_stream_that_changes_its_form_goes_on_in_the_first_one(tmp_path, second):
    rate, channels = second
    one = encode(tmp_path / "one.aac", babble(2.0, rate=44100), 44100, codec="aac",
                 container="adts")  # fmt: skip
    sound = np.repeat(babble(3.0, rate=rate)[:, None], channels, axis=1)
    other = encode(tmp_path / "other.aac", sound, rate, codec="aac", container="adts")
    heard = hear(one.read_bytes() + other.read_bytes(), 44100)
    assert heard.facts.duration_s == pytest.approx(5.0, abs=0.2)
    assert heard.channels == 1
    assert np.abs(heard.samples[-44100:]).max() > 0.1


@pytest.mark.parametrize("kind", ["FLAC", "mka", "m4a"])
def test_damage_in_the_middle_leaves_the_rest_audible(tmp_path, kind):
    sound = babble(20.0)
    if kind == "FLAC":
        data = bytearray(wav_bytes(sound, container="FLAC"))
    else:
        codec, container = {"mka": ("flac", "matroska"), "m4a": ("aac", "ipod")}[kind]
        path = encode(tmp_path / "clip", sound, 16000, codec=codec, container=container)
        data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 300] = bytes(byte ^ 0xA5 for byte in data[half : half + 300])
    heard = hear(bytes(data))
    assert heard.facts.duration_s > 9
    assert likeness(heard.samples[:96_000], sound[:96_000]) > 0.9
    assert np.abs(heard.samples).max() < 2


def test_a_packet_that_cannot_be_decoded_at_the_end_marks_the_recording(tmp_path):
    path = encode(tmp_path / "clip.m4a", babble(20.0), 16000, codec="alac", container="ipod",
                  options={"movflags": "faststart"})  # fmt: skip
    data = bytearray(path.read_bytes())
    data[-2000:] = b"\xff" * 2000
    assert hear(bytes(data)).facts.truncated is True


def test_an_mp4_that_understates_its_length_is_heard_to_its_end(tmp_path):
    path = encode(tmp_path / "clip.m4a", babble(12.0), 16000, codec="aac", container="ipod")
    data = bytearray(path.read_bytes())
    length_at = data.find(b"mdhd") + 20
    (length,) = struct.unpack_from(">I", data, length_at)
    assert length == pytest.approx(12 * 16000, abs=2048)
    struct.pack_into(">I", data, length_at, length // 3)
    assert hear(bytes(data)).facts.duration_s == pytest.approx(12.0, abs=0.1)


def failing(method, *, after):
    """Make a method of soundfile fail once it has worked ``after`` times."""
    calls = itertools.count()

    def call(*args, **kwargs):
        if next(calls) >= after:
            raise soundfile.LibsndfileError(2, "broken: ")
        return method(*args, **kwargs)

    return call


def test_a_read_error_in_the_middle_keeps_what_was_heard(monkeypatch):
    monkeypatch.setattr(soundfile.SoundFile, "read", failing(soundfile.SoundFile.read, after=2))
    heard = hear(wav_bytes(babble(35.0)))
    assert heard.facts.duration_s == pytest.approx(20.0)
    assert heard.facts.truncated is True


def test_a_read_error_at_the_start_leaves_the_file_to_libav(monkeypatch):
    monkeypatch.setattr(soundfile.SoundFile, "read", failing(soundfile.SoundFile.read, after=0))
    heard = hear(wav_bytes(SOUND))
    assert np.abs(heard.samples - SOUND).max() < 1e-4
    assert heard.facts.provenance.codec == "pcm_s16le"


def test_a_place_that_cannot_be_gone_to_has_no_sound(monkeypatch):
    monkeypatch.setattr(soundfile.SoundFile, "seek", failing(soundfile.SoundFile.seek, after=0))
    with pytest.raises(EmptyAudio, match=r"ends before 1 s, where the range starts"):
        hear(wav_bytes(SOUND), time_range=(1.0, 2.0))
