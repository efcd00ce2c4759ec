"""A last layer that tells cosines: how near a vector points to the direction of each class.

What losses with margins between angles are made for (OC-Softmax, AM-Softmax, P2SGrad).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Cosines(nn.Module):
    """(batch, width) → (batch, outputs), each -1 to 1; neither length nor bias counts.

    Its one weight is called ``directions``, and not ``weight``: so a file of weights that lost the
    bias of a linear layer is never taken for one of these.

    Args:
        width: of what comes in.
        outputs: how many directions.
    """

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(outputs, width) / width**0.5)

    def forward(self, hidden: Tensor) -> Tensor:
        """Compare directions; see the class for shapes. A vector of zeros gives zeros."""
        one, other = functional.normalize(hidden), functional.normalize(self.directions)
        return functional.linear(one, other)
