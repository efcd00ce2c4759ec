"""Statistics over time of frame measures, standardised, and a small network on top.

The fixed statistics (mean and deviation over all frames, mean over the loud ones) are what the
shallow probe of ``docs/experiments.md`` used; here they are part of the graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._heads import Heads


@dataclass(frozen=True)
class StatisticsSettings:
    """``rows`` measures a frame, of which the first ``power_rows`` are log power."""

    rows: int = 1604
    power_rows: int = 257
    hidden: int = 64
    dropout: float = 0.5
    heads: int = 3


class StatisticsPooling(nn.Module):
    """(batch, rows, frames) → one raw score a row, (batch,)."""

    def __init__(self, settings: StatisticsSettings) -> None:
        super().__init__()
        self.power_rows = settings.power_rows
        self.head = Heads(
            3 * settings.rows,
            hidden=settings.hidden, dropout=settings.dropout, heads=settings.heads,
        )  # fmt: skip

    def pooled(self, measures: Tensor) -> Tensor:
        """Pool over time: (batch, rows, frames) → (batch, 3 * rows)."""
        measures = measures.float()
        loudness = measures[:, : self.power_rows].mean(dim=1, keepdim=True)
        centred = loudness - loudness.mean(dim=2, keepdim=True)
        weights = torch.softmax(2.0 * centred, dim=2)
        mean = measures.mean(dim=2)
        deviation = torch.sqrt((measures - mean[..., None]).square().mean(dim=2) + 1e-6)
        loud = (measures * weights).sum(dim=2)
        return torch.cat([mean, deviation, loud], dim=1)

    def forward(self, measures: Tensor) -> Tensor:
        """Pool and score; see the class for shapes."""
        scores: Tensor = self.head(self.pooled(measures)).mean(dim=1)
        return scores


@BACKENDS.add
def build(settings: StatisticsSettings) -> StatisticsPooling:
    """Build the back end."""
    return StatisticsPooling(settings)
