"""AASIST: a residual encoder, graphs over frequency and over time, and both stacked into one.

Jung et al. 2022, "AASIST: audio anti-spoofing using integrated spectro-temporal graph attention
networks". Written anew after the paper; weights in the published layout are renamed and loaded by
``layouts.clovaai``. Two settings are published: ``AASIST`` and the smaller ``AASIST_L``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._cosine import Cosines
from earwitness.models.backends._graph import (
    GraphAttention,
    HeterogeneousAttention,
    NodePool,
    Nodes,
)


@dataclass(frozen=True)
class AasistSettings:
    """Widths, and the shares of nodes that each pooling keeps.

    Attributes:
        rows: bands of the map that comes in.
        first_width: channels of the first two encoder blocks; ``width`` of the other four.
        graph_width: width of the stacked graphs.
        spectral_kept, temporal_kept, stacked_kept: shares that node pooling keeps.
        temperature, stacked_temperature: what affinities are divided by.
        head: "linear" is the published one. "cosine" tells how near the vector before the last
            layer points to a direction a class, which losses with margins are made for.
    """

    rows: int = 23
    first_width: int = 32
    width: int = 64
    graph_width: int = 32
    spectral_kept: float = 0.5
    temporal_kept: float = 0.7
    stacked_kept: float = 0.5
    temperature: float = 2.0
    stacked_temperature: float = 100.0
    head: Literal["linear", "cosine"] = "linear"


AASIST = AasistSettings()
AASIST_L = AasistSettings(width=24, spectral_kept=0.4, temporal_kept=0.5, stacked_kept=0.7)


class Block(nn.Module):
    """Residual block: (batch, width, rows, frames) → (batch, out_width, rows, frames // pool).

    The published block normalises and activates its input and then goes on with the raw input;
    ``unused_norm`` is kept because published weights have it, and costs nothing.
    """

    def __init__(self, width: int, out_width: int, *, is_first: bool, pool: int) -> None:
        super().__init__()
        self.pool = pool
        if not is_first:
            self.unused_norm = nn.BatchNorm2d(width).requires_grad_(requires_grad=False)
        self.conv1 = nn.Conv2d(width, out_width, (2, 3), padding=(1, 1))
        self.norm = nn.BatchNorm2d(out_width)
        self.conv2 = nn.Conv2d(out_width, out_width, (2, 3), padding=(0, 1))
        self.shortcut: nn.Module = nn.Identity()
        if width != out_width:
            self.shortcut = nn.Conv2d(width, out_width, (1, 3), padding=(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, add the shortcut and pool over time; see the class for shapes."""
        inner = self.conv2(functional.selu(self.norm(self.conv1(x))))
        added: Tensor = inner + self.shortcut(x)
        return functional.max_pool2d(added, (1, self.pool)) if self.pool > 1 else added


def encoder(settings: AasistSettings, *, pool: int) -> nn.Sequential:
    """Stack the six residual blocks."""
    first, width = settings.first_width, settings.width
    widths = [1, first, first, width, width, width, width]
    return nn.Sequential(*(Block(a, b, is_first=a == 1, pool=pool) for a, b in pairwise(widths)))


class StackedPath(nn.Module):
    """Two heterogeneous attentions with a pooling between; AASIST runs two such paths."""

    def __init__(self, settings: AasistSettings) -> None:
        super().__init__()
        width, temperature = settings.graph_width, settings.stacked_temperature
        self.master = nn.Parameter(torch.randn(1, 1, settings.width))
        self.first = HeterogeneousAttention(settings.width, width, temperature=temperature)
        self.spectral_pool = NodePool(width, share=settings.stacked_kept)
        self.temporal_pool = NodePool(width, share=settings.stacked_kept)
        self.second = HeterogeneousAttention(width, width, temperature=temperature)
        self.dropout = nn.Dropout(0.2)

    def forward(self, temporal: Tensor, spectral: Tensor) -> Nodes:
        """Attend, pool, attend again and add: (batch, nodes, width) → ``Nodes`` of graph width."""
        wide = self.first(Nodes(temporal, spectral, self.master))
        kept = Nodes(
            self.temporal_pool(wide.temporal), self.spectral_pool(wide.spectral), wide.master
        )
        again = self.second(kept)
        return Nodes(*(self.dropout(one + two) for one, two in zip(kept, again, strict=True)))


class StackedGraphs(nn.Module):
    """What follows the encoder: graphs over rows and over frames, stacked, to two outputs.

    Args:
        settings: widths and shares.
    """

    def __init__(self, settings: AasistSettings) -> None:
        super().__init__()
        width = settings.width
        self.positions = nn.Parameter(torch.randn(1, settings.rows, width))
        self.spectral = GraphAttention(width, width, temperature=settings.temperature)
        self.temporal = GraphAttention(width, width, temperature=settings.temperature)
        self.spectral_pool = NodePool(width, share=settings.spectral_kept)
        self.temporal_pool = NodePool(width, share=settings.temporal_kept)
        self.paths = nn.ModuleList(StackedPath(settings) for _ in range(2))
        self.dropout = nn.Dropout(0.5)
        last = Cosines if settings.head == "cosine" else nn.Linear
        self.out: nn.Module = last(5 * settings.graph_width, 2)

    def nodes(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Turn features into nodes: one a row, and one a frame, (batch, nodes, width) each."""
        raise NotImplementedError

    def hidden(self, features: Tensor) -> Tensor:
        """Compute the vector before the last layer: (batch, 5 * graph_width)."""
        rows, frames = self.nodes(features)
        spectral = self.spectral_pool(self.spectral(rows + self.positions))
        temporal = self.temporal_pool(self.temporal(frames))
        one, two = (path(temporal, spectral) for path in self.paths)
        best = Nodes(*(torch.maximum(a, b) for a, b in zip(one, two, strict=True)))
        return torch.cat(
            [
                best.temporal.abs().amax(dim=1),
                best.temporal.mean(dim=1),
                best.spectral.abs().amax(dim=1),
                best.spectral.mean(dim=1),
                best.master.squeeze(1),
            ],
            dim=1,
        )

    def logits(self, features: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide; logits, or cosines."""
        logits: Tensor = self.out(self.dropout(self.hidden(features)))
        return logits

    def take_cosine_head(self) -> None:
        """Put a head of cosines in the place of a linear one, whose rows become its directions."""
        if isinstance(self.out, nn.Linear):
            rows = self.out.weight.detach().clone()
            self.out = Cosines(rows.shape[1], rows.shape[0])
            self.out.directions = nn.Parameter(rows)

    def forward(self, features: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; gives (batch,)."""
        return self.logits(features)[:, 1]


class Aasist(StackedGraphs):
    """(batch, rows, frames) → one raw score a row, (batch,).

    Six blocks divide time by 729, so ``frames`` must be at least that.
    """

    def __init__(self, settings: AasistSettings) -> None:
        super().__init__(settings)
        self.norm = nn.BatchNorm2d(1)
        self.encoder = encoder(settings, pool=3)

    def nodes(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Take the largest response over frames for a row, over rows for a frame."""
        heat = self.encoder(functional.selu(self.norm(features[:, None]))).abs()
        return heat.amax(dim=3).transpose(1, 2), heat.amax(dim=2).transpose(1, 2)


@BACKENDS.add
def build(settings: AasistSettings) -> Aasist:
    """Build the back end with random weights."""
    return Aasist(settings)
