"""Band-limited resampling: soxr's only door."""

from __future__ import annotations

import numpy as np
import soxr

from earwitness.records import Samples

QUALITY = "HQ"


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Change the sample rate of a whole sound.

    Args:
        samples: shape (samples,) or (samples, channels).
        from_hz: the rate it has.
        to_hz: the rate that is wanted.

    Example:
        >>> resample(np.zeros(22050, np.float32), 22050, 16000).shape
        (16000,)
    """
    if from_hz == to_hz or len(samples) == 0:
        return np.asarray(samples, np.float32)
    out = soxr.resample(np.ascontiguousarray(samples, np.float32), from_hz, to_hz, QUALITY)
    return np.asarray(out, np.float32)


class StreamResampler:
    """Change the sample rate of a mono sound that comes in blocks.

    However the sound is cut into blocks, the joined output is the same.

    Args:
        from_hz: the rate that comes in.
        to_hz: the rate that goes out.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = (
            None
            if from_hz == to_hz
            else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality=QUALITY)
        )

    def feed(self, block: Samples, *, last: bool = False) -> Samples:
        """Take in a block, shape (samples,), and give out what is ready.

        Args:
            block: the next samples; may be empty.
            last: nothing follows, so give out the rest.
        """
        if self._stream is None:
            return block
        out = self._stream.resample_chunk(np.ascontiguousarray(block, np.float32), last=last)
        return np.asarray(out, np.float32)
