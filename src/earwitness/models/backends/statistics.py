"""Statistics over time of frame measures, standardised, and a small network on top.

The fixed statistics (mean and deviation over all frames, mean over the loud ones) are what the
shallow probe of ``docs/experiments.md`` used; here they are part of the graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.backends import BACKENDS


@dataclass(frozen=True)
class StatisticsSettings:
    """``rows`` measures a frame, of which the first ``power_rows`` are log power."""

    rows: int = 1604
    power_rows: int = 257
    hidden: int = 256
    dropout: float = 0.5


class StatisticsPooling(nn.Module):
    """(batch, rows, frames) → one raw score a row, (batch,)."""

    def __init__(self, settings: StatisticsSettings) -> None:
        super().__init__()
        self.power_rows = settings.power_rows
        self.head = nn.Sequential(
            nn.BatchNorm1d(3 * settings.rows, affine=False),
            nn.Dropout(settings.dropout),
            nn.Linear(3 * settings.rows, settings.hidden),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(settings.hidden, 1),
        )

    def forward(self, measures: Tensor) -> Tensor:
        """Pool and score; see the class for shapes."""
        loudness = measures[:, : self.power_rows].mean(dim=1, keepdim=True)
        centred = loudness - loudness.mean(dim=2, keepdim=True)
        weights = torch.softmax(2.0 * centred, dim=2)
        mean = measures.mean(dim=2)
        deviation = torch.sqrt((measures - mean[..., None]).square().mean(dim=2) + 1e-6)
        loud = (measures * weights).sum(dim=2)
        pooled: Tensor = self.head(torch.cat([mean, deviation, loud], dim=1))
        return pooled.squeeze(1)


@BACKENDS.add
def build(settings: StatisticsSettings) -> StatisticsPooling:
    """Build the back end."""
    return StatisticsPooling(settings)
