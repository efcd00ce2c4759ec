"""Graph blocks of AASIST: attention within one kind of node and across two, and node pooling.

Jung et al. 2022, "AASIST: audio anti-spoofing using integrated spectro-temporal graph attention
networks". Nodes are rows: (batch, nodes, width). Every node is joined to every other.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Nodes(NamedTuple):
    """Two kinds of nodes and the master that listens to both; (batch, nodes, width) each."""

    temporal: Tensor
    spectral: Tensor
    master: Tensor


class NodePool(nn.Module):
    """Keep the share of nodes that a learned gate lets through best, scaled by their gate.

    Shape: (batch, nodes, width) → (batch, max(1, int(nodes * share)), width), best first.
    """

    def __init__(self, width: int, *, share: float, dropout: float = 0.3) -> None:
        super().__init__()
        self.share = share
        self.dropout = nn.Dropout(dropout)
        self.gate = nn.Linear(width, 1)

    def forward(self, nodes: Tensor) -> Tensor:
        """Choose and scale; see the class for shapes."""
        kept = max(1, int(nodes.shape[1] * self.share))
        gates = torch.sigmoid(self.gate(self.dropout(nodes)))
        best = gates.topk(kept, dim=1).indices
        return (nodes * gates).gather(1, best.expand(-1, -1, nodes.shape[2]))


class Mix(nn.Module):
    """What a node becomes: what it hears of its neighbours plus what it was itself."""

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.heard = nn.Linear(width, out_width)
        self.own = nn.Linear(width, out_width)

    def forward(self, attention: Tensor, neighbours: Tensor, nodes: Tensor) -> Tensor:
        """Mix (batch, nodes, neighbours) attention over (batch, neighbours, width)."""
        mixed: Tensor = self.heard(attention @ neighbours) + self.own(nodes)
        return mixed


class GraphAttention(nn.Module):
    """Attention among nodes of one kind: (batch, nodes, width) → (batch, nodes, out_width)."""

    def __init__(self, width: int, out_width: int, *, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.dropout = nn.Dropout(0.2)
        self.pair = nn.Linear(width, out_width)
        self.weight = _vector(out_width)
        self.mix = Mix(width, out_width)
        self.norm = nn.BatchNorm1d(out_width)

    def forward(self, nodes: Tensor) -> Tensor:
        """Attend; see the class for shapes."""
        nodes = self.dropout(nodes)
        affinity = (torch.tanh(self.pair(_products(nodes))) @ self.weight).squeeze(-1)
        attention = torch.softmax(affinity / self.temperature, dim=-1)
        return _activate(self.norm, self.mix(attention, nodes, nodes))


class HeterogeneousAttention(nn.Module):
    """Attention among temporal and spectral nodes, with a weight for each kind of pair.

    The master hears all nodes and none hears it. Shape: ``Nodes`` of ``width`` → of ``out_width``.
    """

    def __init__(self, width: int, out_width: int, *, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.dropout = nn.Dropout(0.2)
        self.enter_temporal, self.enter_spectral = nn.Linear(width, width), nn.Linear(width, width)
        self.pair, self.master_pair = nn.Linear(width, out_width), nn.Linear(width, out_width)
        self.weight_temporal, self.weight_spectral = _vector(out_width), _vector(out_width)
        self.weight_across, self.weight_master = _vector(out_width), _vector(out_width)
        self.mix, self.master_mix = Mix(width, out_width), Mix(width, out_width)
        self.norm = nn.BatchNorm1d(out_width)

    def forward(self, nodes: Nodes) -> Nodes:
        """Attend; see the class for shapes."""
        temporal = self.enter_temporal(nodes.temporal)
        every = torch.cat([temporal, self.enter_spectral(nodes.spectral)], dim=1)
        every = self.dropout(every)
        attention = self._attention(every, temporal.shape[1])
        master = self._hear(every, nodes.master)
        every = _activate(self.norm, self.mix(attention, every, every))
        return Nodes(every[:, : temporal.shape[1]], every[:, temporal.shape[1] :], master)

    def _attention(self, every: Tensor, first: int) -> Tensor:
        """Weigh each pair by its kinds; the first ``first`` nodes are temporal."""
        pairs = torch.tanh(self.pair(_products(every)))
        above, below = pairs[:, :first], pairs[:, first:]
        from_temporal = torch.cat(
            [above[:, :, :first] @ self.weight_temporal, above[:, :, first:] @ self.weight_across],
            dim=2,
        )
        from_spectral = torch.cat(
            [below[:, :, :first] @ self.weight_across, below[:, :, first:] @ self.weight_spectral],
            dim=2,
        )
        affinity = torch.cat([from_temporal, from_spectral], dim=1).squeeze(-1)
        return torch.softmax(affinity / self.temperature, dim=-1)

    def _hear(self, every: Tensor, master: Tensor) -> Tensor:
        affinity = torch.tanh(self.master_pair(every * master)) @ self.weight_master
        attention = torch.softmax(affinity / self.temperature, dim=1).transpose(1, 2)
        heard: Tensor = self.master_mix(attention, every, master)
        return heard


def _vector(width: int) -> nn.Parameter:
    return nn.Parameter(nn.init.xavier_normal_(torch.empty(width, 1)))


def _products(nodes: Tensor) -> Tensor:
    """Multiply each node with each: (batch, nodes, width) → (batch, nodes, nodes, width)."""
    return nodes[:, :, None, :] * nodes[:, None, :, :]


def _activate(norm: nn.Module, nodes: Tensor) -> Tensor:
    normed: Tensor = norm(nodes.transpose(1, 2)).transpose(1, 2)
    return nn.functional.selu(normed)
