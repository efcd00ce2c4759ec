"""Self-supervised encoders as front ends: wav2vec 2.0 and XLS-R, WavLM, HuBERT; by transformers.

Baevski et al. 2020 (wav2vec 2.0), Babu et al. 2022 (XLS-R), Chen et al. 2022 (WavLM), Hsu et al.
2021 (HuBERT). The default is XLS-R 300M. The raw waveform goes in without normalisation, as the
published countermeasures were trained; weights come from a checkpoint of the whole countermeasure,
so that no base model is needed to build one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from earwitness.errors import MissingExtra, SettingsError
from earwitness.models.frontends import FRONTENDS

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

Kind = Literal["wav2vec2", "wavlm", "hubert"]


@dataclass(frozen=True)
class SslSettings:
    """Shape of an encoder, and which of its layers is heard.

    Attributes:
        kind: of encoder; "wav2vec2" is XLS-R, too.
        width, layers, heads, inner: of the transformer.
        stem: channels of each of the seven convolutions that make frames of 20 ms.
        is_large: layer norms in the stem and before each layer, as the large models have them.
        layer: "last" (after the final norm), "mix" (a learned weighting of all), "all" (each for
            itself), or a number: 0 is what enters the first layer, n leaves the nth; later ones
            are then not built.
    """

    kind: Kind = "wav2vec2"
    width: int = 1024
    layers: int = 24
    heads: int = 16
    inner: int = 4096
    stem: int = 512
    is_large: bool = True
    layer: Literal["last", "mix", "all"] | int = "last"

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise SettingsError(f"width ({self.width}) must be a multiple of heads ({self.heads}).")
        if isinstance(self.layer, int) and not 0 <= self.layer <= self.layers:
            raise SettingsError(f"layer is 0 to {self.layers}, but got {self.layer}.")

    @property
    def built(self) -> int:
        """Count the layers that are needed; what enters the first is caught by the first."""
        return max(1, self.layer) if isinstance(self.layer, int) else self.layers


XLSR_300M = SslSettings()
XLSR_1B = SslSettings(width=1280, layers=48, heads=16, inner=5120)
XLSR_2B = SslSettings(width=1920, layers=48, heads=16, inner=7680)
SMALL = SslSettings(width=48, layers=2, heads=4, inner=96, stem=32)


class SslEncoder(nn.Module):
    """Waveform → features: (batch, samples) → (batch, width, frames), a frame each 20 ms.

    At least 400 samples, the width of the first frame. With "all" layers it is
    (batch, layers + 1, frames, width), as ``frontends.whisper`` gives it: what enters the first
    layer, and what leaves each; large models have no norm there.
    """

    def __init__(self, settings: SslSettings) -> None:
        super().__init__()
        self.layer = settings.layer
        self.encoder = _encoder(settings)
        if settings.layer == "mix":
            self.mix = nn.Parameter(torch.zeros(settings.layers + 1))

    def forward(self, samples: Tensor) -> Tensor:
        """Encode; see the class for shapes."""
        if self.layer == "last":
            found: Tensor = self.encoder(samples).last_hidden_state
        else:
            states = self.encoder(samples, output_hidden_states=True).hidden_states
            if self.layer == "all":
                return torch.stack(states, dim=1)
            found = states[self.layer] if isinstance(self.layer, int) else self._mixed(states)
        return found.transpose(1, 2)

    def _mixed(self, states: tuple[Tensor, ...]) -> Tensor:
        weights = torch.softmax(self.mix, dim=0)
        mixed: Tensor = sum(
            (weight * state for weight, state in zip(weights, states, strict=True)),
            torch.zeros((), device=weights.device),
        )
        return mixed


def _encoder(settings: SslSettings) -> nn.Module:
    try:
        import transformers
    except ImportError as exc:
        raise MissingExtra("A self-supervised encoder", extra="torch") from exc
    config_class, model_class = {
        "wav2vec2": (transformers.Wav2Vec2Config, transformers.Wav2Vec2Model),
        "wavlm": (transformers.WavLMConfig, transformers.WavLMModel),
        "hubert": (transformers.HubertConfig, transformers.HubertModel),
    }[settings.kind]
    config: PreTrainedConfig = config_class(
        hidden_size=settings.width,
        num_hidden_layers=settings.built,
        num_attention_heads=settings.heads,
        intermediate_size=settings.inner,
        conv_dim=(settings.stem,) * 7,
        conv_bias=settings.is_large,
        feat_extract_norm="layer" if settings.is_large else "group",
        do_stable_layer_norm=settings.is_large,
        # Masking and dropping whole layers belong to pretraining.
        mask_time_prob=0.0,
        mask_feature_prob=0.0,
        apply_spec_augment=False,
        layerdrop=0.0,
    )
    network: nn.Module = model_class(config)
    return network


@FRONTENDS.add
def build(settings: SslSettings) -> SslEncoder:
    """Build the front end with random weights."""
    return SslEncoder(settings)
