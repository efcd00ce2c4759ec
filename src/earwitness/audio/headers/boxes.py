"""MP4 and Matroska: only what the decoder process does not tell."""

from __future__ import annotations

from earwitness.audio.headers.header import Header, Peek, has_c2pa_box

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_MOST_BOXES = 100_000


def read_mp4(look: Peek) -> Header:
    """Walk through the top boxes, looking for a C2PA manifest and for the end."""
    at, c2pa = 0, False
    for _ in range(_MOST_BOXES):
        start = look.at(at, 32)
        if len(start) < 8:
            break
        size, kind = int.from_bytes(start[:4], "big"), start[4:8]
        if size == 1:
            size = int.from_bytes(start[8:16], "big")
        if kind == b"uuid" and C2PA_UUID in start[8:32]:
            c2pa = True
        if kind == b"jumb":
            c2pa = c2pa or has_c2pa_box(look.at(at, min(max(size, 8), 4096)))
        if size < 8:  # 0: to the end of the file
            at = look.size
            break
        at += size
    return Header(c2pa=c2pa, is_cut_short=at > look.size)


def read_matroska(look: Peek) -> Header:
    """Tell WebM from Matroska by the document type."""
    return Header(container="webm" if b"webm" in look.head[:64] else "matroska")
