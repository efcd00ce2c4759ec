"""Nes2Net-X: features of a large encoder cut into groups, each group into slices, nothing shrunk.

Liu et al. 2025, "Nes2Net: A lightweight nested architecture for foundation model driven speech
anti-spoofing". A group passes a Res2Net block after the groups before it were added; within a
block every slice is convolved together with all slices before it, and a learned weighting joins
them ("X"). Written anew after the paper and the published file's keys and shapes;
``layouts.nes2net_x`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.models.backends import BACKENDS


@dataclass(frozen=True)
class Nes2NetSettings:
    """Widths and how finely they are cut; the defaults are the published ones.

    Attributes:
        features: width of the encoder's features (1024 of XLS-R 300M).
        groups: the features are cut into this many.
        slices: each group is cut into this many.
        dilation: frames from tap to tap of the convolutions over three of them.
        squeeze: the gate of a block works on one in this many channels.
    """

    features: int = 1024
    groups: int = 8
    slices: int = 8
    dilation: int = 2
    squeeze: int = 1

    def __post_init__(self) -> None:
        if self.features % (self.groups * self.slices):
            raise SettingsError(
                f"features ({self.features}) must be a multiple of groups times slices "
                f"({self.groups} times {self.slices})."
            )


class Block(nn.Module):
    """One group: (batch, width, frames) → the same."""

    def __init__(self, settings: Nes2NetSettings) -> None:
        super().__init__()
        width = settings.features // settings.groups
        self.slice = width // settings.slices
        steps = range(settings.slices - 1)
        self.enter, self.enter_norm = nn.Conv1d(width, width, 1), nn.BatchNorm1d(width)
        self.convolutions = nn.ModuleList(_over_time(self.slice, settings.dilation) for _ in steps)
        self.norms = nn.ModuleList(nn.BatchNorm2d(self.slice) for _ in steps)
        self.mixes = nn.ParameterList(torch.full((1, 1, 1, n + 2), 1 / (n + 2)) for n in steps)
        self.leave, self.leave_norm = nn.Conv1d(width, width, 1), nn.BatchNorm1d(width)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool1d(1),
            nn.Conv1d(width, width // settings.squeeze, 1),
            nn.ReLU(),
            nn.Conv1d(width // settings.squeeze, width, 1),
            nn.Sigmoid(),
        )

    def forward(self, group: Tensor) -> Tensor:
        """Transform; the last slice goes first, and passes unchanged besides."""
        entered = self.enter_norm(functional.relu(self.enter(group)))
        *slices, last = entered[..., None].split(self.slice, dim=1)
        so_far, mixed = last, []
        layers = zip(slices, self.convolutions, self.norms, self.mixes, strict=True)
        for piece, convolution, norm, mix in layers:
            so_far = norm(functional.relu(convolution(torch.cat([so_far, piece], dim=-1))))
            mixed.append((so_far * mix).sum(dim=-1))
        left = self.leave(torch.cat([*mixed, last.squeeze(-1)], dim=1))
        left = self.leave_norm(functional.relu(left))
        out: Tensor = left * self.gate(left) + group
        return out


class Nes2NetX(nn.Module):
    """(batch, features, frames) → one raw score a row, (batch,)."""

    def __init__(self, settings: Nes2NetSettings) -> None:
        super().__init__()
        self.groups = settings.groups
        width, steps = settings.features // settings.groups, range(settings.groups - 1)
        self.blocks = nn.ModuleList(Block(settings) for _ in steps)
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in steps)
        self.norm = nn.BatchNorm1d(settings.features)
        self.out = nn.Linear(settings.features, 2)

    def logits(self, features: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide."""
        *groups, last = features.chunk(self.groups, dim=1)
        passed: list[Tensor] = []
        for group, block, norm in zip(groups, self.blocks, self.norms, strict=True):
            entering = passed[-1] + group if passed else group
            passed.append(norm(functional.relu(block(entering))))
        joined = functional.relu(self.norm(torch.cat([*passed, last], dim=1)))
        logits: Tensor = self.out(joined.mean(dim=2))
        return logits

    def forward(self, features: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; see the class for shapes."""
        return self.logits(features)[:, 1]


def _over_time(width: int, dilation: int) -> nn.Conv2d:
    return nn.Conv2d(width, width, (3, 1), dilation=(dilation, 1), padding=(dilation, 0))


SMALL = Nes2NetSettings(features=48, groups=4, slices=4)


@BACKENDS.add
def build(settings: Nes2NetSettings) -> Nes2NetX:
    """Build the back end with random weights."""
    return Nes2NetX(settings)
