"""Linear-frequency cepstral coefficients as the baselines of ASVspoof compute them.

Sahidullah et al. 2015, "A comparison of features for synthetic speech detection"; the variant of
Wang & Yamagishi 2021, "A comparative study on recent neural spoofing countermeasures for synthetic
speech detection": pre-emphasis, triangles equally wide in Hz, energy in place of the first
coefficient, and two orders of differences. Nothing here is trained, but published files hold the
tables, so they are kept with the weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.models.frontends import FRONTENDS
from earwitness.models.frontends._spectra import full_precision

_EMPHASIS = 0.97
_LEAST = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class LfccSettings:
    """Frames and filters; the defaults are those of the LA and DF baselines of ASVspoof 2021.

    Attributes:
        frame, hop, fft: samples a frame, from frame to frame, and points of the transform.
        filters: as many coefficients come out, and their differences of two orders.
        top_hz: nothing above is looked at.
        sample_rate: in Hz.
    """

    frame: int = 320
    hop: int = 160
    fft: int = 1024
    filters: int = 20
    top_hz: float = 4000.0
    sample_rate: int = 16_000

    def __post_init__(self) -> None:
        if not 0 < self.top_hz <= self.sample_rate / 2:
            raise SettingsError(
                f"top_hz is above 0 and at most half of sample_rate ({self.sample_rate / 2:g}), "
                f"but got {self.top_hz:g}."
            )
        if not self.hop <= self.frame <= self.fft:
            raise SettingsError(
                f"hop, frame and fft may not fall, but got {self.hop}, {self.frame}, {self.fft}."
            )

    @property
    def bins(self) -> int:
        """Count the bins of the spectrum that are looked at."""
        return int(2 * self.top_hz / self.sample_rate * (self.fft // 2 + 1))


class Lfcc(nn.Module):
    """Waveform → coefficients: (batch, samples) → (batch, 3 * filters, samples // hop + 1)."""

    waves: Tensor
    filters: Tensor
    cosines: Tensor

    def __init__(self, settings: LfccSettings) -> None:
        super().__init__()
        self.hop, self.pad, self.fft = settings.hop, settings.frame // 2, settings.fft
        waves = torch.from_numpy(windowed_waves(settings))
        self.register_buffer("waves", waves[:, None], persistent=False)
        self.register_buffer("filters", torch.from_numpy(triangles(settings)))
        self.register_buffer("cosines", torch.from_numpy(cosines(settings.filters)))

    def forward(self, samples: Tensor) -> Tensor:
        """Compute the coefficients; see the class for shapes."""
        with full_precision(samples):
            power = self._power(samples.float())
            banded = torch.log10(self.filters.T @ power + _LEAST)
            energy = torch.log10(power.sum(dim=1, keepdim=True) / self.fft + _LEAST)
            coefficients = torch.cat([energy, (self.cosines @ banded)[:, 1:]], dim=1)
            change = _change(coefficients)
            return torch.cat([coefficients, change, _change(change)], dim=1)

    def _power(self, samples: Tensor) -> Tensor:
        """Compute the power spectrum of each frame: (batch, bins, frames)."""
        flat = torch.cat([samples[:, :1], samples[:, 1:] - _EMPHASIS * samples[:, :-1]], dim=1)
        padded = functional.pad(flat, (self.pad, self.pad))[:, None]
        real, imaginary = functional.conv1d(padded, self.waves, stride=self.hop).chunk(2, dim=1)
        return real.square() + imaginary.square()


def windowed_waves(settings: LfccSettings) -> NDArray[np.float32]:
    """Make cosines and sines under a Hamming window, shape (2 * bins, frame)."""
    times, bins = np.arange(settings.frame), np.arange(settings.bins)
    angles = 2 * np.pi * np.outer(bins, times) / settings.fft
    window = 0.54 - 0.46 * np.cos(2 * np.pi * times / settings.frame)
    return np.asarray(np.concatenate([np.cos(angles), -np.sin(angles)]) * window, np.float32)


def triangles(settings: LfccSettings) -> NDArray[np.float32]:
    """Make the filters, shape (bins, filters).

    Notable: as in the baselines, the bins are taken to reach ``top_hz`` exactly, though the last
    of them lies a little below.
    """
    hz = np.linspace(0.0, settings.top_hz, settings.bins)[:, None]
    edges = np.linspace(0.0, settings.top_hz, settings.filters + 2)
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


def cosines(size: int) -> NDArray[np.float32]:
    """Make the orthonormal discrete cosine transform, shape (coefficients, filters)."""
    angles = math.pi * np.outer(np.arange(size), np.arange(size) + 0.5) / size
    table = np.cos(angles) * math.sqrt(2 / size)
    table[0] /= math.sqrt(2)
    return np.asarray(table, np.float32)


def _change(values: Tensor) -> Tensor:
    """Take the frame before from the frame after; at both ends, the end stands in."""
    padded = functional.pad(values, (1, 1), mode="replicate")
    return padded[..., 2:] - padded[..., :-2]


@FRONTENDS.add
def build(settings: LfccSettings) -> Lfcc:
    """Build the front end; it has no trained weights."""
    return Lfcc(settings)
