"""Layer weighting and attentive statistics over the hidden states of an encoder.

Okabe et al. 2018, "Attentive statistics pooling for deep speaker embedding", after a learned
mixture of the layers, one mixture a channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.backends import BACKENDS


@dataclass(frozen=True)
class AttentiveSettings:
    """``layers`` counts the stem; ``width`` is the encoder's."""

    layers: int = 4
    width: int = 512
    channels: int = 256
    heads: int = 4
    hidden: int = 256
    dropout: float = 0.2


class AttentivePooling(nn.Module):
    """(batch, layers, frames, width) → one raw score a row, (batch,)."""

    def __init__(self, settings: AttentiveSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width, elementwise_affine=False)
        self.mixture = nn.Parameter(torch.zeros(settings.layers, settings.width))
        self.project = nn.Linear(settings.width, settings.channels)
        self.attend = nn.Linear(settings.channels, settings.heads)
        pooled = 2 * settings.heads * settings.channels
        self.head = nn.Sequential(
            nn.BatchNorm1d(pooled),
            nn.Dropout(settings.dropout),
            nn.Linear(pooled, settings.hidden),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(settings.hidden, 1),
        )

    def forward(self, states: Tensor) -> Tensor:
        """Pool and score; see the class for shapes."""
        shares = self.mixture.softmax(dim=0)[:, None, :]
        frames = nn.functional.gelu(self.project((self.norm(states) * shares).sum(dim=1)))
        weights = self.attend(frames).softmax(dim=1).transpose(1, 2)
        mean = weights @ frames
        deviation = torch.sqrt(torch.clamp(weights @ frames.square() - mean.square(), min=1e-4))
        pooled: Tensor = self.head(torch.cat([mean, deviation], dim=1).flatten(1))
        return pooled.squeeze(1)


@BACKENDS.add
def build(settings: AttentiveSettings) -> AttentivePooling:
    """Build the back end."""
    return AttentivePooling(settings)
