"""RawNet2 as the baseline of ASVspoof 2021: residual blocks over time, filters scaled, a GRU.

Tak et al. 2021, "End-to-end anti-spoofing with RawNet2", after Jung et al. 2020. Its front end is
``frontends.sinc`` with 20 filters of 1,025 taps, pooled over time only. Written anew after the
papers and the published file's keys and shapes; ``layouts.rawnet2`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS

_SLOPE = 0.3
_POOL = 3


@dataclass(frozen=True)
class RawNet2Settings:
    """Sizes; the defaults are those of the baseline.

    Attributes:
        filters: bands that come in, and channels of the first two blocks.
        width: channels of the four blocks after them.
        memory, layers: of the GRU.
        hidden: width of the layer after it.
    """

    filters: int = 20
    width: int = 128
    memory: int = 1024
    layers: int = 3
    hidden: int = 1024


class ResidualBlock(nn.Module):
    """(batch, width, frames) → (batch, out_width, frames // 3).

    The published block normalises and activates its input and then goes on with the raw input;
    ``unused_norm`` is kept because published weights have it, and costs nothing.
    """

    def __init__(self, width: int, out_width: int, *, is_first: bool = False) -> None:
        super().__init__()
        if not is_first:
            self.unused_norm = nn.BatchNorm1d(width).requires_grad_(requires_grad=False)
        self.conv1 = nn.Conv1d(width, out_width, 3, padding=1)
        self.norm = nn.BatchNorm1d(out_width)
        self.conv2 = nn.Conv1d(out_width, out_width, 3, padding=1)
        self.shortcut: nn.Module = nn.Identity()
        if width != out_width:
            self.shortcut = nn.Conv1d(width, out_width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, add the shortcut and pool over time; see the class for shapes."""
        inner = self.conv2(functional.leaky_relu(self.norm(self.conv1(x)), _SLOPE))
        return functional.max_pool1d(inner + self.shortcut(x), _POOL)


class FilterScale(nn.Module):
    """Weigh each channel by what all hold on average: (batch, width, frames) → the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply by the weights, and add them."""
        weights = torch.sigmoid(self.weigh(x.mean(dim=2)))[..., None]
        return x * weights + weights


class RawNet2(nn.Module):
    """(batch, filters, frames) → one raw score a row, (batch,).

    Six blocks divide time by 729, so ``frames`` must be at least that.
    """

    def __init__(self, settings: RawNet2Settings) -> None:
        super().__init__()
        filters, width = settings.filters, settings.width
        widths = [filters, filters, filters, *[width] * 4]
        self.norm = nn.BatchNorm1d(filters)
        self.blocks = nn.ModuleList(
            ResidualBlock(before, after, is_first=at == 0)
            for at, (before, after) in enumerate(pairwise(widths))
        )
        self.scales = nn.ModuleList(FilterScale(after) for after in widths[1:])
        self.blocks_norm = nn.BatchNorm1d(width)
        self.gru = nn.GRU(width, settings.memory, settings.layers, batch_first=True)
        self.hidden = nn.Linear(settings.memory, settings.hidden)
        self.out = nn.Linear(settings.hidden, 2)

    def log_probabilities(self, bands: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide; up to the training's prior."""
        heat = functional.selu(self.norm(bands))
        for block, scale in zip(self.blocks, self.scales, strict=True):
            heat = scale(block(heat))
        heat = functional.selu(self.blocks_norm(heat))
        heard, _ = self.gru(heat.transpose(1, 2))
        return torch.log_softmax(self.out(self.hidden(heard[:, -1])), dim=1)

    def forward(self, bands: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; see the class for shapes."""
        return self.log_probabilities(bands)[:, 1]


SMALL = RawNet2Settings(filters=23, width=24, memory=16, layers=2, hidden=16)


@BACKENDS.add
def build(settings: RawNet2Settings) -> RawNet2:
    """Build the back end with random weights."""
    return RawNet2(settings)
