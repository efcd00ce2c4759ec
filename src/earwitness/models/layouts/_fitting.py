"""Whether weights fit a network: by key and by shape, with nothing skipped."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def misfits(weights: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """List what keeps these weights from fitting: missing, unexpected and mis-shaped keys."""
    missing = [f"missing {name}" for name in shapes if name not in weights]
    unexpected = [f"unexpected {name}" for name in weights if name not in shapes]
    shaped = [
        f"{name} is {tuple(value.shape)} instead of {shapes[name]}"
        for name, value in weights.items()
        if name in shapes and tuple(value.shape) != shapes[name]
    ]
    return [*missing, *unexpected, *shaped]
