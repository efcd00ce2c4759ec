"""What every metric asks of its trials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError

Scores = NDArray[np.floating]
Key = NDArray[np.bool_]


def checked(scores: Scores, is_bona_fide: Key) -> tuple[NDArray[np.float64], Key]:
    """Give scores and key as arrays, or say why they cannot be measured.

    Raises:
        ProtocolError: shapes differ, a score is NaN, or a label is absent.
    """
    scores, is_bona_fide = np.asarray(scores, np.float64), np.asarray(is_bona_fide, np.bool_)
    if scores.ndim != 1 or scores.shape != is_bona_fide.shape:
        raise ProtocolError(
            f"Expected one key a score, but got scores of shape {scores.shape} and a key of shape "
            f"{is_bona_fide.shape}."
        )
    if np.isnan(scores).any():
        raise ProtocolError(
            f"Expected scores to be numbers, but got NaN for {np.isnan(scores).sum()} of "
            f"{len(scores)} trials."
        )
    if is_bona_fide.all() or not is_bona_fide.any():
        raise ProtocolError(
            f"Expected trials of both labels, but got {is_bona_fide.sum()} bona fide and "
            f"{(~is_bona_fide).sum()} spoof."
        )
    return scores, is_bona_fide
