"""Segments → their scores, a few at a time, whichever engine runs the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earwitness.records import Segment, SegmentScore
from earwitness.runtimes import Runtime

BATCH = 4


class Calibration(Protocol):
    """What turns raw scores into LLRs."""

    def llr(self, raw_scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Turn raw scores into LLRs; the shape stays."""


def score(
    segments: Iterable[Segment], runtime: Runtime, calibration: Calibration | None
) -> Iterator[SegmentScore]:
    """Score segments in order and let go of their samples.

    Batches are made of the segments of one recording, always in the same way, so that a recording
    scores the same alone and among others.

    Args:
        segments: of one recording, all of one length.
        runtime: runs the network.
        calibration: gives the LLRs; None leaves them out.
    """
    waiting = iter(segments)
    while batch := list(islice(waiting, BATCH)):
        raw = runtime.scores(np.stack([segment.samples for segment in batch]))
        llrs = calibration.llr(raw).tolist() if calibration else [None] * len(batch)
        for segment, raw_score, llr in zip(batch, raw.tolist(), llrs, strict=True):
            yield SegmentScore(
                start_s=segment.start_s,
                end_s=segment.end_s,
                speech_s=segment.speech_s,
                fresh_s=segment.fresh_s,
                raw_score=raw_score,
                llr=llr,
            )
