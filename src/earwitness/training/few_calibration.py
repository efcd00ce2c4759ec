"""A calibration line from few clips, held close to what was known before, and how sure it is.

With a dozen clips of a label, logistic regression finds lines that are far too steep: often the two
kinds do not overlap at all, and nothing stops the slope. So the line is a maximum a posteriori one
(Gelman et al. 2008, "A weakly informative default prior distribution for logistic and other
regression models"): it starts from the calibration of the detector that was fine-tuned, or from
none, and the clips move it as far as they are many. The curvature there tells how sure it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earwitness.calibration.affine import AffineCalibration
from earwitness.errors import ProtocolError
from earwitness.metrics.cllr import cllr

SLOPE_SPREAD, SHIFT_SPREAD = 2.5, 2.0  # of the prior, in LLRs per deviation of scores, in LLRs
KNOWN_SLOPE_SPREAD, KNOWN_SHIFT_SPREAD = 0.5, 1.0  # around a known line: a share of its slope, LLRs
MOST_FOLDS = 30  # of the cross-validation; with fewer speakers or sources, one each
_STEPS = 200
_Z95 = 1.959964

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FewLine:
    """A line from few clips.

    Attributes:
        line: raw score → LLR.
        variance: of its slope, of its shift, and what they have in common, in the unit of
            standardised scores.
        centre, spread: by which scores were standardised.
        n_bona_fide, n_spoof: clips that it was drawn from.
        independent: how many of them count on their own (speakers, sources).
        cllr: in bits, each clip by a line that was drawn without it and its kin.
    """

    line: AffineCalibration
    variance: tuple[float, float, float]
    centre: float
    spread: float
    n_bona_fide: int
    n_spoof: int
    independent: int
    cllr: float

    def half_width(self, llr: float) -> float:
        """Give how far the LLR of a score may lie off to either side, 95 %."""
        score = (llr - self.line.offset) / self.line.scale
        at = (score - self.centre) / self.spread
        slope, shift, both = self.variance
        return _Z95 * math.sqrt(max(0.0, slope * at * at + 2 * both * at + shift))

    def told(self) -> str:
        """Say how sure the line is."""
        half = round(self.half_width(2.0), 1)
        low, high = 2.0 - half + 0.0, 2.0 + half
        return (
            f"Calibrated on {self.n_bona_fide} bona fide and {self.n_spoof} spoof clips that were "
            f"held out. So few leave the line unsure: an LLR of 0 is known to ±"
            f"{self.half_width(0.0):.1f}, one of +2.0 may as well be {low:+.1f} or {high:+.1f}. "
            f"Cllr {self.cllr:.2f} bits, each clip by a line drawn without it."
        ).replace("-", "−")


def fit_few(
    raw_scores: ArrayLike,
    is_bona_fide: ArrayLike,
    kin: Sequence[str],
    *,
    known: AffineCalibration | None = None,
) -> FewLine:
    """Draw a line from few clips.

    Both labels weigh alike, and the clips of one speaker or source together count as one and a
    half at most: they say nearly the same.

    Args:
        raw_scores: shape (clips,), of clips that the network was not trained on.
        is_bona_fide: shape (clips,).
        kin: what each clip shares with its kin; names of their own for those without.
        known: the line of the detector before; None where it had none.

    Raises:
        ProtocolError: the scores speak for the wrong side, or tell nothing.

    Example:
        >>> scores, key = [-1.0, -0.5, 0.4, 0.5, 1.0, 2.0], [False, False, True, False, True, True]
        >>> few = fit_few(scores, key, list("abcdef"))
        >>> 0.5 < few.line.scale < 3.0, few.half_width(0.0) > 1.0
        (True, True)
    """
    scores = np.asarray(raw_scores, np.float64)
    key = np.asarray(is_bona_fide, np.bool_)
    names = np.asarray(list(kin))
    drawn = _drawn(scores, key, names, known)
    if drawn.line is None:
        raise ProtocolError(
            "The held clips score no higher where they are bona fide, so no line can be drawn. "
            "The detector is left without a calibration: learn from more clips, or other ones."
        )
    llrs = np.zeros(len(scores))
    folds = np.unique(names, return_inverse=True)[1] % MOST_FOLDS
    for fold in np.unique(folds):
        out = folds == fold
        rest = _drawn(scores[~out], key[~out], names[~out], known) if _both(key[~out]) else drawn
        line = rest.line or drawn.line
        llrs[out] = line.llr(scores[out])
    return FewLine(
        drawn.line, drawn.variance, drawn.centre, drawn.spread, int(key.sum()), int((~key).sum()),
        len(np.unique(names)), cllr(llrs, key),
    )  # fmt: skip


@dataclass(frozen=True)
class _Drawn:
    line: AffineCalibration | None
    variance: tuple[float, float, float]
    centre: float
    spread: float


def _drawn(
    scores: Array, key: NDArray[np.bool_], names: NDArray[np.str_], known: AffineCalibration | None
) -> _Drawn:
    weights = _weights(key, names)
    centre = float(np.average(scores, weights=weights))
    spread = math.sqrt(float(np.average((scores - centre) ** 2, weights=weights))) or 1.0
    middle = np.zeros(2)
    widths = np.array([SLOPE_SPREAD, SHIFT_SPREAD])
    if known is not None:  # its zero is what is known, not its value at the centre of these clips
        centre = 0.0
        middle = np.array([known.scale * spread, known.offset])
        widths = np.array([KNOWN_SLOPE_SPREAD * middle[0], KNOWN_SHIFT_SPREAD])
    design = np.stack([(scores - centre) / spread, np.ones_like(scores)])
    found, bend = _most_likely(design, key.astype(np.float64), weights, middle, widths)
    variance = np.linalg.inv(bend)
    scale = float(found[0]) / spread
    line = AffineCalibration(scale, float(found[1]) - scale * centre) if scale > 0 else None
    told = (float(variance[0, 0]), float(variance[1, 1]), float(variance[0, 1]))
    return _Drawn(line, told, centre, spread)


def _weights(key: NDArray[np.bool_], names: NDArray[np.str_]) -> Array:
    """Let kin share a weight of up to one and a half, and both labels weigh alike."""
    weights = np.zeros(len(key))
    for name in np.unique(names):
        own = names == name
        weights[own] = min(1.0, 1.5 / own.sum())
    half = weights.sum() / 2
    for label in (key, ~key):
        weights[label] *= half / weights[label].sum()
    return weights


def _most_likely(
    design: Array, labels: Array, weights: Array, middle: Array, widths: Array
) -> tuple[Array, Array]:
    """Find the most likely line by Newton's method, with steps halved until they help."""
    prior = np.diag(1.0 / widths**2)

    def cost(line: Array) -> float:
        logits = line @ design
        off = line - middle
        loss = np.logaddexp(0, logits) - labels * logits
        return float((weights * loss).sum() + 0.5 * off @ prior @ off)

    line = middle.copy()
    for _ in range(_STEPS):
        chance = 0.5 * (1 + np.tanh(line @ design / 2))
        gradient = design @ (weights * (chance - labels)) + prior @ (line - middle)
        bend = (design * (weights * chance * (1 - chance))) @ design.T + prior
        step = np.linalg.solve(bend, gradient)
        while cost(line - step) > cost(line) + 1e-12:
            step = step / 2
        line = line - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return line, bend


def _both(key: NDArray[np.bool_]) -> bool:
    return bool(key.any() and not key.all())
