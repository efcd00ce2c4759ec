"""Operating points: where the line between bona fide and spoof is drawn, from error rates.

Three of them, for three uses: "screening" lets few spoofs through, "accusation" calls few genuine
recordings fake, "balanced" is Bayes at equal odds and equal costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earwitness.weights.cards import PointTable

CALLED_FAKE = 0.01  # of bona fide clips, at the operating point "accusation"
CALLED_GENUINE = 0.05  # of spoofed clips, at the operating point "screening"
_PURPOSES = {
    "screening": "sorting",
    "balanced": "Bayes at equal odds and equal costs",
    "accusation": "before you accuse",
}


@dataclass(frozen=True)
class Price:
    """What a threshold costs on both sides, as shares from 0 to 1.

    Attributes:
        called_fake: of bona fide clips.
        called_genuine: of spoofed clips.
    """

    called_fake: float
    called_genuine: float

    def __str__(self) -> str:
        return (
            f"{self.called_fake:.1%} of genuine called fake, "
            f"{self.called_genuine:.1%} of spoofs called genuine"
        )


def thresholds(llrs: ArrayLike, is_bona_fide: ArrayLike) -> dict[str, float]:
    """Draw the three lines.

    Args:
        llrs: shape (trials,).
        is_bona_fide: shape (trials,); both labels must be there.

    Example:
        >>> lines = thresholds([-4.0, -2.0, 1.0, 3.0], [False, True, False, True])
        >>> [lines[name] for name in ("balanced", "accusation")]
        [0.0, -2.0]
    """
    scores, key = np.asarray(llrs, np.float64), np.asarray(is_bona_fide, np.bool_)
    screening = float(np.quantile(scores[~key], 1.0 - CALLED_GENUINE))
    accusation = float(np.quantile(scores[key], CALLED_FAKE, method="lower"))  # at most so many
    return {
        "screening": max(screening, 0.0),
        "balanced": 0.0,
        "accusation": min(accusation, 0.0),
    }


def price(called_genuine: NDArray[np.bool_], is_bona_fide: NDArray[np.bool_]) -> Price:
    """Count what answers cost on both sides.

    Args:
        called_genuine: shape (trials,).
        is_bona_fide: shape (trials,).

    Example:
        >>> str(price(np.array([True, False, False]), np.array([True, True, False])))
        '50.0% of genuine called fake, 0.0% of spoofs called genuine'
    """
    return Price(
        called_fake=float((~called_genuine[is_bona_fide]).mean()),
        called_genuine=float(called_genuine[~is_bona_fide].mean()),
    )


def operating_points(
    llrs: NDArray[np.float64],
    is_bona_fide: NDArray[np.bool_],
    *,
    prices: Mapping[str, Price] | None = None,
    counted: str = "out of fold",
) -> dict[str, PointTable]:
    """Draw the lines and say of each what it is for and what it costs.

    Args:
        llrs: shape (trials,).
        is_bona_fide: shape (trials,).
        prices: of each line, where they were counted elsewhere; None to count them here.
        counted: how the prices were counted, in a few words.
    """
    lines = thresholds(llrs, is_bona_fide)
    found = prices or {name: price(llrs >= line, is_bona_fide) for name, line in lines.items()}
    return {
        name: PointTable(
            line,
            prior=0.5 if name == "balanced" else None,
            purpose=f"{_PURPOSES[name]}: {found[name]}, {counted}",
        )
        for name, line in lines.items()
    }
