"""Lists of published keys and shapes, and weights drawn for them, the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

Shapes: TypeAlias = dict[str, tuple[int, ...]]


def layer(name: str, *shape: int) -> Shapes:
    """Keys of a linear layer or a convolution: weight and bias."""
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def norm(name: str, width: int, *, affine: bool = True) -> Shapes:
    """Keys of a batch norm."""
    parts = ["running_mean", "running_var", *(["weight", "bias"] if affine else [])]
    return {f"{name}.{part}": (width,) for part in parts} | {f"{name}.num_batches_tracked": ()}


def noise(*shape: int, seed: int = 6) -> Tensor:
    """Draw float32 of zero mean and unit deviation."""
    uniform = 2 * np.random.default_rng(seed).random(shape) - 1
    return torch.from_numpy(np.asarray(np.sqrt(3) * uniform, np.float32))


def drawn(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Draw weights so that outputs neither vanish nor overflow, and every weight shows in them."""
    weights = {}
    for seed, key in enumerate(sorted(shapes)):
        value = noise(*shapes[key], seed=seed)
        if key.endswith("num_batches_tracked"):
            value = torch.tensor(1)
        elif key.endswith("running_var"):
            value = value.abs() + 0.5
        elif value.ndim > 1:
            value = value / np.sqrt(value[0].numel())
        weights[key] = value
    return weights
