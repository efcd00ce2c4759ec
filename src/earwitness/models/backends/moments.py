"""Mean and deviation over time of each layer of an encoder, standardised, and a small network.

The early layers of a speech encoder carry the traces of synthesis in how its features are spread
over a clip more than in any one frame of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._head import small_network


@dataclass(frozen=True)
class MomentsSettings:
    """``layers`` counts the stem; ``width`` is the encoder's."""

    layers: int = 3
    width: int = 512
    hidden: int = 256
    dropout: float = 0.5


class MomentsPooling(nn.Module):
    """(batch, layers, frames, width) → one raw score a row, (batch,)."""

    def __init__(self, settings: MomentsSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width, elementwise_affine=False)
        pooled = 2 * settings.layers * settings.width
        self.head = small_network(pooled, hidden=settings.hidden, dropout=settings.dropout)

    def pooled(self, states: Tensor) -> Tensor:
        """Pool over time: (batch, layers, frames, width) → (batch, 2 * layers * width)."""
        states = self.norm(states.float())
        mean = states.mean(dim=2)
        variance = (states - mean[:, :, None]).square().mean(dim=2)
        return torch.cat([mean.flatten(1), torch.sqrt(variance + 1e-6).flatten(1)], dim=1)

    def forward(self, states: Tensor) -> Tensor:
        """Pool and score; see the class for shapes."""
        scores: Tensor = self.head(self.pooled(states)).squeeze(1)
        return scores


@BACKENDS.add
def build(settings: MomentsSettings) -> MomentsPooling:
    """Build the back end."""
    return MomentsPooling(settings)
