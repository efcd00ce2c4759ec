"""Container, codec, encoder and C2PA manifest are told from the bytes, and only told."""

import struct

import numpy as np
import pytest
from recordings import babble, encode, hear, wav_bytes

from earwitness.audio.headers import mp3 as mp3_headers
from earwitness.audio.headers.flac import comment_encoder
from earwitness.audio.headers.header import Header, text
from earwitness.audio.headers.mp3 import tag_size
from earwitness.audio.headers.sniff import read_header
from earwitness.audio.source import stored

SOUND = babble(1.0)
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
MANIFEST = b"\0\0\0\x28jumb\0\0\0\x20jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0\0\0"


def header(data: bytes) -> Header:
    return read_header(stored(data))


def riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def with_chunk(name: bytes, body: bytes, *, in_front=False) -> bytes:
    data = wav_bytes(SOUND)
    chunk = riff_chunk(name, body)
    return data[:12] + chunk + data[12:] if in_front else data + chunk


def id3(frame: bytes, body: bytes, *, footer=False) -> bytes:
    frames = frame + struct.pack(">I", len(body)) + b"\0\0" + body
    size = len(frames)
    sized = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    head = b"ID3\x04\0" + (b"\x10" if footer else b"\0") + sized + frames
    return head + b"3DI\x04\0\x10" + sized if footer else head


def mp3() -> bytes:
    return wav_bytes(SOUND, subtype="MPEG_LAYER_III", container="MP3")


@pytest.mark.parametrize(
    ("name", "codec", "container", "its_name", "its_codec"),
    [("c.m4a", "aac", "ipod", "mp4", "aac"), ("c.mov", "aac", "mov", "mov", "aac"),
     ("c.3gp", "libopencore_amrnb", "3gp", "3gp", "amrnb"),
     ("c.amr", "libopencore_amrnb", "amr", "amr", "amrnb"),
     ("c.webm", "libopus", "webm", "webm", "opus"),
     ("c.mka", "flac", "matroska", "matroska", "flac"),
     ("c.opus", "libopus", "ogg", "ogg", "opus"), ("c.mp3", "libmp3lame", "mp3", "mp3", "mp3")],
)  # fmt: skip
def test_container_and_codec_go_by_their_usual_names(
    tmp_path, name, codec, container, its_name, its_codec
):
    rate = {"libopencore_amrnb": 8000}.get(codec, 48000)
    path = encode(tmp_path / name, babble(1.0, rate=rate), rate, codec=codec, container=container)
    facts = hear(path).facts.provenance
    assert (facts.container, facts.codec.replace("_", "")) == (its_name, its_codec)
    assert (facts.sample_rate, facts.channels) == (rate, 1)


def test_an_array_has_no_provenance_but_its_form():
    from earwitness.records import Waveform

    facts = hear(Waveform(np.stack([SOUND, SOUND], axis=1), 16000)).facts.provenance
    assert (facts.container, facts.codec, facts.encoder, facts.c2pa) == (None, None, None, None)
    assert (facts.sample_rate, facts.channels) == (16000, 2)
    assert facts.bandwidth_hz == pytest.approx(3000, rel=0.1)


@pytest.mark.parametrize(
    ("data", "encoder"),
    [
        (with_chunk(b"LIST", b"INFOISFT\x0c\0\0\0Audacity 3.4"), "Audacity 3.4"),
        (with_chunk(b"LIST", b"INFOICMT\x04\0\0\0none"), None),
        (with_chunk(b"bext", bytes(256) + b"Recorder X".ljust(32, b"\0")), "Recorder X"),
        (with_chunk(b"bext", b"short"), None),
        (wav_bytes(SOUND), None),
    ],
    ids=["ISFT", "other INFO", "bext", "short bext", "plain"],
)
def test_the_encoder_of_a_wav_is_what_its_chunks_say(data, encoder):
    assert header(data).encoder == encoder
    assert len(hear(data).samples) == len(SOUND)


@pytest.mark.parametrize(
    "body",
    [
        b"\x03Lavf60.3.100\0",
        b"\x00Lavf60.3.100",
        b"\x01\xff\xfe" + "Lavf60.3.100".encode("utf-16-le"),
    ],
)
@pytest.mark.parametrize("frame", [b"TSSE", b"TENC"])
@pytest.mark.parametrize("footer", [False, True])
def test_the_encoder_of_an_mp3_stands_in_its_tag_where_the_frame_names_none(frame, body, footer):
    plain = mp3()
    tag = id3(frame, body, footer=footer)
    assert tag_size(tag) == len(tag)
    data = tag + plain
    lame = plain.find(b"LAME")
    data = data.replace(plain[lame : lame + 9], bytes(9)) if lame > 0 else data
    found = header(data)
    assert found.container == "mp3"
    assert found.encoder == "Lavf60.3.100"


def test_the_encoder_of_an_mp3_is_what_its_first_frame_says(tmp_path):
    path = encode(tmp_path / "c.mp3", SOUND, 16000, codec="libmp3lame", container="mp3")
    assert hear(path).facts.provenance.encoder.startswith(("LAME", "Lav"))


def test_the_encoder_of_ogg_flac_and_mp4_is_their_tag(tmp_path):
    assert hear(wav_bytes(SOUND, subtype="VORBIS", container="OGG")).facts.provenance.encoder
    assert hear(wav_bytes(SOUND, container="FLAC")).facts.provenance.encoder
    m4a = encode(tmp_path / "c.m4a", SOUND, 16000, codec="aac", container="ipod")
    assert hear(m4a).facts.provenance.encoder.startswith("Lavf")
    mka = encode(tmp_path / "c.mka", SOUND, 16000, codec="flac", container="matroska")
    assert hear(mka).facts.provenance.encoder.startswith("Lav")


