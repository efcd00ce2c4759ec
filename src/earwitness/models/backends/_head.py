"""The small network that ends a back end which pools first."""

from __future__ import annotations

from torch import nn


def small_network(inputs: int, *, hidden: int, dropout: float) -> nn.Sequential:
    """Make one hidden layer on standardised inputs: (batch, inputs) → (batch, 1)."""
    return nn.Sequential(
        nn.BatchNorm1d(inputs, affine=False),
        nn.Dropout(dropout),
        nn.Linear(inputs, hidden),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, 1),
    )
