"""Scores of several detectors → one LLR, by a weighted sum that is fitted by logistic regression.

Linear logistic fusion (Brümmer et al. 2007, "Fusion of heterogeneous speaker recognition systems
in the STBU submission for the NIST speaker recognition evaluation 2006"). It is fitted at a prior
of 0.5, so the sum is an LLR whatever the share of spoofs was among the trials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earwitness.calibration._logistic import minimise
from earwitness.errors import SettingsError

RIDGE = 1e-4  # holds detectors that say the same together, and LLRs finite where labels are apart
_OF_EACH_KIND = 5  # trials a weight, at least: fewer fit themselves

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LogisticFusion:
    """A sum: LLR = weights · scores + offset, natural logarithm, positive for bona fide.

    Attributes:
        weights: one a detector, in the order of the scores' columns; in LLR a unit of its score.
        offset: what is added.
        has_converged: the fit came to rest.

    Example:
        >>> LogisticFusion((2.0, 0.5), offset=-1.0).llr([[1.0, 0.0], [0.0, 4.0]]).tolist()
        [1.0, 1.0]
    """

    weights: tuple[float, ...]
    offset: float
    has_converged: bool = True

    def __post_init__(self) -> None:
        if not all(math.isfinite(number) for number in (*self.weights, self.offset)):
            raise SettingsError(
                f"A fusion needs finite numbers, but got weights {self.weights} and the offset "
                f"{self.offset}."
            )

    def llr(self, scores: ArrayLike) -> Array:
        """Fuse scores of shape (trials, detectors) into LLRs of shape (trials,)."""
        llrs: Array = np.asarray(scores, np.float64) @ np.asarray(self.weights) + self.offset
        return llrs


def fit_fusion(scores: ArrayLike, is_bona_fide: ArrayLike) -> LogisticFusion:
    """Fit the weights on trials whose answer is known, and which no detector was trained on.

    Each label weighs one half, however many trials it has. A weight may come out negative: where
    two detectors say nearly the same, their difference is what the second one adds.

    Args:
        scores: shape (trials, detectors), higher = bona fide, in any unit.
        is_bona_fide: shape (trials,), True for bona fide.

    Raises:
        SettingsError: shapes differ, a score is not finite, or a label has fewer than five trials
            a detector.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> labels = np.arange(200) % 2 == 0
        >>> ears = rng.normal(labels[:, None] * [2.0, 1.0], 1.0)
        >>> fitted = fit_fusion(ears, labels)
        >>> fitted.weights[0] > fitted.weights[1] > 0
        True
    """
    columns, labels = np.asarray(scores, np.float64), np.asarray(is_bona_fide, np.bool_)
    _check(columns, labels)
    shares = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum())
    centres = shares @ columns
    spreads = np.sqrt(shares @ (columns - centres) ** 2)
    spreads[np.ptp(columns, axis=0) == 0] = np.inf  # a detector that always says the same
    design = np.vstack([((columns - centres) / spreads).T, np.ones(len(labels))])
    found = minimise(design, labels.astype(np.float64), shares, ridge=RIDGE)
    weights = found.line[:-1] / spreads
    offset = float(found.line[-1] - weights @ centres)
    return LogisticFusion(tuple(weights.tolist()), offset, found.has_converged)


def _check(scores: Array, labels: NDArray[np.bool_]) -> None:
    if scores.ndim != 2 or scores.shape[0] != labels.size or labels.ndim != 1:
        raise SettingsError(
            f"Expected scores of shape (trials, detectors) and a label a trial, but got "
            f"{scores.shape} and {labels.shape}."
        )
    if not np.isfinite(scores).all():
        raise SettingsError(f"{int((~np.isfinite(scores)).sum())} scores are not finite.")
    least = _OF_EACH_KIND * scores.shape[1]
    if min(labels.sum(), (~labels).sum()) < least:
        raise SettingsError(
            f"A fusion of {scores.shape[1]} detectors needs at least {least} trials of each label, "
            f"but got {labels.sum()} bona fide and {(~labels).sum()} spoof."
        )
