"""Folds of a cross-validation: whole clusters, and about as much of each label in every fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FOLDS = 5


def dealt(
    clusters: Sequence[str], labels: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Deal clusters into folds that hold about as much of each label, the largest first."""
    names, groups = np.unique(np.asarray(clusters), return_inverse=True)
    shares = np.stack([labels / labels.sum(), ~labels / (~labels).sum()], axis=1)
    weights = np.zeros((len(names), 2))
    np.add.at(weights, groups, shares)
    order = rng.permutation(len(names))
    order = order[np.argsort(-weights[order].sum(axis=1), kind="stable")]
    load, fold = np.zeros((FOLDS, 2)), np.zeros(len(names), np.intp)
    for name in order:
        fold[name] = int(np.argmin(((load + weights[name]) ** 2 - load**2).sum(axis=1)))
        load[fold[name]] += weights[name]
    return fold[groups]
