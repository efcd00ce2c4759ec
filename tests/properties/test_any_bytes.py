"""Any bytes at all end in a recording that can be read, or in an AudioError; in nothing else."""

import io
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from earwitness.audio.read import open_recording
from earwitness.errors import AudioError

RATE = 8000
SOUND = (0.3 * np.random.default_rng(0).standard_normal(RATE // 2)).clip(-1, 1).astype(np.float32)
WRITTEN_BY_SOUNDFILE = [
    ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "ULAW"), ("WAV", "GSM610"), ("WAV", "MS_ADPCM"),
    ("RF64", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16"), ("CAF", "PCM_16"), ("AU", "PCM_16"),
    ("W64", "PCM_16"), ("VOC", "PCM_U8"),
]  # fmt: skip
WRITTEN_BY_LIBAV = [
    ("ipod", "aac"), ("ipod", "alac"), ("3gp", "libopencore_amrnb"), ("amr", "libopencore_amrnb"),
    ("webm", "libopus"), ("matroska", "flac"), ("mp3", "libmp3lame"), ("ogg", "libopus"),
    ("adts", "aac"), ("mpegts", "aac"), ("avi", "libmp3lame"), ("flv", "libmp3lame"),
    ("mov", "pcm_s16le"), ("tta", "tta"), ("wv", "wavpack"),
]  # fmt: skip
FLV_TAKES = 44100


def by_soundfile(container: str, subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SOUND, RATE, subtype, format=container)
    return file.getvalue()


def by_libav(container: str, codec: str) -> bytes:
    rate = {"libopus": 48000}.get(codec, FLV_TAKES if container == "flv" else RATE)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(SOUND[None], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        stream.codec_context.open()
        form = av.AudioResampler(stream.codec_context.format, "mono", rate, stream.frame_size)
        for piece in [*form.resample(frame), *form.resample(None), None]:
            out.mux(stream.encode(piece))
    return file.getvalue()


FILES = [
    *(by_soundfile(*kind) for kind in WRITTEN_BY_SOUNDFILE),
    *(by_libav(*kind) for kind in WRITTEN_BY_LIBAV),
]
MAGIC = [b"RIFF", b"WAVE", b"fmt ", b"data", b"fLaC", b"OggS", b"ID3", b"ftyp", b"moov", b"mdat",
         b"\x1aE\xdf\xa3", b"\xff\xfb", b"#!AMR\n", b"OpusHead", b"caff", b"FORM", b"RF64", b".snd",
         b"\xff\xff\xff\xff", b"\0\0\0\0"]  # fmt: skip


@st.composite
def damaged_files(draw: Callable) -> bytes:
    data = bytearray(draw(st.sampled_from(FILES)))
    in_front = st.integers(0, 200)  # that is where the headers are
    anywhere = st.integers(0, len(data))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.one_of(in_front, anywhere))
        what = draw(st.sampled_from(["cut", "set", "flip", "insert", "remove", "repeat"]))
        if what == "cut":
            del data[at:]
        elif what == "set":
            data[at : at + 4] = draw(st.sampled_from(MAGIC))
        elif what == "flip":
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif what == "insert":
            data[at:at] = draw(st.binary(max_size=40))
        elif what == "remove":
            del data[at : at + draw(st.integers(1, 2000))]
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 2000))]
    return bytes(data)


random_bytes = st.lists(st.one_of(st.sampled_from(MAGIC), st.binary(max_size=60)), max_size=12)


def must_end_well(data: bytes) -> None:
    refusal = None
    try:
        with open_recording(data, sample_rate=16000) as recording:
            for block in recording.blocks():
                assert block.dtype == np.float32
                assert block.ndim == 1
                assert np.isfinite(block).all()
            facts, notes = recording.facts(), recording.notes()
    except AudioError as exc:
        refusal = str(exc)
    if refusal is not None:
        assert refusal.startswith("bytes: ")
        assert "\n" not in refusal
        return
    assert facts.duration_s > 0
    assert 0 <= notes.music_share <= 1
    assert 0 <= notes.clipped_share <= 1
    assert not np.isnan(notes.level_dbfs)
    assert notes.bandwidth_hz is None or 0 < notes.bandwidth_hz <= facts.provenance.sample_rate / 2


@settings(max_examples=200)
@given(damaged_files())
def test_a_damaged_file_is_read_or_refused(data):
    must_end_well(data)


@settings(max_examples=100)
@given(random_bytes.map(b"".join))
def test_random_bytes_are_read_or_refused(data):
    must_end_well(data)


@pytest.mark.slow
@settings(max_examples=4000)
@given(st.one_of(damaged_files(), random_bytes.map(b"".join)))
def test_thousands_of_damaged_files_are_read_or_refused(data):
    must_end_well(data)


@pytest.mark.parametrize("data", FILES, ids=[str(kind) for kind in
                         (*WRITTEN_BY_SOUNDFILE, *WRITTEN_BY_LIBAV)])  # fmt: skip
def test_each_file_is_read_before_it_is_damaged(data):
    with open_recording(data, sample_rate=16000) as recording:
        assert sum(map(len, recording.blocks())) > 1000
        assert recording.facts().truncated is False
