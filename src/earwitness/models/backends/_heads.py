"""The small networks that end a back end which pools first: several, and their mean."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Heads(nn.Module):
    """Networks of one hidden layer on standardised inputs: (batch, inputs) → (batch, heads).

    Each is fitted for itself; the mean of a few errs less than any of them on unseen pages.

    Args:
        inputs: measures a row.
        hidden: width of the hidden layer.
        dropout: of the inputs and of the hidden layer.
        heads: how many networks.
    """

    def __init__(self, inputs: int, *, hidden: int, dropout: float, heads: int) -> None:
        super().__init__()
        self.standard = nn.BatchNorm1d(inputs, affine=False)
        self.networks = nn.ModuleList(
            nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(inputs, hidden),
                nn.GELU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, 1),
            )
            for _ in range(heads)
        )

    def forward(self, pooled: Tensor) -> Tensor:
        """Score with each network; see the class for shapes."""
        standard = self.standard(pooled)
        return torch.cat([network(standard) for network in self.networks], dim=1)
