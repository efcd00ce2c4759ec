"""Bytes → ``Header``: dispatch by the first bytes, never by the file's name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 65536


@dataclass(frozen=True)
class Header:
    """What the bytes themselves tell, before any decoder has seen them.

    Attributes:
        container: short name, or None if the first bytes are of no kind known here.
        encoder: the tag that the writing program left.
        c2pa: whether a C2PA manifest is attached; None where no place for one is defined.
        frames: how many samples of each channel are promised.
        is_cut_short: the container ends before its own structure does.
        is_for_libsndfile: libsndfile reads this kind completely.
    """

    container: str | None = None
    encoder: str | None = None
    c2pa: bool | None = None
    frames: int | None = None
    is_cut_short: bool = False
    is_for_libsndfile: bool = False


@dataclass(frozen=True)
class Peek:
    """A file that is open, with its size and its first bytes."""

    file: BinaryIO
    size: int
    head: bytes

    def at(self, offset: int, length: int) -> bytes:
        """Read some bytes somewhere."""
        if offset + length <= len(self.head):
            return self.head[offset : offset + length]
        self.file.seek(offset)
        return self.file.read(length)

    def tail(self, length: int) -> bytes:
        """Read the last bytes."""
        start = max(0, self.size - length)
        return self.at(start, self.size - start)


def peek(file: BinaryIO) -> Peek:
    """Look at an open file."""
    head = file.read(HEAD)
    size = len(head) if len(head) < HEAD else file.seek(0, os.SEEK_END)
    return Peek(file, size, head)


def text(raw: bytes) -> str | None:
    """Make a clean line of a tag; None if nothing is left."""
    line = raw.split(b"\0")[0].decode("utf-8", "replace")
    return "".join(c for c in line if c.isprintable()).strip()[:200] or None


def has_c2pa_box(raw: bytes) -> bool:
    """Say whether a JUMBF box with a C2PA manifest lies in these bytes."""
    return b"jumb" in raw and b"c2pa" in raw
