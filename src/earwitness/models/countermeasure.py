"""The countermeasure: a front end and a back end as one network, from waveform to raw score."""

from __future__ import annotations

from torch import Tensor, nn


class Countermeasure(nn.Module):
    """(batch, samples) → one raw score a row, (batch,); higher = more bona fide.

    Args:
        frontend: waveform → features, see ``models.frontends``.
        backend: features → raw score, see ``models.backends``.
    """

    def __init__(self, frontend: nn.Module, backend: nn.Module) -> None:
        super().__init__()
        self.frontend = frontend
        self.backend = backend

    def forward(self, samples: Tensor) -> Tensor:
        """Score each row; see the class for shapes."""
        scores: Tensor = self.backend(self.frontend(samples))
        return scores
