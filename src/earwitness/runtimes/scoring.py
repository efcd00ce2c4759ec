"""Segments → their scores, one at a time, whichever engine runs the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
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

    As many at a time as the runtime likes best. On a CPU that is one: larger batches are hardly
    faster (AASIST: slower; XLS-R in bf16: 3 %) and take so many times the memory. Windows have one
    length and batches are of one recording, so it scores the same alone and among others.

    Args:
        segments: of one recording.
        runtime: runs the network.
        calibration: gives the LLRs; None leaves them out.
        start_s: where in the recording the range starts that the segments were cut from.
    """
    for together in _batches(segments, runtime.at_once):
        raw = runtime.scores(np.stack([segment.samples for segment in together]))
        llrs = calibration.llr(raw) if calibration else [None] * len(together)
        for segment, raw_score, llr in zip(together, raw, llrs, strict=True):
            yield SegmentScore(
                start_s=start_s + segment.start_s,
                end_s=start_s + segment.end_s,
                speech_s=segment.speech_s,
                fresh_s=segment.fresh_s,
                raw_score=float(raw_score),
                llr=None if llr is None else float(llr),
            )


def _batches(segments: Iterable[Segment], size: int) -> Iterator[list[Segment]]:
    coming = iter(segments)
    while together := list(islice(coming, size)):
        yield together
