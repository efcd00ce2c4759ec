"""XLS-R + AASIST of any size with random weights, saved as it is published: spelled by fairseq."""

from __future__ import annotations

from pathlib import Path

import torch

from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.ssl import SslEncoder, SslSettings
from earwitness.models.layouts._fairseq import pretraining_shapes
from earwitness.models.layouts.ssl_anti_spoofing import NETWORK

LARGE = SslSettings(width=512, layers=1, heads=32, inner=512, stem=32)
"""The smallest whose products are large enough for bfloat16 and int8."""


def write_xlsr_aasist(path: Path, settings: SslSettings = LARGE, *, seed: int = 1) -> Path:
    """Draw weights as torch and transformers draw them for training; save them as published."""
    torch.manual_seed(seed)
    network = Countermeasure(SslEncoder(settings), NETWORK.back_end(settings))
    weights = {NETWORK.published_key(ours): w for ours, w in network.state_dict().items()}
    leftovers = pretraining_shapes(settings, {})
    weights |= {key: 0.02 * torch.randn(shape) for key, shape in leftovers.items()}
    torch.save(weights, path)
    return path
