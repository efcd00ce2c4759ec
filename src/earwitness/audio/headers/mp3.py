"""MPEG audio: the ID3 tag in front, the Xing or VBRI frame, and the last frames of the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from earwitness.audio.headers.header import Header, Peek, has_c2pa_box, text

_RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_LAYER_3, _MPEG_1, _MONO = 1, 3, 3
_TAIL = 16384
_MOST_TAG = 16 * 2**20
_SLACK = 65536  # of tags behind the sound
_NO_PROMISE = (None, None, None)


@dataclass(frozen=True)
class _Frame:
    """The four bytes at the head of a layer III frame, understood."""

    version: int
    sample_rate: int
    is_mono: bool
    bytes: int

    @property
    def samples(self) -> int:
        return 1152 if self.version == _MPEG_1 else 576

    @property
    def side_info(self) -> int:
        if self.version == _MPEG_1:
            return 17 if self.is_mono else 32
        return 9 if self.is_mono else 17


def tag_size(head: bytes) -> int:
    """Say how long the ID3v2 tag in front is; 0 if there is none."""
    if len(head) < 10 or head[:3] != b"ID3":
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


def starts_here(raw: bytes) -> bool:
    """Say whether these bytes begin with a frame of MPEG audio layer III."""
    return _frame(raw) is not None


def read(look: Peek, *, at: int) -> Header:
    """Look at a file whose first frame lies at ``at``, behind the ID3 tag."""
    tag = look.at(0, min(at, _MOST_TAG))
    start = look.at(at, 2048)
    frame = _frame(start)
    frames, encoder, size = _promise(start, frame) if frame else _NO_PROMISE
    goes_on = size is not None and look.size - at > size + _SLACK
    has_count = frames is not None and size is not None
    is_near = size is not None and _is_near(size, look.size - at)
    lacks = size is not None and not is_near and look.size - at < size
    return Header(
        container="mp3",
        encoder=encoder or _tag_encoder(tag),
        c2pa=has_c2pa_box(tag) or (b"GEOB" in tag and b"c2pa" in tag),
        frames=None if goes_on else frames,
        is_cut_short=lacks or (not has_count and _last_is_cut(look.tail(_TAIL), frame)),
        # Without a count, or with one of the first part only (files that were joined), libsndfile
        # guesses the length and stops there; where the size is off, it writes to standard error.
        is_for_libsndfile=has_count and is_near and not goes_on,
    )


def _is_near(promised: int, size: int) -> bool:
    return abs(size - promised) * 100 <= size


def _frame(raw: bytes, at: int = 0) -> _Frame | None:
    if len(raw) < at + 4 or raw[at] != 0xFF or raw[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = raw[at + 1] >> 3 & 3, raw[at + 1] >> 1 & 3
    kbits, rate = raw[at + 2] >> 4, raw[at + 2] >> 2 & 3
    if version == 1 or layer != _LAYER_3 or kbits in (0, 15) or rate == 3:
        return None
    hz = _RATES[version][rate]
    kbit = (_KBITS_1 if version == _MPEG_1 else _KBITS_2)[kbits]
    size = (144 if version == _MPEG_1 else 72) * kbit * 1000 // hz + (raw[at + 2] >> 1 & 1)
    return _Frame(version, hz, raw[at + 3] >> 6 == _MONO, size)


def _promise(start: bytes, frame: _Frame) -> tuple[int | None, str | None, int | None]:
    """Read samples, encoder and bytes out of the Xing, Info or VBRI frame."""
    at = 4 + frame.side_info
    if start[at : at + 4] in (b"Xing", b"Info"):
        return _xing(start[at:], frame)
    if start[36:40] == b"VBRI" and len(start) >= 54:
        size, count = struct.unpack_from(">II", start, 46)
        return count * frame.samples, None, size
    return _NO_PROMISE


def _xing(raw: bytes, frame: _Frame) -> tuple[int | None, str | None, int | None]:
    flags, count, size = struct.unpack_from(">III", raw.ljust(16, b"\0"), 4)
    lame = 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + (flags >> 1 & 4)
    tag = raw[lame : lame + 36].ljust(36, b"\0")
    delay, padding = tag[21] << 4 | tag[22] >> 4, (tag[22] & 15) << 8 | tag[23]
    samples = count * frame.samples - delay - padding
    encoder = text(tag[:9]) if tag[:4].isalpha() else None
    has_both = flags & 3 == 3 and samples > 0
    return (samples, encoder, size) if has_both else (None, encoder, None)


def _last_is_cut(tail: bytes, like: _Frame | None) -> bool:
    """Follow the last frames, and see whether the very last one is all there."""
    if like is None:
        return False
    end = len(tail) - 128 if tail[-128:-125] == b"TAG" else len(tail)
    for start in range(max(0, end - 4)):
        at, chained = start, 0
        while (frame := _frame(tail, at)) and frame.sample_rate == like.sample_rate:
            chained += 1
            at += frame.bytes
            if at >= end:
                return chained > 3 and at > end
        if chained > 3:
            return False  # something else follows the last frame
    return False


def _tag_encoder(tag: bytes) -> str | None:
    for name in (b"TSSE", b"TENC"):
        at = tag.find(name)
        if at > 0:
            size = int.from_bytes(tag[at + 4 : at + 8], "big")
            body = tag[at + 10 : at + 10 + min(size, 200)]
            return text(body[1:].replace(b"\xff\xfe", b"") if body[:1] in b"\0\3" else
                        body[1:].decode("utf-16", "replace").encode())  # fmt: skip
    return None
