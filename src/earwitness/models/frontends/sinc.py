"""Band-pass filters cut from sinc functions, equally wide on the mel scale, rectified and pooled.

Ravanelli & Bengio 2018, "Speaker recognition from raw waveform with SincNet", with fixed bands as
in RawNet2 (Tak et al. 2021) and AASIST. Nothing here is trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.models.frontends import FRONTENDS


@dataclass(frozen=True)
class SincSettings:
    """``taps`` is the length of a filter (odd).

    ``joined`` neighbouring filters make a row, ``pool`` samples a frame: the loudest of them.
    """

    filters: int = 70
    taps: int = 129
    joined: int = 3
    pool: int = 3
    sample_rate: int = 16_000

    def __post_init__(self) -> None:
        if self.taps % 2 == 0:
            raise SettingsError(f"taps must be odd, but is {self.taps}.")


class SincBands(nn.Module):
    """Waveform → a map of band energies over time.

    Shape: (batch, samples) → (batch, filters // joined, (samples - taps + 1) // pool).
    """

    bands: Tensor

    def __init__(self, settings: SincSettings) -> None:
        super().__init__()
        self.pool = (settings.joined, settings.pool)
        bands = torch.from_numpy(band_passes(settings))
        self.register_buffer("bands", bands[:, None, :], persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Filter, rectify and pool; see the class for shapes."""
        filtered = functional.conv1d(samples[:, None, :], self.bands)
        return functional.max_pool2d(filtered.abs()[:, None], self.pool).squeeze(1)


def band_passes(settings: SincSettings) -> NDArray[np.float32]:
    """Compute the filters, shape (filters, taps): differences of two low-passes, Hamming window.

    In float32 step by step, as the published weights were trained: float64 moves the filters by
    4e-8 and the scores of AASIST by 1e-5.
    """
    top = 2595.0 * np.log10(1.0 + settings.sample_rate / 2 / 700.0)
    mels = np.linspace(0.0, top, settings.filters + 1)
    edges = (700.0 * (10.0 ** (mels / 2595.0) - 1.0))[:, None]
    half = (settings.taps - 1) // 2
    times = np.arange(-half, half + 1, dtype=np.float32)
    turns = (2 * edges).astype(np.float32) * times / np.float32(settings.sample_rate)
    low_passes = (2 * edges / settings.sample_rate).astype(np.float32) * np.sinc(turns)
    window = np.hamming(settings.taps).astype(np.float32)
    filters: NDArray[np.float32] = (low_passes[1:] - low_passes[:-1]) * window
    return filters


@FRONTENDS.add
def build(settings: SincSettings) -> SincBands:
    """Build the front end."""
    return SincBands(settings)
