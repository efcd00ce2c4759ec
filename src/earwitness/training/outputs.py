"""What a network says of a batch, whatever its kind: two outputs, and those of its branches."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from earwitness.models.branches import Branches
from earwitness.models.countermeasure import Countermeasure
from earwitness.training.losses import Outputs


@runtime_checkable
class TwoOutputs(Protocol):
    """A back end that tells both of its outputs, (batch, 2): spoof, bona fide."""

    def logits(self, features: Tensor) -> Tensor:
        """Compute both outputs."""


def outputs_of(network: nn.Module, samples: Tensor) -> Outputs:
    """Run a network of any kind forward.

    Args:
        network: branches whose scores add up; a countermeasure whose back end tells its two
            ``logits``; or anything that gives one score a row.
        samples: shape (batch, samples).

    Returns:
        Outputs in at least single precision; ``network(samples)`` is the second output, but for
        what dropout does.
    """
    if isinstance(network, Branches):
        parts = network.scores(samples)
        return Outputs(_beside_zero(parts.sum(dim=0)), parts)
    if isinstance(network, Countermeasure) and isinstance(network.backend, TwoOutputs):
        return Outputs(_precise(network.backend.logits(network.frontend(samples))))
    return Outputs(_beside_zero(_precise(network(samples))))


def _beside_zero(scores: Tensor) -> Tensor:
    return torch.stack([torch.zeros_like(scores), scores], dim=1)


def _precise(values: Tensor) -> Tensor:
    """Leave half precision, in which a loss is too coarse; double precision stays."""
    return values.float() if values.element_size() < 4 else values
