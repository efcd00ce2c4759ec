"""LCNN: a light convolutional network on cepstral coefficients, then two LSTMs.

Wu et al. 2018 (light CNN), Lavrentyeva et al. 2019 (for spoofing), Wang & Yamagishi 2021, "A
comparative study on recent neural spoofing countermeasures for synthetic speech detection" (with
LSTMs, and with P2SGrad). As the baseline of ASVspoof 2021 it ends in one logit. Written anew after
the papers and the published file's keys and shapes; ``layouts.lfcc_lcnn`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS

_SHRUNK = 16
_CHANNELS = 32
_DROPOUT = 0.7


@dataclass(frozen=True)
class LfccLcnnSettings:
    """What comes in, and how it ends.

    Attributes:
        rows: coefficients a frame, of which the front end ``lfcc`` gives 60.
        head: "logit" is the baseline, trained with a sigmoid, the average over time scored by one
            weight a channel. "cosine" is the one trained with P2SGrad: the sum over time projected
            to ``embedding`` dimensions, scored by the cosine with the direction of bona fide.
        embedding: see there.
    """

    rows: int = 60
    head: Literal["logit", "cosine"] = "logit"
    embedding: int = 64


class MaxFeatureMap(nn.Module):
    """The greater of the two halves of the channels: (batch, 2 * width, ...) → half."""

    def forward(self, x: Tensor) -> Tensor:
        """Compare the halves; see the class for shapes."""
        first, second = x.chunk(2, dim=1)
        return torch.maximum(first, second)


class Standard(nn.BatchNorm2d):
    """Batch norm without a trained scale: (batch, width, ...) → the same.

    Ones and zeros stand in for scale and shift: without them, the exporter asks for a number of
    channels that it has lost track of.
    """

    ones: Tensor
    zeros: Tensor

    def __init__(self, width: int) -> None:
        super().__init__(width, affine=False)
        self.register_buffer("ones", torch.ones(width), persistent=False)
        self.register_buffer("zeros", torch.zeros(width), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Standardise; see the class for shapes."""
        return functional.batch_norm(
            x, self.running_mean, self.running_var, self.ones, self.zeros, training=self.training
        )


class LfccLcnn(nn.Module):
    """(batch, rows, frames) → one raw score a row, (batch,); at least 16 frames."""

    def __init__(self, settings: LfccLcnnSettings) -> None:
        super().__init__()
        width = settings.rows // _SHRUNK * _CHANNELS
        is_cosine = settings.head == "cosine"
        self.convolutions = _convolutions()
        self.memories = nn.ModuleList(
            nn.LSTM(width, width // 2, bidirectional=True, batch_first=True) for _ in range(2)
        )
        self.out = nn.Linear(width, settings.embedding if is_cosine else 1)
        self.classes = nn.Parameter(torch.randn(settings.embedding, 2)) if is_cosine else None

    def logits(self, coefficients: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide.

        A network of one logit gives 0 and that; one with directions gives both cosines.
        """
        heat = self.convolutions(coefficients.transpose(1, 2)[:, None])
        frames = heard = heat.transpose(1, 2).flatten(2)
        for memory in self.memories:
            heard, _ = memory(heard)
        both = heard + frames
        if self.classes is None:
            logit: Tensor = self.out(both.mean(dim=1))
            return functional.pad(logit, (1, 0))
        embedding = functional.normalize(self.out(both.sum(dim=1)), dim=1)
        return embedding @ functional.normalize(self.classes, dim=0)

    def forward(self, coefficients: Tensor) -> Tensor:
        """Score: the logit, or the cosine with bona fide; see the class for shapes."""
        return self.logits(coefficients)[:, 1]


def _convolutions() -> nn.Sequential:
    """Stack nine convolutions; each place is the published one, so that keys say the same."""
    return nn.Sequential(
        *_layer(1, 64, 5), nn.MaxPool2d(2),
        *_layer(32, 64, 1), Standard(32),
        *_layer(32, 96, 3), nn.MaxPool2d(2), Standard(48),
        *_layer(48, 96, 1), Standard(48),
        *_layer(48, 128, 3), nn.MaxPool2d(2),
        *_layer(64, 128, 1), Standard(64),
        *_layer(64, 64, 3), Standard(32),
        *_layer(32, 64, 1), Standard(32),
        *_layer(32, 2 * _CHANNELS, 3), nn.MaxPool2d(2),
        nn.Dropout(_DROPOUT),
    )  # fmt: skip


def _layer(width: int, out_width: int, taps: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(width, out_width, taps, padding=taps // 2), MaxFeatureMap()


@BACKENDS.add
def build(settings: LfccLcnnSettings) -> LfccLcnn:
    """Build the back end with random weights."""
    return LfccLcnn(settings)
