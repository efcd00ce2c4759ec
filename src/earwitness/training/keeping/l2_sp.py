"""L2-SP: a spring from each weight to where it started.

Li et al. 2018, "Explicit inductive bias for transfer learning with convolutional networks". Weight
decay pulls to zero; this pulls to what was known. What was not there before is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Batches, Penalty, Remedy
from earwitness.training.keeping._distance import moved
from earwitness.training.losses import Outputs


@dataclass(frozen=True)
class L2SpSettings:
    """``strength`` / 2 times the squared distance of all trained weights is added to the loss."""

    strength: float = 0.01

    def __post_init__(self) -> None:
        if self.strength <= 0:
            raise SettingsError(f"strength ({self.strength}) must be above 0.")


@REMEDIES.add
def build(settings: L2SpSettings) -> Remedy:
    """Build the remedy."""

    def prepare(start: nn.Module, batches: Batches | None) -> Penalty:
        del batches
        then = start.state_dict()

        def penalty(network: nn.Module, samples: Tensor, outputs: Outputs, step: int) -> Tensor:
            del outputs, step
            squares = [way.square().sum() for _, way in moved(network, then)]
            total = torch.stack(squares).sum() if squares else samples.new_zeros(())
            return 0.5 * settings.strength * total

        return penalty

    return Remedy(prepare=prepare)
