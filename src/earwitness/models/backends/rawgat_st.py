"""RawGAT-ST: two residual encoders, a graph over frequency, one over time, and one over both.

Tak et al. 2021, "End-to-end spectro-temporal graph attention networks for speaker verification
anti-spoofing and speech deepfake detection", with the two graphs multiplied, the best of the three
published ways to join them. Written anew after the paper and the published weights, whose scores
tell that a block goes on with its raw input, as AASIST's do; ``layouts.rawgat_st`` loads them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS
from earwitness.models.backends._graph import GraphAttention, NodePool
from earwitness.models.backends.aasist import AasistSettings, encoder


@dataclass(frozen=True)
class RawGatSettings:
    """Widths, and how many nodes each graph keeps.

    Attributes:
        rows: bands of the map that comes in; ``spectral_kept`` is the share that stays.
        frames: nodes over time that stay for a window of 64,600 samples, out of
            ``temporal_kept`` of 29; other lengths are cut or repeated to as many.
        first_width, width: channels of the encoders.
        graph_width, joined_width: of the two graphs, and of the one that joins them.
        joined: nodes that the two graphs are projected to; ``joined_kept`` is the share that stays.
    """

    rows: int = 23
    frames: int = 23
    first_width: int = 32
    width: int = 64
    graph_width: int = 32
    joined_width: int = 16
    joined: int = 12
    spectral_kept: float = 0.64
    temporal_kept: float = 0.81
    joined_kept: float = 0.64


class RawGatSt(nn.Module):
    """(batch, rows, frames) → one raw score a row, (batch,).

    Six blocks divide time by 729, so ``frames`` must be at least that.
    """

    def __init__(self, settings: RawGatSettings) -> None:
        super().__init__()
        width, graph = settings.width, settings.graph_width
        self.frames = settings.frames
        self.norm = nn.BatchNorm2d(1)
        self.spectral_encoder, self.temporal_encoder = _encoder(settings), _encoder(settings)
        self.spectral = GraphAttention(width, graph, temperature=1.0)
        self.temporal = GraphAttention(width, graph, temperature=1.0)
        self.joined = GraphAttention(graph, settings.joined_width, temperature=1.0)
        self.spectral_pool = NodePool(graph, share=settings.spectral_kept)
        self.temporal_pool = NodePool(graph, share=settings.temporal_kept)
        self.joined_pool = NodePool(settings.joined_width, share=settings.joined_kept)
        rows = int(settings.spectral_kept * settings.rows)
        self.spectral_nodes = nn.Linear(rows, settings.joined)
        self.temporal_nodes = nn.Linear(settings.frames, settings.joined)
        self.node = nn.Linear(settings.joined_width, 1)
        self.out = nn.Linear(int(settings.joined_kept * settings.joined), 2)

    def logits(self, features: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide."""
        heat = functional.selu(self.norm(features[:, None]))
        rows = self.spectral_encoder(heat).abs().amax(dim=3).transpose(1, 2)
        frames = self.temporal_encoder(heat).abs().amax(dim=2).transpose(1, 2)
        spectral = self.spectral_pool(self.spectral(rows)).transpose(1, 2)
        temporal = self._as_many(self.temporal_pool(self.temporal(frames))).transpose(1, 2)
        both = self.spectral_nodes(spectral) * self.temporal_nodes(temporal)
        kept = self.joined_pool(self.joined(both.transpose(1, 2)))
        logits: Tensor = self.out(self.node(kept).flatten(1))
        return logits

    def forward(self, features: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; see the class for shapes."""
        return self.logits(features)[:, 1]

    def _as_many(self, nodes: Tensor) -> Tensor:
        """Cut or repeat nodes to the number that the projection was made for."""
        places = torch.arange(self.frames, device=nodes.device) % nodes.shape[1]
        return nodes[:, places]


def _encoder(settings: RawGatSettings) -> nn.Sequential:
    """Stack the blocks of AASIST; the one channel that comes in is added to each that goes out."""
    blocks = encoder(AasistSettings(first_width=settings.first_width, width=settings.width), pool=3)
    first = blocks[0]
    first.shortcut = nn.Identity()
    return blocks


@BACKENDS.add
def build(settings: RawGatSettings) -> RawGatSt:
    """Build the back end with random weights."""
    return RawGatSt(settings)
