"""OC-Softmax: bona fide speech gathers about one direction, everything else is kept off it.

Zhang, Jiang & Duan 2021, "One-class learning towards synthetic voice spoofing detection". Only the
cosine with the direction of bona fide counts; that of spoofs is left where it is.
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
class OcSoftmaxSettings(ClassWeights):
    """The two margins; all defaults are those of the paper.

    Attributes:
        scale: what cosines are multiplied by (alpha).
        bona_fide_margin: cosines of bona fide speech are wanted above it (m0).
        spoof_margin: those of spoofs are wanted below it (m1).
    """

    scale: float = 20.0
    bona_fide_margin: float = 0.9
    spoof_margin: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale <= 0:
            raise SettingsError(f"scale ({self.scale}) must be above 0.")
        if not -1 <= self.spoof_margin <= self.bona_fide_margin <= 1:
            raise SettingsError(
                f"spoof_margin ({self.spoof_margin}) and bona_fide_margin "
                f"({self.bona_fide_margin}) must run upwards within -1 and 1."
            )


def rows(outputs: Outputs, targets: Tensor, settings: OcSoftmaxSettings) -> Tensor:
    """Compute the loss of each row; see ``BuiltLoss`` for shapes."""
    cosines = outputs.logits[:, 1]
    above = cosines - settings.bona_fide_margin
    below = settings.spoof_margin - cosines
    return -functional.logsigmoid(settings.scale * torch.where(targets > 0.5, above, below))


@LOSSES.add
def build(settings: OcSoftmaxSettings) -> BuiltLoss:
    """Build the loss."""
    return BuiltLoss(partial(rows, settings=settings), settings.of_rows, needs_cosine=True)
