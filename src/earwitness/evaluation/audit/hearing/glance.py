"""A file's first bytes → its format: container, codec, rate, bits, channels, length.

Nothing is decoded. What the decoders of ``audio`` do not need (bits a sample, bytes a second) is
read here, from the same bytes that ``audio.headers`` looks at.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from earwitness.audio.headers import mp3
from earwitness.audio.headers.header import Header, Peek, peek
from earwitness.audio.headers.sniff import read_header
from earwitness.audio.source import stored
from earwitness.records import Seconds

UNKNOWN = "not known"
_OPUS_RATE = 48_000
_LAST_PAGE = 65_307
_MP3_RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
_WAV_CODECS = {
    1: "pcm", 2: "adpcm_ms", 3: "float", 6: "alaw", 7: "mulaw", 0x11: "adpcm_ima", 0x31: "gsm",
    0x55: "mp3",
}  # fmt: skip
_EXTENSIBLE = 0xFFFE


@dataclass(frozen=True)
class Glance:
    """What the bytes of a file tell of its format; None means "not known".

    Attributes:
        container: name of the kind of file.
        codec: name of the coding, with its bits where it is PCM ("pcm_16").
        encoder: the tag that the writing program left.
        sample_rate: in Hz.
        bit_depth: bits of a sample; None for codings that have none.
        channels: how many.
        duration_s: length that the header promises.
        size: bytes of the file.
    """

    container: str = UNKNOWN
    codec: str = UNKNOWN
    encoder: str | None = None
    sample_rate: int | None = None
    bit_depth: int | None = None
    channels: int | None = None
    duration_s: Seconds | None = None
    size: int = 0


@dataclass(frozen=True)
class _Form:
    """What the body of a header says; ``frames`` where it promises a length by itself."""

    codec: str = UNKNOWN
    sample_rate: int | None = None
    bit_depth: int | None = None
    channels: int | None = None
    frames: float | None = None


def glance(path: Path) -> Glance:
    """Look at the first and last bytes of a file.

    Raises:
        UnreadableAudio: the file cannot be opened.
        EmptyAudio: it has no bytes.
    """
    held = stored(path)
    header = read_header(held)
    with held.open() as file:
        look = peek(file)
        container = header.container or _other(look)
        form = _FORMS.get(container, _nothing)(look, header)
    frames, rate = form.frames or header.frames, form.sample_rate
    return Glance(
        container=container,
        codec=form.codec,
        encoder=header.encoder,
        sample_rate=rate,
        bit_depth=form.bit_depth,
        channels=form.channels,
        duration_s=frames / rate if frames and rate else None,
        size=look.size,
    )


def _nothing(look: Peek, header: Header) -> _Form:
    del look, header
    return _Form()


def _other(look: Peek) -> str:
    """Name the kinds that ``audio.headers`` leaves to the decoder."""
    head = look.head
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide"):
        return "mp4"
    if head[:4] == b"FORM":
        return "aiff"
    return "amr" if head[:5] == b"#!AMR" else UNKNOWN


def _wav(look: Peek, header: Header) -> _Form:
    del header
    order = ">" if look.head[:4] == b"RIFX" else "<"
    at, form, align = 12, _Form(), 0
    while len(start := look.at(at, 8)) == 8:
        name, size = struct.unpack(order + "4sI", start)
        if name == b"fmt " and size >= 16:
            body = look.at(at + 8, min(size, 40))
            form, align = _wav_form(body, order)
        if name == b"data":
            there = min(size, look.size - at - 8)
            frames = there / align if align and form.bit_depth else None
            return _Form(form.codec, form.sample_rate, form.bit_depth, form.channels, frames)
        at += 8 + size + size % 2
    return form


def _wav_form(body: bytes, order: str) -> tuple[_Form, int]:
    kind, channels, rate, _, align, bits = struct.unpack_from(order + "HHIIHH", body)
    if kind == _EXTENSIBLE and len(body) >= 26:
        kind = struct.unpack_from(order + "H", body, 24)[0]
    codec = _WAV_CODECS.get(kind, f"wav_{kind:04x}")
    is_plain = codec in ("pcm", "float", "alaw", "mulaw")
    name = f"{codec}_{bits}" if codec in ("pcm", "float") else codec
    return _Form(name, rate, bits if is_plain else None, channels), align


def _flac(look: Peek, header: Header) -> _Form:
    del header
    at = mp3.tag_size(look.head)
    info = look.at(at + 8, 34)
    if len(info) < 18:
        return _Form("flac")
    packed = int.from_bytes(info[10:14], "big")
    return _Form("flac", packed >> 12, (packed >> 4 & 31) + 1, (packed >> 9 & 7) + 1)


def _ogg(look: Peek, header: Header) -> _Form:
    del header
    head = look.head
    at = head.find(b"OpusHead", 0, 512)
    if at > 0 and len(head) >= at + 19:
        skip, asked = struct.unpack_from("<HI", head, at + 10)
        frames = (_last_position(look) - skip) / _OPUS_RATE
        return _Form(
            "opus", asked or _OPUS_RATE, None, head[at + 9], frames * (asked or _OPUS_RATE)
        )
    at = head.find(b"\x01vorbis", 0, 512)
    if at > 0 and len(head) >= at + 16:
        channels, rate = struct.unpack_from("<BI", head, at + 11)
        return _Form("vorbis", rate, None, channels, _last_position(look))
    return _Form("flac" if b"fLaC" in head[:512] else UNKNOWN)


def _last_position(look: Peek) -> int:
    """Read how many samples the last page of an Ogg file ends at."""
    tail = look.tail(_LAST_PAGE)
    at = tail.rfind(b"OggS")
    return max(0, struct.unpack_from("<q", tail, at + 6)[0]) if 0 <= at <= len(tail) - 14 else 0


def _mp3(look: Peek, header: Header) -> _Form:
    start = look.at(mp3.tag_size(look.head), 4)
    if len(start) < 4 or not mp3.starts_here(start):
        return _Form("mp3")
    rate = _MP3_RATES[start[1] >> 3 & 3][start[2] >> 2 & 3]
    return _Form("mp3", rate, None, 1 if start[3] >> 6 == 3 else 2, header.frames)


_FORMS: dict[str, Callable[[Peek, Header], _Form]] = {
    "wav": _wav, "flac": _flac, "ogg": _ogg, "mp3": _mp3,
}  # fmt: skip
