"""AASIST behind a self-supervised encoder: the back end of "SSL_Anti-spoofing".

Tak et al. 2022, "Automatic speaker verification spoofing and deepfake detection using wav2vec 2.0
and data augmentation". Features are projected and pooled to 42 rows; the encoder of AASIST runs
without pooling over time; rows and frames become nodes by attention instead of by the maximum.
Written anew after the paper and the published file's keys; ``layouts.ssl_anti_spoofing`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS
from earwitness.models.backends.aasist import AasistSettings, StackedGraphs, encoder

_POOL = 3


@dataclass(frozen=True)
class SslAasistSettings:
    """Widths of what comes in and of what AASIST then works on.

    Attributes:
        features: width of the encoder's features (1024 of XLS-R 300M).
        projected: they are projected to this width, then pooled by three.
        aasist: the rest; its ``rows`` must be ``projected // 3``.
    """

    features: int = 1024
    projected: int = 128
    aasist: AasistSettings = field(
        default_factory=lambda: AasistSettings(rows=42, spectral_kept=0.5, temporal_kept=0.5)
    )


class SslAasist(StackedGraphs):
    """(batch, features, frames) → one raw score a row, (batch,); at least three frames."""

    def __init__(self, settings: SslAasistSettings) -> None:
        super().__init__(settings.aasist)
        width = settings.aasist.width
        self.project = nn.Linear(settings.features, settings.projected)
        self.norm = nn.BatchNorm2d(1)
        self.encoder = encoder(settings.aasist, pool=1)
        self.encoded_norm = nn.BatchNorm2d(width)
        self.attention = nn.Sequential(
            nn.Conv2d(width, 2 * width, 1),
            nn.SELU(),
            nn.BatchNorm2d(2 * width),
            nn.Conv2d(2 * width, width, 1),
        )

    def nodes(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Weigh frames for each row, and rows for each frame, by learned attention."""
        projected = self.project(features.transpose(1, 2)).transpose(1, 2)
        pooled = functional.max_pool2d(projected[:, None], _POOL)
        heat = self.encoder(functional.selu(self.norm(pooled)))
        heat = functional.selu(self.encoded_norm(heat))
        weights = self.attention(heat)
        rows = (heat * torch.softmax(weights, dim=3)).sum(dim=3)
        frames = (heat * torch.softmax(weights, dim=2)).sum(dim=2)
        return rows.transpose(1, 2), frames.transpose(1, 2)


SMALL = SslAasistSettings(features=48)


@BACKENDS.add
def build(settings: SslAasistSettings) -> SslAasist:
    """Build the back end with random weights."""
    return SslAasist(settings)
