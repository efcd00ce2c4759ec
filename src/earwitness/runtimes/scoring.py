"""Segments → their scores, one at a time, whichever engine runs the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Segment, SegmentScore
from earwitness.runtimes import Runtime


class Calibration(Protocol):
    """What turns raw scores into LLRs."""

    def llr(self, raw_scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Turn raw scores into LLRs; the shape stays."""


def score(
    segments: Iterable[Segment],
    runtime: Runtime,
    calibration: Calibration | None,
    *,
    start_s: float = 0.0,
) -> Iterator[SegmentScore]:
    """Score segments in order and let go of their samples.

    One at a time: larger batches are no faster on a CPU (AASIST: 151 ms a window alone, 164 ms in
    batches of four) and take so many times the memory. And a recording scores the same alone and
    among others.

    Args:
        segments: of one recording.
        runtime: runs the network.
        calibration: gives the LLRs; None leaves them out.
        start_s: where in the recording the range starts that the segments were cut from.
    """
    for segment in segments:
        raw = runtime.scores(segment.samples[None])
        yield SegmentScore(
            start_s=start_s + segment.start_s,
            end_s=start_s + segment.end_s,
            speech_s=segment.speech_s,
            fresh_s=segment.fresh_s,
            raw_score=float(raw[0]),
            llr=float(calibration.llr(raw)[0]) if calibration else None,
        )
