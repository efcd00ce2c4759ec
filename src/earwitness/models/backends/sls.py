"""SLS: all layers of an encoder weighed by what each holds on average, then a small network.

Zhang et al. 2024, "Audio deepfake detection with self-supervised XLS-R and SLS classifier"
("sensitive layer selection"). Written anew after the paper and the published file's keys and
shapes; ``layouts.sls`` loads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends import BACKENDS

_POOL = 3


@dataclass(frozen=True)
class SlsSettings:
    """Sizes of the map that is judged; the defaults are the published ones.

    Attributes:
        features: width of the encoder (1024 of XLS-R 300M).
        rows: frames of the map after pooling by three: 67 of 201 for a window of 64,600 samples;
            other lengths are cut or repeated to as many.
        hidden: width of the hidden layer.
    """

    features: int = 1024
    rows: int = 67
    hidden: int = 1024


class Sls(nn.Module):
    """(batch, layers + 1, frames, features) → one raw score a row, (batch,).

    What enters the encoder's first layer is not looked at. At least three frames.
    """

    def __init__(self, settings: SlsSettings) -> None:
        super().__init__()
        self.rows = settings.rows
        self.weigh = nn.Linear(settings.features, 1)
        self.norm = nn.BatchNorm2d(1)
        self.hidden = nn.Linear(settings.rows * (settings.features // _POOL), settings.hidden)
        self.out = nn.Linear(settings.hidden, 2)

    def log_probabilities(self, states: Tensor) -> Tensor:
        """Compute both outputs, (batch, 2): spoof, bona fide; up to the training's prior."""
        layers = states[:, 1:]
        weights = torch.sigmoid(self.weigh(layers.mean(dim=2, keepdim=True)))
        joined = (layers * weights).sum(dim=1, keepdim=True)
        heat = functional.max_pool2d(functional.selu(self.norm(joined)), _POOL)
        hidden = functional.selu(self.hidden(self._as_many(heat).flatten(1)))
        return torch.log_softmax(functional.selu(self.out(hidden)), dim=1)

    def forward(self, states: Tensor) -> Tensor:
        """Score: the bona fide output alone, as published; see the class for shapes."""
        return self.log_probabilities(states)[:, 1]

    def _as_many(self, heat: Tensor) -> Tensor:
        """Cut or repeat frames to the number that the network was made for."""
        places = torch.arange(self.rows, device=heat.device) % heat.shape[2]
        return heat[:, :, places]


SMALL = SlsSettings(features=48, rows=16, hidden=32)


@BACKENDS.add
def build(settings: SlsSettings) -> Sls:
    """Build the back end with random weights."""
    return Sls(settings)
