"""Optimisers, and how their rate goes over a run."""

from __future__ import annotations

import math

import torch
from torch import nn

from earwitness.training.recipes import FitSettings


def new_optimiser(network: nn.Module, settings: FitSettings) -> torch.optim.Optimizer:
    """Build the optimiser of all weights that are to be trained.

    It goes over memory in one pass, but where gradients are clipped: Lightning refuses both.
    """
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    decay, rate, is_fused = settings.weight_decay, settings.rate, not settings.clip_norm
    if settings.name == "sgd":
        return torch.optim.SGD(weights, lr=rate, momentum=0.9, weight_decay=decay, fused=is_fused)
    kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
    return kind(weights, lr=rate, weight_decay=decay, fused=is_fused)


def share_of_rate(step: int, steps: int, settings: FitSettings) -> float:
    """Give the share of the highest rate at a step, counted from 0.

    Example:
        >>> cosine = FitSettings(schedule="cosine", warm_up_share=0.1)
        >>> [round(share_of_rate(step, 100, cosine), 2) for step in (0, 9, 50, 99)]
        [0.1, 0.98, 0.5, 0.0]
    """
    warm_up = max(1.0, settings.warm_up_share * steps)
    falling = 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / steps)))
    falling = settings.last_share + (1.0 - settings.last_share) * falling
    return min(1.0, (step + 1) / warm_up) * (falling if settings.schedule == "cosine" else 1.0)
