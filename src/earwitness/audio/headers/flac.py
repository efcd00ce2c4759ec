"""FLAC: STREAMINFO and the Vorbis comment."""

from __future__ import annotations

import struct

from earwitness.audio.headers.header import Header, Peek, has_c2pa_box, text

_STREAMINFO, _COMMENT = 0, 4
_MOST_BLOCKS = 1000


def read(look: Peek, *, at: int = 0) -> Header:
    """Walk through the metadata blocks; ``at`` is where the marker ``fLaC`` lies."""
    encoder, frames = None, None
    c2pa = has_c2pa_box(look.at(0, at))
    at += 4
    for _ in range(_MOST_BLOCKS):
        start = look.at(at, 4)
        if len(start) < 4:
            break
        kind, size = start[0] & 0x7F, int.from_bytes(start[1:], "big")
        body = look.at(at + 4, min(size, 65536))
        if kind == _STREAMINFO and len(body) >= 18:
            frames = int.from_bytes(body[10:18], "big") & (2**36 - 1) or None
        elif kind == _COMMENT:
            encoder = comment_encoder(body)
        c2pa = c2pa or has_c2pa_box(body)
        at += 4 + size
        if start[0] & 0x80:
            break
    return Header("flac", encoder, c2pa=c2pa, frames=frames, is_for_libsndfile=frames is not None)


def comment_encoder(body: bytes) -> str | None:
    """Find the encoder in a Vorbis comment: the tag ENCODER, else the vendor."""
    if len(body) < 4:
        return None
    length = struct.unpack_from("<I", body)[0]
    vendor = text(body[4 : 4 + length]) if length < len(body) else None
    tag = body.lower().find(b"encoder=", 4 + length)
    if tag < 4:
        return vendor
    size = struct.unpack_from("<I", body, tag - 4)[0]
    return text(body[tag + 8 : tag + min(size, 300)]) or vendor
