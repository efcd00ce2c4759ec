"""AM-Softmax: cross-entropy of scaled cosines, from which the right class first loses a margin.

Wang et al. 2018, "Additive margin softmax for face verification"; for spoofs as in Zhang, Jiang &
Duan 2021, whose scale and margin are the defaults. The score stays the cosine with bona fide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.training.losses import LOSSES, BuiltLoss, ClassWeights, Outputs


@dataclass(frozen=True)
class AmSoftmaxSettings(ClassWeights):
    """Scale and margin.

    Attributes:
        scale: what cosines are multiplied by (s).
        margin: what the cosine of the right class loses (m).
    """

    scale: float = 20.0
    margin: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale <= 0:
            raise SettingsError(f"scale ({self.scale}) must be above 0.")
        if not 0 <= self.margin <= 2:
            raise SettingsError(f"margin ({self.margin}) must lie between 0 and 2.")


def rows(outputs: Outputs, targets: Tensor, settings: AmSoftmaxSettings) -> Tensor:
    """Compute the loss of each row; see ``BuiltLoss`` for shapes."""
    spoof, bona_fide = outputs.logits.unbind(dim=1)
    lead = torch.where(targets > 0.5, bona_fide - spoof, spoof - bona_fide)
    return -functional.logsigmoid(settings.scale * (lead - settings.margin))


@LOSSES.add
def build(settings: AmSoftmaxSettings) -> BuiltLoss:
    """Build the loss."""
    return BuiltLoss(partial(rows, settings=settings), settings.of_rows, needs_cosine=True)
