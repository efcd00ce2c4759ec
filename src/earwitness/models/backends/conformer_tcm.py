"""Conformer with temporal-channel modelling: head tokens tell each frame what each head heard.

Truong et al. 2024, "Temporal-channel modeling in multi-head self-attention for synthetic speech
detection", on the conformer classifier of Rosello et al. 2023. Written anew after the papers and
the published file's keys and shapes; ``layouts.conformer_tcm`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.models.backends import BACKENDS

POSITIONS = 10_000


@dataclass(frozen=True)
class ConformerTcmSettings:
    """Sizes; the defaults are the published ones.

    Attributes:
        features: width of the encoder's features (1024 of XLS-R 300M).
        width, layers, heads: of the conformer.
        taps: of its convolution over time (odd).
    """

    features: int = 1024
    width: int = 144
    layers: int = 4
    heads: int = 4
    taps: int = 31

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise SettingsError(f"width ({self.width}) must be a multiple of heads ({self.heads}).")
        if self.taps % 2 == 0:
            raise SettingsError(f"taps must be odd, but is {self.taps}.")


class HeadTokens(nn.Module):
    """Attention in which one token a head joins the frames: (batch, frames, width) → the same.

    A token is made of the average of what its head's channels hold. The first frame, which is the
    class token, collects all others and the head tokens.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)
        self.token = nn.Linear(width // heads, width)
        self.token_norm = nn.LayerNorm(width // heads)
        self.token_places = nn.Parameter(torch.zeros(1, heads, width))

    def forward(self, frames: Tensor) -> Tensor:
        """Attend; see the class for shapes."""
        entered: Tensor = self.norm(frames)
        count = entered.shape[1]
        heard = self._attend(torch.cat([entered, self._tokens(entered)], dim=1))
        others, tokens = heard[:, 1:count], heard[:, count:]
        first = heard[:, :1] + tokens.mean(dim=1, keepdim=True) + others.mean(dim=1, keepdim=True)
        return torch.cat([first, others], dim=1)

    def _tokens(self, frames: Tensor) -> Tensor:
        batch, _, width = frames.shape
        apart = frames.mean(dim=1).view(batch, self.heads, width // self.heads)
        tokens = self.token(apart).unflatten(2, (self.heads, -1))
        return functional.gelu(self.token_norm(tokens)).flatten(2) + self.token_places

    def _attend(self, frames: Tensor) -> Tensor:
        apart = self.qkv(frames).unflatten(2, (3, self.heads, -1))
        query, key, value = apart.permute(2, 0, 3, 1, 4).unbind(0)
        heard = functional.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.out(heard.transpose(1, 2).flatten(2))
        return out


class FeedForward(nn.Module):
    """Four times as wide and back, of which half is added: (batch, frames, width) → the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, frames: Tensor) -> Tensor:
        """Transform; see the class for shapes."""
        inner: Tensor = self.narrow(functional.silu(self.widen(self.norm(frames))))
        return frames + 0.5 * inner


class Convolution(nn.Module):
    """Gated, each channel over time for itself: (batch, frames, width) → the same."""

    def __init__(self, width: int, taps: int) -> None:
        super().__init__()
        wide = 2 * width
        self.norm = nn.LayerNorm(width)
        self.enter = nn.Conv1d(width, 2 * wide, 1)
        self.over_time = nn.Conv1d(wide, wide, taps, padding=taps // 2, groups=wide)
        self.inner_norm = nn.BatchNorm1d(wide)
        self.leave = nn.Conv1d(wide, width, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Convolve; see the class for shapes."""
        entered = functional.glu(self.enter(self.norm(frames).transpose(1, 2)), dim=1)
        inner = functional.silu(self.inner_norm(self.over_time(entered)))
        left: Tensor = self.leave(inner).transpose(1, 2)
        return left


class ConformerBlock(nn.Module):
    """(batch, frames, width) → the same."""

    def __init__(self, settings: ConformerTcmSettings) -> None:
        super().__init__()
        width = settings.width
        self.first, self.second = FeedForward(width), FeedForward(width)
        self.attention = HeadTokens(width, settings.heads)
        self.convolution = Convolution(width, settings.taps)
        self.norm = nn.LayerNorm(width)

    def forward(self, frames: Tensor) -> Tensor:
        """Transform; see the class for shapes."""
        frames = self.first(frames)
        frames = frames + self.attention(frames)
        frames = frames + self.convolution(frames)
        out: Tensor = self.norm(self.second(frames))
        return out


class ConformerTcm(nn.Module):
    """(batch, features, frames) → one raw score a row, (batch,); at most 10,000 frames (200 s)."""

    places: Tensor

    def __init__(self, settings: ConformerTcmSettings) -> None:
        super().__init__()
        width = settings.width
        self.project = nn.Linear(settings.features, width)
        self.norm = nn.BatchNorm2d(1)
        # The published files hold the table of positions, so ours do, too.
        self.register_buffer("places", sinusoids(POSITIONS, width)[None])
        self.token = nn.Parameter(torch.rand(1, width))
        self.blocks = nn.Sequential(*(ConformerBlock(settings) for _ in range(settings.layers)))
        self.out = nn.Linear(width, 2)

    def logits(self, features: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide."""
        projected = self.norm(self.project(features.transpose(1, 2))[:, None])[:, 0]
        frames = functional.selu(projected) + self.places[:, : features.shape[2]]
        token = self.token.expand(features.shape[0], 1, -1)
        passed = self.blocks(torch.cat([token, frames], dim=1))
        logits: Tensor = self.out(passed[:, 0])
        return logits

    def forward(self, features: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; see the class for shapes."""
        return self.logits(features)[:, 1]


def sinusoids(positions: int, width: int) -> Tensor:
    """Make the table of positions, (positions, width): sines and cosines in turn, ever slower."""
    channels = torch.arange(width, dtype=torch.float64)
    slower = 10_000.0 ** (2 * (channels // 2) / width)
    angles = (torch.arange(positions)[:, None] / slower).float()
    is_sine = channels % 2 == 0
    return torch.where(is_sine, angles.sin(), angles.cos())


SMALL = ConformerTcmSettings(features=48, width=16, layers=1, taps=7)


@BACKENDS.add
def build(settings: ConformerTcmSettings) -> ConformerTcm:
    """Build the back end with random weights."""
    return ConformerTcm(settings)
