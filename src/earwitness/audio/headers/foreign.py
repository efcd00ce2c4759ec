"""What libav tells of a container: how long it promises to be, its name, and who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from earwitness.audio.formats import Format

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

# Only these say beforehand how long they are; others' durations are estimates from the bit rate.
_KEEPS_ITS_WORD = {"aiff", "asf", "caf", "flac", "matroska", "mov", "tta", "w64", "wv"}
_TAGS = ("encoder", "software", "com.apple.quicktime.software", "encoded_by")


def format_of(container: InputContainer, stream: AudioStream, first: AudioFrame) -> Format:
    """Put together the header's facts, once the first frame is there."""
    seconds = _duration_s(container, stream)
    promises = bool(_KEEPS_ITS_WORD & set(container.format.name.split(",")))
    return Format(
        sample_rate=first.sample_rate,
        channels=first.layout.nb_channels,
        container=_name(container),
        codec=stream.codec_context.codec.canonical_name,
        encoder=_encoder(container.metadata) or _encoder(stream.metadata),
        frames=round(seconds * first.sample_rate) if promises and seconds else None,
        guess_s=seconds,
    )


def _duration_s(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        is_alone = len(container.streams) == 1
        return container.duration / 1e6 if container.duration and is_alone else None


def _name(container: InputContainer) -> str:
    name: str = container.format.name
    if not name.startswith("mov"):
        return name.partition(",")[0]
    brand = container.metadata.get("major_brand", "").strip().lower()
    return "mov" if brand == "qt" else "3gp" if brand.startswith("3g") else "mp4"


def _encoder(metadata: Mapping[str, str]) -> str | None:
    tags = {key.lower(): value for key, value in metadata.items()}
    return next((tags[key] for key in _TAGS if tags.get(key)), None)
