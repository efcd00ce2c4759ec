"""All columns together: Fisher's linear discriminant with a ridge, on ranks and values.

Least squares of the key on standardised columns is Fisher's discriminant (and one Newton step of a
logistic regression). It is taken because it has a closed form: the very same fit can be repeated on
two thousand shuffled keys, so what chance does is measured and not assumed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.audit.asking.columns import Column
from earwitness.evaluation.audit.asking.task import FOLDS, Task

Matrix = NDArray[np.float32]

_RIDGE = 0.05  # as a share of the clips
_FEWEST = 5


def design(columns: Sequence[Column]) -> Matrix:
    """Lay columns side by side: ranks, their squares (the middle against both ends), values.

    Returns:
        Shape (clips, terms); each term has mean 0 and deviation 1.
    """
    terms: list[NDArray[np.floating]] = []
    for column in columns:
        if column.order is not None:
            terms += [column.order, np.square(column.order)]
        terms += _indicators(column)
    if not terms:
        return np.zeros((len(columns[0].codes) if columns else 0, 0), np.float32)
    matrix = np.stack(terms, axis=1).astype(np.float32)
    matrix -= matrix.mean(axis=0)
    spread = matrix.std(axis=0)
    return np.asarray(matrix[:, spread > 1e-6] / spread[spread > 1e-6])


def _indicators(column: Column) -> list[NDArray[np.floating]]:
    """Give one term for each value; for numbers, only for those that stand by themselves."""
    counts = np.bincount(column.codes, minlength=len(column.values))
    wanted = [
        code
        for code, name in enumerate(column.values)
        if counts[code] >= _FEWEST and (column.order is None or _is_one_number(name))
    ]
    return [(column.codes == code).astype(np.float32) for code in wanted]


def _is_one_number(name: str) -> bool:
    return " " not in name


class Discriminant:
    """Fits on four folds and scores the fifth, for as many keys at once as are given.

    Args:
        matrix: from ``design``.
        asked: tells the folds.
    """

    def __init__(self, matrix: Matrix, asked: Task) -> None:
        self._folds = [np.flatnonzero(asked.folds == fold) for fold in range(FOLDS)]
        self._parts = [matrix[rows] for rows in self._folds]
        grams = [part.T @ part for part in self._parts]
        whole = np.sum(grams, axis=0)
        ridge = _RIDGE * len(matrix) * np.eye(matrix.shape[1])
        self._inverses = [np.linalg.inv(whole - gram + ridge).astype(np.float32) for gram in grams]

    def held_out(self, residuals: NDArray[np.floating]) -> Matrix:
        """Score every clip by what the other folds teach.

        Args:
            residuals: shape (clips, keys), each key less its mean.

        Returns:
            The same shape; higher = more bona fide.
        """
        wanted = np.asarray(residuals, np.float32)
        speaks = [
            part.T @ wanted[rows] for part, rows in zip(self._parts, self._folds, strict=True)
        ]
        whole = np.sum(speaks, axis=0)
        scores = np.empty_like(wanted)
        for fold, rows in enumerate(self._folds):
            weights = self._inverses[fold] @ (whole - speaks[fold])
            scores[rows] = self._parts[fold] @ weights
        return scores
