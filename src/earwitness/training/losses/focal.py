"""Focal loss: cross-entropy in which rows that are right already count less.

Lin et al. 2017, "Focal loss for dense object detection"; their alpha is the weight of a class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from earwitness.errors import SettingsError
from earwitness.training.losses import LOSSES, BuiltLoss, ClassWeights, Outputs


@dataclass(frozen=True)
class FocalSettings(ClassWeights):
    """How strongly easy rows are turned down.

    Attributes:
        gamma: the power of the probability of being wrong; 0 is cross-entropy.
    """

    gamma: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.gamma < 0:
            raise SettingsError(f"gamma ({self.gamma}) must not be below 0.")


def rows(outputs: Outputs, targets: Tensor, settings: FocalSettings) -> Tensor:
    """Compute the loss of each row; see ``BuiltLoss`` for shapes."""
    spoof, bona_fide = torch.log_softmax(outputs.logits, dim=1).unbind(dim=1)
    right = torch.where(targets > 0.5, bona_fide, spoof)
    wrong = torch.where(targets > 0.5, spoof, bona_fide)
    # The power is taken in logarithms: of a probability that rounds to 0 it would have no gradient.
    return -torch.exp(settings.gamma * wrong) * right


@LOSSES.add
def build(settings: FocalSettings) -> BuiltLoss:
    """Build the loss."""
    return BuiltLoss(partial(rows, settings=settings), settings.of_rows)
