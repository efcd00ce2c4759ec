"""Which encoders this machine lacks."""

from __future__ import annotations

from functools import cache

from earwitness.audio.codecs import codecs_available


@cache
def _here() -> frozenset[str]:
    return frozenset(codecs_available())


def missing(codec: str) -> str:
    """Say why a codec cannot be had on this machine; empty where it can."""
    if codec in _here():
        return ""
    return f"This build of PyAV and libsndfile has no encoder for {codec}."
