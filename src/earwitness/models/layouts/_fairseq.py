"""What layouts of networks behind XLS-R share: its encoder as fairseq spells it.

Published files of this kind hold the whole network, so no base XLS-R is needed. What only
pretraining used (quantizer, projections to it, the mask's embedding) lies in them, too: it is
checked with the rest and left out of the network. Whether weights fit is found out without
transformers; only building a network needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.ssl import XLSR_300M, SslEncoder, SslSettings
from earwitness.models.layouts import WINDOW, Layout, Proof, Published, Weights
from earwitness.models.layouts._fitting import misfits

SSL = "ssl_model.model."
Shapes: TypeAlias = dict[str, tuple[int, ...]]

_STEM_KERNELS = (10, 3, 3, 3, 3, 2, 2)
_POSITIONS, _POSITION_GROUPS = 128, 16
_HEADS = {768: 12, 1024: 16, 1280: 16, 1920: 16}
_WIDTH_OF_A_HEAD = 16  # of networks too small to be published, which tests are made of

# Ours (by transformers) → theirs (by fairseq), the start of a key.
_ENCODER = (
    (r"feature_extractor\.conv_layers\.(\d)\.conv\.", r"feature_extractor.conv_layers.\1.0."),
    (r"feature_extractor\.conv_layers\.(\d)\.layer_norm\.",
     r"feature_extractor.conv_layers.\1.2.1."),
    (r"feature_projection\.layer_norm\.", "layer_norm."),
    (r"feature_projection\.projection\.", "post_extract_proj."),
    (r"encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original0$",
     "encoder.pos_conv.0.weight_g"),
    (r"encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original1$",
     "encoder.pos_conv.0.weight_v"),
    (r"encoder\.pos_conv_embed\.conv\.", "encoder.pos_conv.0."),
    (r"encoder\.layers\.(\d+)\.attention\.", r"encoder.layers.\1.self_attn."),
    (r"encoder\.layers\.(\d+)\.layer_norm\.", r"encoder.layers.\1.self_attn_layer_norm."),
    (r"encoder\.layers\.(\d+)\.feed_forward\.intermediate_dense\.", r"encoder.layers.\1.fc1."),
    (r"encoder\.layers\.(\d+)\.feed_forward\.output_dense\.", r"encoder.layers.\1.fc2."),
    (r"encoder\.layers\.(\d+)\.final_layer_norm\.", r"encoder.layers.\1.final_layer_norm."),
    (r"encoder\.layer_norm\.", "encoder.layer_norm."),
)  # fmt: skip


@dataclass(frozen=True)
class BehindXlsr:
    """A network of XLS-R and a back end, as a published file spells both.

    Attributes:
        name: of the network.
        back_end: builds the back end behind an encoder of these settings.
        back_end_key: translates a key of that back end into the published one.
        layer: of the encoder that the back end hears.
        window: samples a row.
    """

    name: str
    back_end: Callable[[SslSettings], nn.Module]
    back_end_key: Callable[[str], str]
    layer: Literal["last", "all"] = "last"
    window: int = WINDOW

    def layout(self, proof: Proof) -> Layout:
        """Describe the layout."""
        return Layout((self.name,), self.problems, self.build, proof)

    def problems(self, name: str, weights: Weights) -> list[str]:
        """List what keeps weights from being this network."""
        del name
        settings = settings_of(weights)
        shapes = self.published_shapes(settings)
        leftovers = pretraining_shapes(settings, weights)
        if any(key in weights for key in leftovers):
            shapes |= leftovers
        return misfits(weights, shapes)

    def build(self, name: str, weights: Weights) -> Published:
        """Build the network that these weights belong to around the very tensors of the file."""
        settings = replace(settings_of(weights), layer=self.layer)
        with torch.device("meta"):  # no memory for weights that the file then brings
            network = Countermeasure(SslEncoder(settings), self.back_end(settings))
        ours = {key: weights[self.published_key(key)] for key in network.state_dict()}
        network.load_state_dict(ours, assign=True)
        return Published(name, network.eval(), window=self.window)

    def published_shapes(self, settings: SslSettings) -> Shapes:
        """List the keys and shapes that a published file needs for these settings."""
        with torch.device("meta"):
            state = self.back_end(settings).state_dict()
        back = {self.back_end_key(key): tuple(value.shape) for key, value in state.items()}
        return encoder_shapes(settings) | back

    def published_key(self, our: str) -> str:
        """Translate one key of the countermeasure into the published one.

        Raises:
            KeyError: it has no such part.
        """
        part, _, rest = our.partition(".")
        if part == "frontend":
            return SSL + encoder_key(rest.removeprefix("encoder."))
        return self.back_end_key(rest)


def settings_of(weights: Weights) -> SslSettings:
    """Read the encoder's sizes off the shapes; those of XLS-R 300M where they do not show.

    The number of attention heads shows in no shape; it is that of the XLS-R of this width.
    """
    projection = weights.get(f"{SSL}post_extract_proj.weight")
    inner = weights.get(f"{SSL}encoder.layers.0.fc1.weight")
    if projection is None or inner is None or projection.ndim != 2:
        return XLSR_300M
    width, stem = projection.shape
    numbers = [int(n) for key in weights for n in re.findall(r"encoder\.layers\.(\d+)\.", key)]
    heads = _HEADS.get(width, max(1, width // _WIDTH_OF_A_HEAD))
    if width % heads:
        return XLSR_300M
    return SslSettings(
        width=width, layers=max(numbers) + 1, heads=heads, inner=inner.shape[0], stem=stem
    )


def encoder_shapes(settings: SslSettings) -> Shapes:
    """List the keys and shapes of the encoder, without what only pretraining used."""
    width, stem, inner = settings.width, settings.stem, settings.inner
    parts: Shapes = {}
    for number, kernel in enumerate(_STEM_KERNELS):
        block = f"feature_extractor.conv_layers.{number}"
        parts[f"{block}.0"] = (stem, stem if number else 1, kernel)
        parts[f"{block}.2.1"] = (stem,)
    parts |= {"layer_norm": (stem,), "post_extract_proj": (width, stem)}
    for number in range(settings.layers):
        layer = f"encoder.layers.{number}"
        parts |= {f"{layer}.self_attn.{one}_proj": (width, width) for one in ("k", "v", "q", "out")}
        parts |= {f"{layer}.self_attn_layer_norm": (width,), f"{layer}.final_layer_norm": (width,)}
        parts |= {f"{layer}.fc1": (inner, width), f"{layer}.fc2": (width, inner)}
    parts["encoder.layer_norm"] = (width,)
    shapes: Shapes = {}
    for part, shape in parts.items():
        shapes |= {f"{SSL}{part}.weight": shape, f"{SSL}{part}.bias": shape[:1]}
    positions = f"{SSL}encoder.pos_conv.0"
    return shapes | {
        f"{positions}.bias": (width,),
        f"{positions}.weight_g": (1, 1, _POSITIONS),
        f"{positions}.weight_v": (width, width // _POSITION_GROUPS, _POSITIONS),
    }


def pretraining_shapes(settings: SslSettings, weights: Weights) -> Shapes:
    """List what pretraining left behind; its own two sizes are read off the file."""
    codes = _rows(weights.get(f"{SSL}quantizer.weight_proj.weight"), 640)
    final = _rows(weights.get(f"{SSL}final_proj.weight"), 768)
    width, stem = settings.width, settings.stem
    shapes = {
        "mask_emb": (width,),
        "quantizer.vars": (1, codes, final // 2),
        "quantizer.weight_proj.weight": (codes, stem),
        "quantizer.weight_proj.bias": (codes,),
        "project_q.weight": (final, final),
        "project_q.bias": (final,),
        "final_proj.weight": (final, width),
        "final_proj.bias": (final,),
    }
    return {f"{SSL}{key}": shape for key, shape in shapes.items()}


def encoder_key(our: str) -> str:
    """Translate one key of transformers' encoder into fairseq's.

    Raises:
        KeyError: it has no such part.
    """
    for pattern, theirs in _ENCODER:
        if re.match(pattern, our):
            return re.sub(f"^{pattern}", theirs, our)
    raise KeyError(our)


def _rows(weight: Tensor | None, usual: int) -> int:
    return usual if weight is None or weight.ndim == 0 else int(weight.shape[0])
