"""P2SGrad: cosines are pulled to 1 for the right class and to 0 for the other, by squares.

Zhang et al. 2019, "P2SGrad: refined gradients for optimizing deep face models", which gives only
gradients; Wang & Yamagishi 2021, "A comparative study on recent neural spoofing countermeasures
for synthetic speech detection", section 2.3, give the loss that has them: a mean squared error. It
has no setting but the weights of the classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from earwitness.training.losses import LOSSES, BuiltLoss, ClassWeights, Outputs


@dataclass(frozen=True)
class P2sGradSettings(ClassWeights):
    """The weights of the classes."""


def rows(outputs: Outputs, targets: Tensor) -> Tensor:
    """Compute the loss of each row; see ``BuiltLoss`` for shapes."""
    wanted = torch.stack([1.0 - targets, targets], dim=1)
    return (outputs.logits - wanted).square().mean(dim=1)


@LOSSES.add
def build(settings: P2sGradSettings) -> BuiltLoss:
    """Build the loss."""
    return BuiltLoss(rows, settings.of_rows, needs_cosine=True)
