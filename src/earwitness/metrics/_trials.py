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
    values, key = np.asarray(scores, np.float64), np.asarray(is_bona_fide, np.bool_)
    if values.ndim != 1 or values.shape != key.shape:
        raise ProtocolError(
            f"Expected one key a score, but got scores of shape {values.shape} and a key of shape "
            f"{key.shape}."
        )
    if np.isnan(values).any():
        raise ProtocolError(
            f"Expected scores to be numbers, but got NaN for {np.isnan(values).sum()} of "
            f"{len(values)} trials."
        )
    if key.all() or not key.any():
        raise ProtocolError(
            f"Expected trials of both labels, but got {key.sum()} bona fide and "
            f"{(~key).sum()} spoof."
        )
    return values, key
