"""Which family a file belongs to."""

from __future__ import annotations

from earwitness.audio.headers import boxes, flac, mp3, ogg, wav
from earwitness.audio.headers.header import Header, has_c2pa_box, peek
from earwitness.audio.source import Stored

_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"uuid", b"jumb")


def read_header(source: Stored) -> Header:
    """Look at the first and last bytes of a file.

    Raises:
        UnreadableAudio: the file cannot be opened.
    """
    with source.open() as file:
        look = peek(file)
        head = look.head
        if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
            return wav.read(look)
        if head[:4] == b"OggS":
            return ogg.read(look)
        if head[4:8] in _MP4_BOXES:
            return boxes.read_mp4(look)
        if head[:4] == b"\x1aE\xdf\xa3":
            return boxes.read_matroska(look)
        at = mp3.tag_size(head)
        start = look.at(at, 4)
        if start == b"fLaC":
            return flac.read(look, at=at)
        if mp3.starts_here(start):
            return mp3.read(look, at=at)
    return Header(c2pa=True if has_c2pa_box(head) else None)