def vorbis_comment(vendor: bytes, *tags: bytes) -> bytes:
    parts = [vendor, *tags]
    lengths = [struct.pack("<I", len(part)) + part for part in parts]
    return lengths[0] + struct.pack("<I", len(tags)) + b"".join(lengths[1:])


@pytest.mark.parametrize(
    ("body", "encoder"),
    [
        (vorbis_comment(b"libFLAC 1.4"), "libFLAC 1.4"),
        (vorbis_comment(b"libFLAC 1.4", b"TITLE=x", b"ENCODER=Lavf60"), "Lavf60"),
        (vorbis_comment(b"libFLAC 1.4", b"encoder="), "libFLAC 1.4"),
        (vorbis_comment(b"", b"TITLE=x"), None),
        (struct.pack("<I", 10**9) + b"abc", None),
        (b"ab", None),
    ],
)
def test_a_vorbis_comment_names_the_encoder_or_at_least_the_vendor(body, encoder):
    assert comment_encoder(body) == encoder


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b"Lavf\0garbage", "Lavf"), (b"  a\nb\x07 ", "ab"), (b"\xff\xfe", "��"), (b"\0", None),
     (b"x" * 999, "x" * 200)],
)  # fmt: skip
def test_a_tag_becomes_one_clean_line(raw, line):
    assert text(raw) == line


def flac_block(kind: int, body: bytes) -> bytes:
    data = wav_bytes(SOUND, container="FLAC")
    return data[:42] + bytes([kind]) + len(body).to_bytes(3, "big") + body + data[42:]


def mp4_with(tmp_path, box: bytes) -> bytes:
    path = encode(tmp_path / "c.m4a", SOUND, 16000, codec="aac", container="ipod")
    return path.read_bytes() + box


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "mp4 uuid", "mp4 jumb"])
def test_a_c2pa_manifest_is_noticed_and_its_absence_too(tmp_path, kind):
    data = {
        "wav": lambda m: with_chunk(b"C2PA" if m else b"junk", MANIFEST),
        "flac": lambda m: flac_block(2, m),
        "mp3": lambda m: id3(b"GEOB", b"\0application/x-" + m) + mp3(),
        "mp4 uuid": lambda m: mp4_with(tmp_path, box(b"uuid", (C2PA_UUID if m else bytes(16)) + m)),
        "mp4 jumb": lambda m: mp4_with(tmp_path, box(b"jumb", m or b"else")),
    }[kind]
    assert hear(data(MANIFEST)).facts.provenance.c2pa is True
    assert hear(data(b"")).facts.provenance.c2pa is False


def test_where_no_place_for_a_manifest_is_defined_nothing_is_said():
    assert hear(wav_bytes(SOUND, subtype="VORBIS", container="OGG")).facts.provenance.c2pa is None
    assert hear(wav_bytes(SOUND, container="AU")).facts.provenance.c2pa is None


def test_an_mp4_whose_last_box_runs_to_the_end_is_whole(tmp_path):
    whole = mp4_with(tmp_path, b"\0\0\0\0free" + bytes(100))
    assert header(whole).is_cut_short is False
    assert header(whole[:-5000]).is_cut_short is True
    long_box = mp4_with(tmp_path, b"\0\0\0\x01free" + struct.pack(">Q", 16 + 10) + bytes(10))
    assert header(long_box).is_cut_short is False
    assert header(long_box[:-1]).is_cut_short is True


def vbri_mp3() -> bytes:
    """Put a VBRI frame in the place of the Info frame, as Fraunhofer's encoder writes it."""
    data = mp3()
    size = mp3_headers._frame(data).bytes
    count = -(-len(SOUND) // 576) + 2
    frame = bytearray(data[:4] + bytes(size - 4))
    struct.pack_into(">4sHHHII", frame, 36, b"VBRI", 1, 0, 75, len(data), count)
    return bytes(frame) + data[size:]


def test_the_length_in_a_vbri_frame_is_believed():
    data = vbri_mp3()
    assert header(data).frames == pytest.approx(16000, abs=3 * 576)
    assert header(data).is_for_libsndfile is True
    assert hear(data[: len(data) // 2]).facts.truncated is True


def test_an_mp3_that_goes_on_far_behind_its_count_is_sent_to_libav():
    assert header(mp3()).is_for_libsndfile is True
    assert header(mp3() + bytes(70_000)).is_for_libsndfile is False


@pytest.mark.parametrize(
    "start",
    [b"\xff\xfb\xf0\xc4", b"\xff\xfb\x00\xc4", b"\xff\xeb\x90\xc4", b"\xff\xfd\x90\xc4",
     b"\xff\xfb\x9c\xc4", b"\xff\xfb"],
    ids=["bit rate 15", "free bit rate", "version 1", "layer 2", "rate 3", "short"],
)  # fmt: skip
def test_what_only_resembles_a_frame_of_mpeg_audio_is_none(start):
    assert header(start + bytes(100)).container is None


def test_headers_that_end_early_end_in_a_header():
    starts = [wav_bytes(SOUND), wav_bytes(SOUND, container="FLAC"), mp3(), flac_block(4, b"ab"),
              wav_bytes(SOUND, subtype="VORBIS", container="OGG"), b"\0\0\0\x18ftypM4A ",
              id3(b"TSSE", b"\x03x"), b"\x1aE\xdf\xa3\x01webm"]  # fmt: skip
    for start in starts:
        for count in range(1, 200):
            assert isinstance(header(start[:count]), Header)
