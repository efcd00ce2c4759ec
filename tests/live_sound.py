"""Sound as a browser's recorder sends it: Opus in WebM or Ogg, flushed every tenth of a second."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from earwitness.audio.resample import resample

RATE = 48000
_OPTIONS = {"webm": {"cluster_time_limit": "100", "live": "1"}, "ogg": {"page_duration": "100000"}}


def sound_of(path: Path) -> tuple[NDArray[np.float32], int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def opus(samples: NDArray[np.float32], rate: int, container: str) -> bytes:
    """Encode as MediaRecorder does."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=_OPTIONS[container]) as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = 32000
        sound = resample(samples, rate, RATE)
        frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
        stream.codec_context.open()
        form = stream.codec_context.format
        fitting = av.AudioResampler(form, "mono", RATE, stream.frame_size)
        for piece in [*fitting.resample(frame), *fitting.resample(None), None]:
            out.mux(stream.encode(piece))
    return file.getvalue()


def pcm16(samples: NDArray[np.float32]) -> bytes:
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def pieces(data: bytes, count: int) -> Iterator[bytes]:
    step = max(1, -(-len(data) // count))
    for at in range(0, len(data), step):
        yield data[at : at + step]
