"""The windows of a recording and a calibration: their mean raw score, and their LLRs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from earwitness.calibration.affine import AffineCalibration
from earwitness.records import SegmentScore

_A_LITTLE = 1e-6  # of weight, for windows without any fresh speech


def mean_raw(rows: Sequence[SegmentScore]) -> float:
    """Average raw scores, each window weighing by its fresh speech."""
    weights = [row.fresh_s + _A_LITTLE for row in rows]
    return float(np.average([row.raw_score for row in rows], weights=weights))


def with_llrs(
    rows: Sequence[SegmentScore], calibration: AffineCalibration
) -> tuple[SegmentScore, ...]:
    """Fill in the LLRs."""
    return tuple(replace(row, llr=float(calibration.llr(row.raw_score))) for row in rows)
