"""Products of large matrices: in float32 by the faster library, or in bfloat16.

On a CPU torch leaves float32 products to MKL, which takes its slow path on processors that Intel
did not make: XLS-R takes twice the time. oneDNN, which torch brings for convolutions, minds what a
processor can do and not whose it is. In bfloat16, processors are two to five times as fast.
"""

from __future__ import annotations

import platform

import torch
from torch import Tensor, nn
from torch.nn import functional

BF16 = torch.bfloat16


class LeanLinear(nn.Module):
    """A linear layer that oneDNN computes on a CPU: float32, and the same up to rounding.

    Args:
        linear: with a bias; its weights are shared.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = linear.weight, linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """Multiply: (..., inputs) → (..., outputs)."""
        if x.device.type != "cpu":
            return functional.linear(x, self.weight, self.bias)
        found: Tensor = torch.ops.mkldnn._linear_pointwise(
            x, self.weight, self.bias, "none", [], ""
        )
        return found


def lean_linear(part: nn.Module, weights: int) -> nn.Module | None:
    """Give the lean form of a linear layer of at least so many weights; None for any other part.

    Notable: the operation is one that torch's compiler calls, so it may go without notice; then
    layers stay as they are.
    """
    if isinstance(part, nn.Linear) and part.bias is not None and is_large(part, weights):
        return LeanLinear(part) if _has_onednn() else None
    return None


def _has_onednn() -> bool:
    is_built_in = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    is_x86 = platform.machine().lower() in ("x86_64", "amd64")
    return is_built_in and is_x86 and hasattr(torch.ops.mkldnn, "_linear_pointwise")


class HalfLinear(nn.Module):
    """A linear layer that multiplies in bfloat16; what comes in and goes out stays as it was.

    The bias is added in the precision that goes out, and by itself: a product that starts with a
    bias takes a tenth longer on a CPU.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.register_buffer("weight", linear.weight.detach().to(BF16))
        bias = torch.zeros(linear.out_features) if linear.bias is None else linear.bias.detach()
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply: (..., inputs) → (..., outputs)."""
        return self.product(x).to(x.dtype) + self.bias

    def product(self, x: Tensor) -> Tensor:
        """Multiply without the bias; bfloat16 goes out."""
        return functional.linear(x.to(BF16), self.weight)


def is_large(part: nn.Module, weights: int) -> bool:
    """Say whether this is a linear layer of at least so many weights."""
    return isinstance(part, nn.Linear) and part.weight.numel() >= weights
