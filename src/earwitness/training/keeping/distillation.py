"""Distillation: the network goes on saying of the keep-set what it said before.

Li & Hoiem 2016, "Learning without forgetting", and Hinton et al. 2015, "Distilling the knowledge in
a neural network". Each step, a batch of the keep-set is heard by the old network and the new one,
and their difference is added to the loss; without a keep-set, the batch that is being learnt is
used, as in the paper. No label of the keep-set is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Batches, Penalty, Remedy
from earwitness.training.losses import Outputs
from earwitness.training.outputs import outputs_of


@dataclass(frozen=True)
class DistillationSettings:
    """What has to stay, and how much it counts beside the loss.

    Attributes:
        strength: weight of the difference.
        matched: "scores" (smooth L1 of both outputs: what EER and calibration rest on) or
            "posteriors" (Kullback-Leibler divergence after softening).
        temperature: by which posteriors are softened.
    """

    strength: float = 1.0
    matched: Literal["scores", "posteriors"] = "scores"
    temperature: float = 2.0

    def __post_init__(self) -> None:
        if self.strength <= 0 or self.temperature <= 0:
            raise SettingsError(
                f"strength ({self.strength}) and temperature ({self.temperature}) must be above 0."
            )


def difference(new: Tensor, old: Tensor, settings: DistillationSettings) -> Tensor:
    """Measure how differently two networks answer: logits (batch, 2) of both → a scalar."""
    if settings.matched == "scores":
        return functional.smooth_l1_loss(new, old)
    ours, theirs = (torch.log_softmax(one / settings.temperature, dim=1) for one in (new, old))
    divergence = functional.kl_div(ours, theirs, reduction="batchmean", log_target=True)
    return settings.temperature**2 * divergence


@REMEDIES.add
def build(settings: DistillationSettings) -> Remedy:
    """Build the remedy."""

    def prepare(start: nn.Module, batches: Batches | None) -> Penalty:
        def penalty(network: nn.Module, samples: Tensor, outputs: Outputs, step: int) -> Tensor:
            heard = samples
            if batches is not None:
                heard = batches(step)[0].to(samples)
                outputs = outputs_of(network, heard)
            _follow(start, samples.device)
            with torch.no_grad():
                old = outputs_of(start, heard)
            return settings.strength * difference(outputs.logits, old.logits, settings)

        return penalty

    return Remedy(prepare=prepare)


def _follow(start: nn.Module, device: torch.device) -> None:
    """Bring the old network to where the new one is trained."""
    first = next(start.parameters(), None)
    if first is not None and first.device != device:
        start.to(device)
