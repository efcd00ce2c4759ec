"""Any network → its lean twin: equal scores in float32, faster ones in bfloat16."""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
from torch import nn

from earwitness.errors import SettingsError
from earwitness.models.lean.blocks import lean_block
from earwitness.models.lean.encoders import half_part, lean_part
from earwitness.models.lean.products import HalfLinear, is_large, lean_linear
from earwitness.models.lean.twins import fold_norms, replace_parts, twin

Precision: TypeAlias = Literal["fp32", "bf16"]
LARGE = 2**18  # weights of a product that is worth bfloat16: a layer of 512 by 512


@torch.no_grad()
def prepared(network: nn.Module, *, precision: Precision = "fp32", large: int = LARGE) -> nn.Module:
    """Make the twin of a network that is run: what only training needs is gone from it.

    Weight norms are folded, norms become part of the convolution before them, large maps are heard
    in pieces, convolutions keep their channels last. With "bf16", products of large matrices are
    done in bfloat16, and sums, norms, attention's sums and everything behind the encoder are not.

    Args:
        network: stays as it is; the twin shares its weights where it can.
        precision: of large products.
        large: how many weights make a product large.

    Raises:
        SettingsError: bfloat16 for a network without large products, which would gain nothing.
    """
    lean = twin(network)
    fold_norms(lean)
    replace_parts(lean, lean_block)
    if precision == "bf16":
        _halve(lean, large)
    else:
        replace_parts(lean, lean_part)
        replace_parts(lean, lambda part: _unless_wavlm(part) or lean_linear(part, large))
    for parameter in lean.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return lean


def _halve(network: nn.Module, large: int) -> None:
    sizes = [part.weight.numel() for part in network.modules() if isinstance(part, nn.Linear)]
    if not any(size >= large for size in sizes):
        raise SettingsError(
            "bf16 is for networks with large matrix products, such as XLS-R. The largest of this "
            f"one has {max(sizes, default=0):,} weights, which is under {large:,}: it would lose "
            "precision and gain nothing. Leave --precision out."
        )
    replace_parts(network, half_part)
    replace_parts(network, lambda part: _half_product(part, large))


def _half_product(part: nn.Module, large: int) -> nn.Module | None:
    if isinstance(part, nn.Linear) and is_large(part, large):
        return HalfLinear(part)
    return _unless_wavlm(part)


def _unless_wavlm(part: nn.Module) -> nn.Module | None:
    """Leave WavLM's attention alone: it hands its weights to torch as they are."""
    return part if type(part).__name__ == "WavLMAttention" else None
