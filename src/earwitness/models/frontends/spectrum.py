"""Fine spectrum and phase of each frame: what a mel spectrum smooths away.

Per frame: the log power of 257 bins and its change, the cepstrum, and two phase measures as unit
phasors (so that nothing wraps): the deviation of the instantaneous frequency from the bin's own
(phase against the frame before) and the group delay (phase against the bin below). Vocoders and
codecs leave traces in all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from earwitness.models.frontends import FRONTENDS
from earwitness.models.frontends._spectra import FourierFrames, full_precision, level


@dataclass(frozen=True)
class SpectrumSettings:
    """Frame size and hop in samples; ``cepstra`` is the number of cepstral coefficients."""

    size: int = 512
    hop: int = 128
    cepstra: int = 64


class FineSpectrum(nn.Module):
    """Waveform → one column of measures a frame.

    Shape: (batch, samples) → (batch, 6 * bins - 2 + cepstra, frames) with bins = size // 2 + 1;
    the first ``bins`` rows are the log power.
    """

    advance: Tensor
    cosines: Tensor

    def __init__(self, settings: SpectrumSettings) -> None:
        super().__init__()
        self.frames = FourierFrames(settings.size, settings.hop)
        bins = torch.arange(settings.size // 2 + 1)
        turn = 2 * math.pi * bins * settings.hop / settings.size
        advance = torch.stack([turn.cos(), turn.sin()])[:, None, :, None]
        self.register_buffer("advance", advance.float(), persistent=False)
        quefrency = torch.arange(1, settings.cepstra + 1)[:, None]
        cosines = torch.cos(math.pi * quefrency * (bins + 0.5) / len(bins)) / math.sqrt(len(bins))
        self.register_buffer("cosines", cosines.float(), persistent=False)

    @property
    def rows(self) -> int:
        """Number of measures a frame."""
        bins = self.advance.shape[2]
        return 6 * bins - 2 + self.cosines.shape[0]

    def forward(self, samples: Tensor) -> Tensor:
        """Compute the measures; see the class for shapes."""
        with full_precision(samples):
            return self._measures(*self.frames(level(samples)))

    def _measures(self, real: Tensor, imaginary: Tensor) -> Tensor:
        power = torch.log(real.square() + imaginary.square() + 1e-7)
        change = torch.cat([torch.zeros_like(power[..., :1]), power[..., 1:] - power[..., :-1]], -1)
        drift = self._drift(real, imaginary)
        delay = _phasor(real[:, 1:], imaginary[:, 1:], real[:, :-1], imaginary[:, :-1])
        return torch.cat([power, change, self.cosines @ power, *drift, *delay], dim=1)

    def _drift(self, real: Tensor, imaginary: Tensor) -> tuple[Tensor, Tensor]:
        """Phase against the frame before, less the bin's own advance; zero in the first frame."""
        cosine, sine = _phasor(
            real[..., 1:], imaginary[..., 1:], real[..., :-1], imaginary[..., :-1]
        )
        turned = (
            cosine * self.advance[0] + sine * self.advance[1],
            sine * self.advance[0] - cosine * self.advance[1],
        )
        first = torch.zeros_like(real[..., :1])
        return torch.cat([first, turned[0]], -1), torch.cat([first, turned[1]], -1)


def _phasor(re: Tensor, im: Tensor, other_re: Tensor, other_im: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the phase of one spectrum against another's."""
    cosine = re * other_re + im * other_im
    sine = im * other_re - re * other_im
    size = torch.sqrt(cosine.square() + sine.square() + 1e-12)
    return cosine / size, sine / size


@FRONTENDS.add
def build(settings: SpectrumSettings) -> FineSpectrum:
    """Build the front end; it has no trained weights."""
    return FineSpectrum(settings)
