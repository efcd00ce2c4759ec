"""The first layers of the Whisper encoder, on waveforms of any length up to 30 s.

Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision". Notable: the
mel spectrum is computed inside the network; nothing is padded to 30 s, the positions are cut
instead; every layer's output is kept, since the early ones carry the traces of synthesis. Each
row is brought to one level first, so that gain says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.frontends import FRONTENDS
from earwitness.models.frontends._spectra import FourierFrames, full_precision, level, mel_filters

SAMPLE_RATE = 16_000
HEAD_WIDTH = 64
POSITIONS = 1500


@dataclass(frozen=True)
class WhisperSettings:
    """Shape of the encoder: base is 512 wide with 6 layers, tiny 384 wide with 4.

    ``positions`` are frames of 20 ms that a row may have: 1,500 make 30 s.
    """

    width: int = 512
    layers: int = 3
    mels: int = 80
    positions: int = POSITIONS


class LogMel(nn.Module):
    """Whisper's log-mel spectrum: (batch, samples) → (batch, mels, samples // 160)."""

    filters: Tensor

    def __init__(self, mels: int) -> None:
        super().__init__()
        self.frames = FourierFrames(400, 160)
        filters = torch.from_numpy(mel_filters(mels, 400, SAMPLE_RATE))
        self.register_buffer("filters", filters, persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """Compute log10 energies, floored 8 below the row's maximum, scaled as Whisper does."""
        real, imaginary = self.frames(samples)
        power = (real.square() + imaginary.square())[:, :, :-1]
        mel = torch.log10(torch.clamp(self.filters @ power, min=1e-10))
        floor = mel.amax(dim=(1, 2), keepdim=True) - 8.0
        return (torch.maximum(mel, floor) + 4.0) / 4.0


class Block(nn.Module):
    """One pre-norm transformer layer; names as in the extracted encoder files."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = width // HEAD_WIDTH
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.f1, self.f2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Attend and transform: (batch, frames, width) → the same."""
        batch, frames, width = x.shape
        qkv = self.qkv(self.ln1(x)).view(batch, frames, 3, self.heads, HEAD_WIDTH)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        heard = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.o(heard.transpose(1, 2).reshape(batch, frames, width))
        out: Tensor = x + self.f2(functional.gelu(self.f1(self.ln2(x))))
        return out


class WhisperLayers(nn.Module):
    """Waveform → the outputs of the stem and of each layer.

    Shape: (batch, samples) → (batch, layers + 1, frames, width) with 50 frames a second.
    """

    def __init__(self, settings: WhisperSettings) -> None:
        super().__init__()
        self.mel = LogMel(settings.mels)
        self.c1 = nn.Conv1d(settings.mels, settings.width, 3, padding=1)
        self.c2 = nn.Conv1d(settings.width, settings.width, 3, stride=2, padding=1)
        self.pos = nn.Parameter(
            torch.zeros(settings.positions, settings.width), requires_grad=False
        )
        self.b = nn.ModuleList(Block(settings.width) for _ in range(settings.layers))

    def forward(self, samples: Tensor) -> Tensor:
        """Compute all hidden states; see the class for shapes."""
        with full_precision(samples):
            mel = self.mel(level(samples))
        x = functional.gelu(self.c1(mel))
        x = functional.gelu(self.c2(x)).transpose(1, 2)
        x = x + self.pos[: x.shape[1]]
        states = [x]
        for block in self.b:
            x = block(x)
            states.append(x)
        return torch.stack(states, dim=1)


@FRONTENDS.add
def build(settings: WhisperSettings) -> WhisperLayers:
    """Build it with random weights; ``models.ctranslate2_whisper`` reads the pretrained ones."""
    return WhisperLayers(settings)
