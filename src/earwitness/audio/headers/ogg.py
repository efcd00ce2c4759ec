"""Ogg: the first packets, and whether the last page closes the stream."""

from __future__ import annotations

from earwitness.audio.headers.flac import comment_encoder
from earwitness.audio.headers.header import Header, Peek

_BEGINS, _ENDS = 2, 4
_PAGE_AT_MOST = 65307
_COMMENTS = (b"OpusTags", b"\x03vorbis")


def read(look: Peek) -> Header:
    """Look at the first and the last page of an Ogg file."""
    first = look.head[27 + _segments(look.head) :]
    tail = look.tail(_PAGE_AT_MOST)
    last = tail[max(0, tail.rfind(b"OggS")) :]
    is_one_stream = last[14:18] == look.head[14:18] and not _begins_another(look.head)
    return Header(
        container="ogg",
        encoder=_encoder(look.head),
        is_cut_short=not _closes(last),
        is_for_libsndfile=is_one_stream and first.startswith((b"OpusHead", b"\x01vorbis")),
    )


def _segments(page: bytes) -> int:
    return page[26] if len(page) > 26 else 0


def _page_size(page: bytes) -> int:
    count = _segments(page)
    return 27 + count + sum(page[27 : 27 + count])


def _begins_another(head: bytes) -> bool:
    second = head[_page_size(head) :]
    return len(second) > 5 and bool(second[5] & _BEGINS)


def _closes(page: bytes) -> bool:
    return len(page) > 26 and bool(page[5] & _ENDS) and _page_size(page) <= len(page)


def _encoder(head: bytes) -> str | None:
    for mark in _COMMENTS:
        at = head.find(mark)
        if at > 0:
            return comment_encoder(head[at + len(mark) :])
    return None
