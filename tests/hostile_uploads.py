"""Uploads that mean harm, made here: bombs, claims, polyglots, damage."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import soundfile


def wav_that_claims_two_gigabytes() -> bytes:
    data = bytearray(tone("WAV"))
    data[4:8] = struct.pack("<I", 2**31 - 1)
    data[40:44] = struct.pack("<I", 2**31 - 100)
    return bytes(data)


def wav_of_65535_channels() -> bytes:
    data = bytearray(tone("WAV"))
    data[22:24] = struct.pack("<H", 0xFFFF)
    return bytes(data)


def wav_of_four_gigahertz() -> bytes:
    data = bytearray(tone("WAV"))
    data[24:28] = struct.pack("<I", 2**32 - 1)
    return bytes(data)


def wav_of_nothing_but_headers() -> bytes:
    return b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WAVE" + b"JUNK\0\0\0\0" * 100_000


def wav_of_not_a_number() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(32000, np.nan, np.float32), 16000, "FLOAT", format="WAV")
    return file.getvalue()


def flac_of_hours_of_silence() -> bytes:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, "PCM_16", format="FLAC") as out:
        minute = np.zeros(8000 * 60, np.int16)
        for _ in range(3 * 60):
            out.write(minute)
    return file.getvalue()


def mp3_that_claims_a_million_frames() -> bytes:
    data = bytearray(tone("MP3"))
    at = data.find(b"Xing") if b"Xing" in data else data.find(b"Info")
    if at > 0:
        data[at + 4 : at + 12] = struct.pack(">II", 1, 10**9)
    return bytes(data)


def mp3_behind_a_tag_of_256_megabytes() -> bytes:
    return b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(5000) + tone("MP3")


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("speech.wav", bytes(200 * 2**20))
    return file.getvalue()


def zip_that_is_a_wav_too() -> bytes:
    return tone("WAV") + zip_bomb()


def wav_that_is_a_zip_first() -> bytes:
    return zip_bomb() + tone("WAV")


def page_that_is_a_flac_too() -> bytes:
    return b"<html><script>alert(1)</script>" + tone("FLAC")


def playlist_of_files_here() -> bytes:
    return b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n"


def list_of_files_here() -> bytes:
    return b"ffconcat version 1.0\nfile /etc/passwd\nfile 'concat:/etc/passwd|/etc/hosts'\n"


def mp4_of_boxes_in_boxes() -> bytes:
    inner = b""
    for _ in range(2000):
        inner = struct.pack(">I", len(inner) + 8) + b"moov" + inner
    return struct.pack(">I", 16) + b"ftypisom\0\0\0\0" + inner[:500_000]


def mp4_with_a_box_of_exabytes() -> bytes:
    return b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x01mdat" + struct.pack(">Q", 2**62) + bytes(1000)


def mkv_that_never_closes() -> bytes:
    return b"\x1aE\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + b"\x18S\x80g\x01" + b"\xff" * 7 * 999


def mkv_with_an_attachment_and_a_picture_first() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuvj420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
        for packet in [*stream.encode(frame), *stream.encode()]:
            out.mux(packet)
    return file.getvalue()


def ogg_of_first_pages_only() -> bytes:
    page = tone("OGG")[:58]
    return page * 2000


def aiff_of_a_compression_that_is_not() -> bytes:
    return (
        b"FORM\x7f\xff\xff\xffAIFCCOMM\0\0\0\x18\0\1\x7f\xff\xff\xff\0\x10" + b"\x7f" * 10 + b"evil"
    )


def deflated_nothing() -> bytes:
    return zlib.compress(bytes(50 * 2**20))


def random_bytes() -> bytes:
    return np.random.default_rng(7).bytes(300_000)


def damaged(kind: str) -> Callable[[], bytes]:
    def made() -> bytes:
        rng = np.random.default_rng(11)
        data = bytearray(tone(kind))
        for at in rng.integers(40, len(data), 60):
            data[at] = int(rng.integers(256))
        return bytes(data)

    return made


def tone(kind: str) -> bytes:
    """Two seconds of a tone."""
    file = io.BytesIO()
    sound = 0.3 * np.sin(np.arange(32000) / 16000 * 2 * np.pi * 200)
    soundfile.write(file, sound.astype(np.float32), 16000, format=kind)
    return file.getvalue()


UPLOADS: dict[str, Callable[[], bytes]] = {
    made.__name__.replace("_", " "): made
    for made in (
        wav_that_claims_two_gigabytes, wav_of_65535_channels, wav_of_four_gigahertz,
        wav_of_nothing_but_headers, wav_of_not_a_number, flac_of_hours_of_silence,
        mp3_that_claims_a_million_frames, mp3_behind_a_tag_of_256_megabytes, zip_bomb,
        zip_that_is_a_wav_too, wav_that_is_a_zip_first, page_that_is_a_flac_too,
        playlist_of_files_here, list_of_files_here, mp4_of_boxes_in_boxes,
        mp4_with_a_box_of_exabytes, mkv_that_never_closes,
        mkv_with_an_attachment_and_a_picture_first, ogg_of_first_pages_only,
        aiff_of_a_compression_that_is_not, deflated_nothing, random_bytes,
    )
}  # fmt: skip
UPLOADS |= {f"damaged {kind}": damaged(kind) for kind in ("WAV", "FLAC", "OGG", "MP3")}

NAMES = [
    "../../../../etc/cron.d/x", "..\\..\\windows\\x.dll", "/etc/passwd", "a\x00.wav",
    "\u202egpj.wav", "|rm -rf ~", "$(id).wav", "<script>alert(1)</script>.wav", "a" * 5000,
    "CON", "-rf", "file:///x",
]  # fmt: skip


def leaked(text: str, folder: Path) -> bool:
    """Say whether an answer shows what is none of its reader's business."""
    return any(word in text for word in (str(folder), "Traceback", "root:", "/site-packages/"))
