"""RIFF/WAVE, RF64 and RIFX: chunk by chunk."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from earwitness.audio.headers.header import Header, Peek, text

_UNKNOWN_SIZE = 0xFFFFFFFF
_MOST_CHUNKS = 10_000


@dataclass
class _Chunks:
    """What was met on the way through the chunks."""

    align: int = 0
    data_claimed: int | None = None
    data_there: int = 0
    long_data: int | None = None
    names: set[bytes] = field(default_factory=set)
    encoder: str | None = None


def read(look: Peek) -> Header:
    """Walk through the chunks of a WAV file."""
    found = _walk(look)
    claimed, there = found.data_claimed, found.data_there
    is_unfinished = claimed == 0 and there > max(1, found.align)
    return Header(
        container="wav",
        encoder=found.encoder,
        c2pa=b"C2PA" in found.names,
        is_cut_short=claimed is None or claimed > there or is_unfinished,
        # A recorder that was switched off leaves a data size of 0, which libsndfile believes.
        is_for_libsndfile=not is_unfinished,
    )


def _walk(look: Peek) -> _Chunks:
    order = ">" if look.head[:4] == b"RIFX" else "<"
    found, at = _Chunks(), 12
    for _ in range(_MOST_CHUNKS):
        start = look.at(at, 8)
        if len(start) < 8:
            break
        name, size = struct.unpack(order + "4sI", start)
        found.names.add(name)
        if name == b"data":
            size = _note_data(found, size, look.size - at - 8)
        else:
            _note_other(found, name, look.at(at + 8, min(size, 4096)), order)
        at += 8 + size + size % 2
    return found


def _note_data(found: _Chunks, size: int, there: int) -> int:
    if size == _UNKNOWN_SIZE and found.long_data is not None:
        size = found.long_data
    found.data_claimed, found.data_there = size, there
    return there if size > there or size == 0 else size


def _note_other(found: _Chunks, name: bytes, body: bytes, order: str) -> None:
    if name == b"fmt " and len(body) >= 14:
        found.align = struct.unpack_from(order + "H", body, 12)[0]
    elif name == b"ds64" and len(body) >= 16:
        found.long_data = struct.unpack_from("<Q", body, 8)[0]
    elif name == b"LIST" and body[:4] == b"INFO":
        at = body.find(b"ISFT")
        found.encoder = text(body[at + 8 :]) if at > 0 else found.encoder
    elif name == b"bext" and len(body) >= 288:
        found.encoder = found.encoder or text(body[256:288])
