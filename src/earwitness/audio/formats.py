"""What a header says of a recording. Without numpy: the decoder process imports it too."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_S = 10.0
_MOST_VALUES = 2**22  # of all channels together in one block: 16 MB


@dataclass(frozen=True)
class Format:
    """What the header of a recording says of it; None means "not known".

    Attributes:
        sample_rate, channels: as decoded.
        container, codec, encoder: names, as in ``Provenance``.
        frames: how many are promised by a header that can be relied on.
        guess_s: length by estimate, for a progress bar, where nothing is promised.
    """

    sample_rate: int
    channels: int
    container: str | None = None
    codec: str | None = None
    encoder: str | None = None
    frames: int | None = None
    guess_s: float | None = None


def block_frames(sample_rate: int, channels: int) -> int:
    """Say how many frames a native block has: ten seconds, fewer if the channels are many."""
    return max(1, min(int(BLOCK_S * sample_rate), _MOST_VALUES // max(1, channels)))
