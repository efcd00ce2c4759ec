"""Short-time spectra as fixed convolutions, shared by the front ends that look at frequencies.

A window of the discrete Fourier transform is a convolution with cosines and sines, so nothing
here needs an STFT operator and every graph exports to plain ONNX.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional


def full_precision(samples: Tensor) -> torch.autocast:
    """Keep what follows in float32 while a network trains in bfloat16.

    Eight bits of mantissa are enough for a layer, not for a phase or the floor of a spectrum.
    """
    return torch.autocast(samples.device.type, enabled=False)


class FourierFrames(nn.Module):
    """Cut a waveform into Hann-windowed frames and transform them.

    Args:
        size: samples a frame (and points of the transform).
        hop: samples from frame to frame.

    Shape: (batch, samples) → two of (batch, size // 2 + 1, frames), real and imaginary part;
    frames = samples // hop + 1, centred by reflection at both ends.
    """

    kernel: Tensor

    def __init__(self, size: int, hop: int) -> None:
        super().__init__()
        self.size, self.hop = size, hop
        times, bins = np.arange(size), np.arange(size // 2 + 1)
        angles = 2 * np.pi * np.outer(bins, times) / size
        window = 0.5 - 0.5 * np.cos(2 * np.pi * times / size)
        waves = np.concatenate([np.cos(angles), -np.sin(angles)]) * window
        kernel = torch.from_numpy(waves[:, None, :].astype(np.float32))
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Transform; see the class for shapes."""
        half = self.size // 2
        padded = functional.pad(samples[:, None, :], (half, half), mode="reflect")
        both = functional.conv1d(padded, self.kernel, stride=self.hop)
        return both[:, : half + 1], both[:, half + 1 :]


def mel_filters(mels: int, size: int, sample_rate: int) -> NDArray[np.float32]:
    """Make Slaney-style mel filters of equal area, shape (mels, size // 2 + 1).

    The scale is linear below 1 kHz (200/3 Hz a mel) and logarithmic above (27 mels for a factor
    of 6.4), as in Slaney's Auditory Toolbox; it is the one that Whisper was trained with.
    """
    top = _to_mel(sample_rate / 2)
    edges = np.array([_to_hz(m) for m in np.linspace(0.0, top, mels + 2)])
    bins = np.arange(size // 2 + 1) * sample_rate / size
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None], np.float32)


def level(samples: Tensor, target: float = 0.05) -> Tensor:
    """Bring each row to the same root mean square, so that gain says nothing.

    Shape: (batch, samples) → the same. Digital silence stays silent.
    """
    rms = samples.square().mean(dim=1, keepdim=True).sqrt()
    return samples * (target / (rms + 1e-6))


_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0
_LOG_STEP = math.log(6.4) / 27.0


def _to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return _BREAK_MEL + math.log(hz / _BREAK_HZ) / _LOG_STEP


def _to_hz(mel: float) -> float:
    if mel < _BREAK_MEL:
        return mel * _LINEAR_HZ_PER_MEL
    return _BREAK_HZ * math.exp((mel - _BREAK_MEL) * _LOG_STEP)
