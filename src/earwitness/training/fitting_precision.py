"""In what a network is fitted and measured."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

from earwitness.errors import SettingsError
from earwitness.runtimes.processor import has_bf16
from earwitness.training.recipes import FitPrecision


def settled(precision: FitPrecision) -> FitPrecision:
    """Settle what "auto" is here.

    Raises:
        SettingsError: bf16 was asked for, and the processor would be slower in it.
    """
    has_it = torch.cuda.is_available() or has_bf16()
    if precision == "bf16" and not has_it:
        raise SettingsError(
            "bf16 was asked for, but this processor does not multiply in it. Take fp32."
        )
    if precision != "auto":
        return precision
    return "bf16" if has_it else "fp32"


def computing(precision: FitPrecision, device: torch.device) -> AbstractContextManager[object]:
    """Compute large products in this precision; weights stay as they are."""
    is_wanted = settled(precision) == "bf16"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_wanted)
