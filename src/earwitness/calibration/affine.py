"""Raw scores → LLRs by a straight line, fitted by logistic regression.

The line is the one under which the labels of the calibration set are the least surprising, each
kind weighing one half: linear logistic regression at a prior of 0.5 (Brümmer and du Preez, 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earwitness.calibration._logistic import minimise
from earwitness.errors import SettingsError

_RIDGE = 1e-6  # keeps the line finite where the two kinds do not overlap

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AffineCalibration:
    """A line: LLR = scale * raw score + offset, natural logarithm, positive for bona fide.

    Example:
        >>> AffineCalibration(scale=2.0, offset=-1.0).llr([0.0, 1.0]).tolist()
        [-1.0, 1.0]
    """

    scale: float
    offset: float

    def __post_init__(self) -> None:
        if not (self.scale > 0 and math.isfinite(self.scale) and math.isfinite(self.offset)):
            raise SettingsError(
                "A calibration needs a positive scale and a finite offset, "
                f"but got scale = {self.scale} and offset = {self.offset}."
            )

    def llr(self, raw_scores: ArrayLike) -> Array:
        """Turn raw scores into LLRs; the shape stays."""
        return self.scale * np.asarray(raw_scores, np.float64) + self.offset


def fit_affine(
    raw_scores: ArrayLike, is_bona_fide: ArrayLike, *, weights: ArrayLike | None = None
) -> AffineCalibration:
    """Fit the line on scores whose answer is known, and which the network was not trained on.

    Args:
        raw_scores: shape (trials,), higher = bona fide.
        is_bona_fide: shape (trials,), True for bona fide.
        weights: how much each trial counts among its kind; all the same if None.

    Raises:
        SettingsError: shapes differ, a kind is missing, a score is not finite, or the scores speak
            for the wrong side.

    Example:
        >>> fitted = fit_affine([-1.0, 0.0, 0.0, 1.0], [False, True, False, True])
        >>> fitted.scale > 0 and abs(fitted.offset) < 1e-6
        True
    """
    scores = np.asarray(raw_scores, np.float64)
    labels = np.asarray(is_bona_fide, bool)
    counts = np.ones_like(scores) if weights is None else np.asarray(weights, np.float64)
    _check(scores, labels, counts)
    shares = np.where(
        labels, counts / (2 * counts[labels].sum()), counts / (2 * counts[~labels].sum())
    )
    centre = float(np.sum(shares * scores))
    spread = math.sqrt(float(np.sum(shares * (scores - centre) ** 2)))
    if np.ptp(scores) == 0:  # rounding must not be taken for a spread
        spread = math.inf
    design = np.stack([(scores - centre) / spread, np.ones_like(scores)])
    slope, shift = minimise(design, labels.astype(np.float64), shares, ridge=_RIDGE).line.tolist()
    scale = slope / spread
    if scale <= 0:
        raise SettingsError(
            f"The scores speak for the wrong side (slope {scale:.3g}): bona fide trials must score "
            "higher than spoofed ones. Are the labels or the scores turned round?"
        )
    return AffineCalibration(scale=scale, offset=shift - scale * centre)


def _check(scores: Array, labels: NDArray[np.bool_], counts: Array) -> None:
    if not scores.shape == labels.shape == counts.shape or scores.ndim != 1:
        raise SettingsError(
            f"{scores.shape} scores, {labels.shape} labels and {counts.shape} weights: "
            "they must be rows of the same length."
        )
    if not np.isfinite(scores).all():
        raise SettingsError(f"{int((~np.isfinite(scores)).sum())} scores are not finite.")
    if not (counts[labels].sum() > 0 and counts[~labels].sum() > 0):
        raise SettingsError(
            f"A calibration needs both kinds, but got {int(labels.sum())} bona fide and "
            f"{int((~labels).sum())} spoofed trials."
        )
