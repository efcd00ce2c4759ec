"""Freezing a part of a network for good: its weights, and what its batch norms count."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from earwitness.training.keeping._ranges import Inside, is_adapter


def freeze_outside(network: nn.Module, is_inside: Inside) -> None:
    """Freeze all that lies outside of a range; adapters stay as they are.

    Notable: a batch norm that is frozen goes on with the statistics that it has, in training, too.
    Otherwise a part whose weights stay would still drift, for its statistics would follow what is
    learnt now. This holds however often the network is set to training.
    """
    for name, weight in network.named_parameters():
        if not is_adapter(name) and not is_inside(name):
            weight.requires_grad = False
    for name, module in network.named_modules():
        if isinstance(module, _BatchNorm) and not is_inside(name):
            module.register_forward_pre_hook(_as_learnt)


def _as_learnt(module: nn.Module, inputs: tuple[Any, ...]) -> None:
    """Set a batch norm to what it learnt, just before it is used; works on copies, too."""
    del inputs
    module.eval()
