"""Parts of wav2vec 2.0 and its kin (XLS-R, HuBERT, WavLM; by transformers), made for running.

The stem and the positional convolution keep channels last in memory, where convolutions and norms
need no transposing between them. In bfloat16, attention is written out: on a CPU the fused one is
slower for windows of a few seconds.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.lean.products import BF16, HalfLinear


class LeanStem(nn.Module):
    """The convolutions that make frames: (batch, samples) → (batch, channels, frames).

    The first one hears the waveform itself and stays in float32: bfloat16 has eight bits, which
    would be heard as noise.

    Args:
        stem: of a large model, with a norm after each convolution.
        half: do the others in bfloat16.
    """

    def __init__(self, stem: nn.Module, *, half: bool) -> None:
        super().__init__()
        first, *others = _layers(stem)
        self.stride = first.conv.stride[0]
        self.first = first.conv
        self.first_norm = first.layer_norm
        self.dtype = BF16 if half else torch.float32
        self.others = nn.ModuleList(_flat(layer.conv, self.dtype) for layer in others)
        self.norms = nn.ModuleList(_norm(layer.layer_norm, self.dtype) for layer in others)

    def forward(self, samples: Tensor) -> Tensor:
        """Convolve, norm and activate in turn."""
        windows = samples.unfold(1, self.first.kernel_size[0], self.stride)
        frames = functional.linear(windows, self.first.weight[:, 0], self.first.bias)
        frames = functional.gelu(self.first_norm(frames).to(self.dtype))
        for convolve, norm in zip(self.others, self.norms, strict=True):
            frames = functional.gelu(norm(_over_frames(convolve, frames)))
        return frames.transpose(1, 2).float()


class LeanPositions(nn.Module):
    """The convolution that tells frames where they are: (batch, frames, width) → the same.

    Args:
        positions: with its weight norm folded.
        half: do it in bfloat16.
    """

    def __init__(self, positions: nn.Module, *, half: bool) -> None:
        super().__init__()
        self.dtype = BF16 if half else torch.float32
        parts: Any = positions
        self.conv = _flat(parts.conv, self.dtype)
        self.padding, self.activation = parts.padding, parts.activation

    def forward(self, frames: Tensor) -> Tensor:
        """Convolve and activate."""
        heard = _over_frames(self.conv, frames.to(self.dtype)).transpose(1, 2)
        placed: Tensor = self.activation(self.padding(heard)).transpose(1, 2)
        return placed.to(frames.dtype)


class HalfAttention(nn.Module):
    """Self-attention in bfloat16 with one product for queries, keys and values.

    Args:
        attention: of a kind that adds nothing to its affinities.
    """

    def __init__(self, attention: nn.Module) -> None:
        super().__init__()
        parts: Any = attention
        self.heads = parts.num_heads
        self.enter = HalfLinear(_joined(parts.q_proj, parts.k_proj, parts.v_proj, parts.scaling))
        self.leave = HalfLinear(parts.out_proj)

    def forward(self, frames: Tensor, **_: object) -> tuple[Tensor, None]:
        """Attend: (batch, frames, width) → the same; transformers wants the weights, too."""
        batch, count, width = frames.shape
        entered = self.enter.product(frames).add_(self.enter.bias.to(BF16))
        heads = entered.view(batch, count, 3, self.heads, width // self.heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4).contiguous().unbind(0)
        weights = torch.softmax(query @ key.transpose(2, 3), dim=-1)
        heard = (weights @ value).transpose(1, 2).reshape(batch, count, width)
        return self.leave(heard).to(frames.dtype), None


class HalfFeedForward(nn.Module):
    """The two layers after attention, in bfloat16 from the first product to the second."""

    def __init__(self, feed_forward: nn.Module) -> None:
        super().__init__()
        parts: Any = feed_forward
        self.inner = HalfLinear(parts.intermediate_dense)
        self.outer = HalfLinear(parts.output_dense)
        self.activation = parts.intermediate_act_fn

    def forward(self, frames: Tensor) -> Tensor:
        """Transform: (batch, frames, width) → the same."""
        inner = self.inner.product(frames).add_(self.inner.bias.to(BF16))
        return self.outer.product(self.activation(inner)).to(frames.dtype) + self.outer.bias


def lean_part(part: nn.Module) -> nn.Module | None:
    """Give the lean float32 form of an encoder's part; None for any other."""
    return _stem_or_positions(part, half=False)


def half_part(part: nn.Module) -> nn.Module | None:
    """Give the lean bfloat16 form of an encoder's part; None for any other."""
    kind = type(part).__name__
    if kind in ("Wav2Vec2Attention", "HubertAttention"):
        return HalfAttention(part)
    if kind in ("Wav2Vec2FeedForward", "HubertFeedForward", "WavLMFeedForward"):
        return HalfFeedForward(part)
    if kind == "WavLMAttention":
        return part  # hands its weights to torch as they are, and has a bias for distances
    return _stem_or_positions(part, half=True)


def _stem_or_positions(part: nn.Module, *, half: bool) -> nn.Module | None:
    kind = type(part).__name__
    if kind.endswith("FeatureEncoder") and all(hasattr(x, "layer_norm") for x in _layers(part)):
        is_large = all(isinstance(layer.layer_norm, nn.LayerNorm) for layer in _layers(part))
        return LeanStem(part, half=half) if is_large else None
    if kind.endswith("PositionalConvEmbedding") and getattr(part, "batch_norm", None) is None:
        return LeanPositions(part, half=half)
    return None


def _layers(stem: nn.Module) -> list[Any]:
    layers: Any = stem
    return list(layers.conv_layers)


def _flat(conv: nn.Conv1d, dtype: torch.dtype) -> nn.Conv2d:
    """Make a convolution over (batch, channels, 1, frames), whose channels stand last in memory."""
    flat = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (1, conv.kernel_size[0]),
        stride=(1, conv.stride[0]),
        padding=(0, int(conv.padding[0])),
        groups=conv.groups,
        device="meta",
    )
    weight = conv.weight.detach().to(dtype)[:, :, None]
    bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
    flat.weight = _fixed(weight.contiguous(memory_format=torch.channels_last))
    flat.bias = _fixed(bias.to(dtype))
    return flat


def _norm(norm: nn.LayerNorm, dtype: torch.dtype) -> nn.LayerNorm:
    other = nn.LayerNorm(norm.normalized_shape, eps=norm.eps, device="meta")
    other.weight, other.bias = _fixed(norm.weight.to(dtype)), _fixed(norm.bias.to(dtype))
    return other


def _over_frames(conv: nn.Module, frames: Tensor) -> Tensor:
    """Run a flat convolution: (batch, frames, channels) → the same, without moving memory."""
    heard: Tensor = conv(frames.transpose(1, 2)[:, :, None])
    return heard[:, :, 0].transpose(1, 2)


def _joined(query: nn.Linear, key: nn.Linear, value: nn.Linear, scaling: float) -> nn.Linear:
    """Join three layers into one; queries are scaled, which spares scaling the affinities."""
    joined = nn.Linear(query.in_features, 3 * query.out_features, device="meta")
    joined.weight = _fixed(torch.cat([query.weight * scaling, key.weight, value.weight]))
    joined.bias = _fixed(torch.cat([query.bias * scaling, key.bias, value.bias]))
    return joined


def _fixed(weight: Tensor) -> nn.Parameter:
    return nn.Parameter(weight.detach(), requires_grad=False)
