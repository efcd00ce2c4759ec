"""How far each trained weight has moved from where it started, adapters counted in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from earwitness.training.keeping._ranges import is_adapter

_BASE = ".base_layer"


def moved(network: nn.Module, start: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Give each trained weight's name in the start, and its way from there, differentiable.

    A layer with an adapter has moved by the product of the adapter's two matrices. A weight that
    the start does not have (a new head) has no way to be measured, and is left out.

    Args:
        network: that is being trained.
        start: weights of the starting network by name.
    """
    for name, weight in network.named_parameters():
        known_as = name.replace(_BASE, "")
        then = start.get(known_as)
        is_measured = weight.requires_grad and not is_adapter(name)
        if is_measured and then is not None and then.shape == weight.shape:
            yield known_as, weight - then.to(weight)
    for name, module in network.named_modules():
        if hasattr(module, "lora_A") and f"{name}.weight" in start:
            yield f"{name}.weight", by_adapters(module)


def by_adapters(module: nn.Module) -> Tensor:
    """Give what the adapters of a layer add to its weight, (out, in)."""
    layer: Any = module  # PEFT's own class of layer, which is not imported here
    parts: list[Tensor] = []
    with torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):
        for key, down in layer.lora_A.items():
            parts.append(layer.scaling[key] * (layer.lora_B[key].weight @ down.weight))
    return sum(parts[1:], parts[0])
