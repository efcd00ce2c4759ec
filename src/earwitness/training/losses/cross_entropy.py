"""Cross-entropy of two outputs, weighted by class; with a share of each branch's own, if asked.

The loss of nearly every published countermeasure. With weights (0.1, 0.9) it is AASIST's (Jung et
al. 2022, section 4.2); on a network of one output it is binary cross-entropy.
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
class CrossEntropySettings(ClassWeights):
    """Weights and shares.

    Attributes:
        smoothing: the probability that the target leaves to the other class (Szegedy et al. 2016);
            half of what PyTorch calls ``label_smoothing``.
        branch_share: how much the cross-entropy of each branch apart counts, in a network of
            several branches; 0 in any other.
    """

    smoothing: float = 0.0
    branch_share: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.smoothing < 0.5:
            raise SettingsError(f"smoothing ({self.smoothing}) must lie between 0 and below 0.5.")
        if self.branch_share < 0:
            raise SettingsError(f"branch_share ({self.branch_share}) must not be below 0.")


def rows(outputs: Outputs, targets: Tensor, settings: CrossEntropySettings) -> Tensor:
    """Compute the cross-entropy of each row; see ``BuiltLoss`` for shapes."""
    soft = targets * (1.0 - 2.0 * settings.smoothing) + settings.smoothing
    spoof, bona_fide = torch.log_softmax(outputs.logits, dim=1).unbind(dim=1)
    values = -(soft * bona_fide + (1.0 - soft) * spoof)
    parts = outputs.parts
    if parts is not None and len(parts) > 1 and settings.branch_share > 0:
        each = functional.binary_cross_entropy_with_logits(
            parts, soft.expand_as(parts), reduction="none"
        )
        values = values + settings.branch_share * each.sum(dim=0)
    return values


@LOSSES.add
def build(settings: CrossEntropySettings) -> BuiltLoss:
    """Build the loss."""
    return BuiltLoss(partial(rows, settings=settings), settings.of_rows)
