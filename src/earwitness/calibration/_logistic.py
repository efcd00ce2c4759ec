"""Logistic regression by Newton's method: what the calibrations share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 100
_CLOSE_ENOUGH = 1e-10

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Minimum:
    """Where the log loss is least: a coefficient a row, and whether the steps came to rest."""

    line: Array
    has_converged: bool


def minimise(
    design: Array, labels: Array, shares: Array, *, ridge: float, most_steps: int = _MOST_STEPS
) -> Minimum:
    """Minimise the weighted log loss, with steps halved until they help.

    Args:
        design: shape (coefficients, trials); a constant is a row of ones.
        labels: shape (trials,), 1 for bona fide and 0 for spoof.
        shares: shape (trials,), how much each trial counts; they sum to 1.
        ridge: keeps the coefficients finite where the labels do not overlap; half of it times the
            sum of squares is added to the loss.
        most_steps: after which the search ends.

    Example:
        >>> design = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
        >>> shares = np.array([0.4, 0.1, 0.1, 0.4])
        >>> found = minimise(design, np.array([0.0, 0.0, 1.0, 1.0]), shares, ridge=0.0)
        >>> bool(abs(found.line[0] - np.log(4)) < 1e-6), found.has_converged
        (True, True)
    """
    line, has_converged = np.zeros(len(design)), False
    cost = _cost(line, design, labels, shares, ridge)
    for _ in range(most_steps):
        chance = _sigmoid(line @ design)
        gradient = design @ (shares * (chance - labels)) + ridge * line
        bend = (design * (shares * chance * (1 - chance))) @ design.T + ridge * np.eye(len(design))
        step = np.linalg.solve(bend, gradient)
        while (better := _cost(line - step, design, labels, shares, ridge)) > cost + _CLOSE_ENOUGH:
            step = step / 2
        line, cost = line - step, better
        if float(np.abs(step).max()) < _CLOSE_ENOUGH:
            has_converged = True
            break
    return Minimum(line, has_converged)


def _cost(line: Array, design: Array, labels: Array, shares: Array, ridge: float) -> float:
    logits = line @ design
    loss = np.logaddexp(0, logits) - labels * logits
    return float(np.sum(shares * loss) + ridge / 2 * line @ line)


def _sigmoid(logits: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)), np.float64)
