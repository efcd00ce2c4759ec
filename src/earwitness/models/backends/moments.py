"""Moments over time of each layer of an encoder, standardised, and small networks on top.

The early layers of a speech encoder carry the traces of synthesis in how its features are spread
over a clip more than in any one frame of it: how far they swing, how fast they move, how lopsided
and how peaked they are, and how much of a frame is still there two frames on.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._heads import Heads

MOMENTS = 6
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True)
class MomentsSettings:
    """``layers`` counts the stem; ``width`` is the encoder's."""

    layers: int = 4
    width: int = 512
    hidden: int = 64
    dropout: float = 0.5
    heads: int = 3


class MomentsPooling(nn.Module):
    """(batch, layers, frames, width) → one raw score a row, (batch,); three frames at least."""

    def __init__(self, settings: MomentsSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width, elementwise_affine=False)
        self.head = Heads(
            MOMENTS * settings.layers * settings.width,
            hidden=settings.hidden, dropout=settings.dropout, heads=settings.heads,
        )  # fmt: skip

    def pooled(self, states: Tensor) -> Tensor:
        """Pool over time: (batch, layers, frames, width) → (batch, 6 * layers * width).

        Mean, deviation, root mean square of the change from frame to frame, skewness, logarithm
        of the kurtosis, and the correlation with the frame after next.
        """
        states = self.norm(states.float())
        mean = states.mean(dim=2)
        centred = states - mean[:, :, None]
        variance = centred.square().mean(dim=2).clamp(min=1e-12)  # a root of 0 has no gradient
        deviation = torch.sqrt(variance) + _LEAST_DEVIATION
        standard = centred / deviation[:, :, None]
        square = standard.square()
        change = states[:, :, 1:] - states[:, :, :-1]
        moments = [
            mean,
            deviation,
            torch.sqrt(change.square().mean(dim=2) + 1e-12),
            (square * standard).mean(dim=2),
            torch.log(square.square().mean(dim=2) + 1e-3),
            (standard[:, :, 2:] * standard[:, :, :-2]).mean(dim=2),
        ]
        return torch.cat([moment.flatten(1) for moment in moments], dim=1)

    def forward(self, states: Tensor) -> Tensor:
        """Pool and score; see the class for shapes."""
        scores: Tensor = self.head(self.pooled(states)).mean(dim=1)
        return scores


@BACKENDS.add
def build(settings: MomentsSettings) -> MomentsPooling:
    """Build the back end."""
    return MomentsPooling(settings)
