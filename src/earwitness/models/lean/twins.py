"""Twins: copies of a network's structure around the very same tensors, for parts to be replaced."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils import parametrize


def twin(network: nn.Module) -> nn.Module:
    """Copy a network in eval mode; weights are shared until one of the two gets others.

    A large network so costs no memory, and what is done to the twin's parts leaves the other be.
    """
    shared: dict[int, object] = {
        id(weight): nn.Parameter(weight.detach(), requires_grad=False)
        for weight in network.parameters()
    }
    shared |= {id(buffer): buffer for buffer in network.buffers()}
    return copy.deepcopy(network, shared).eval()


@torch.no_grad()
def fold_norms(network: nn.Module) -> None:
    """Compute weights that are kept as direction and length once, in place of at every call.

    Notable: torch's own way takes the computed weight from the class, which twins have in common.
    """
    for module in network.modules():
        if not parametrize.is_parametrized(module):
            continue
        names = list(module.parametrizations)  # type: ignore[arg-type]
        folded = {name: getattr(module, name) for name in names}
        module.__class__ = parametrize.type_before_parametrizations(module)
        del module.parametrizations
        for name, value in folded.items():
            module.register_parameter(name, nn.Parameter(value, requires_grad=False))


def replace_parts(network: nn.Module, other: Callable[[nn.Module], nn.Module | None]) -> int:
    """Put others in the place of a network's parts, from the outside in; counts them.

    Args:
        network: is changed.
        other: gives the part that takes a part's place, or None, which lets its own parts be asked.
    """
    replaced = 0
    for name, part in list(network.named_children()):
        new = other(part)
        if new is None:
            replaced += replace_parts(part, other)
        else:
            network.register_module(name, new)
            replaced += 1
    return replaced
