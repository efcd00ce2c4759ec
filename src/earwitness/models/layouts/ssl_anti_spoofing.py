"""The layout of github.com/TakHemlata/SSL_Anti-spoofing: XLS-R and AASIST, spelled by fairseq.

A file holds the whole network, so no base XLS-R is needed. What only pretraining used (quantizer,
projections to it, the mask's embedding) lies in it, too: it is checked with the rest and left out
of the network. The number of attention heads does not show in any shape; it is that of the XLS-R
of this width.
"""

from __future__ import annotations

import re

import torch

from earwitness.models.backends.ssl_aasist import SslAasist, SslAasistSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.ssl import XLSR_300M, SslEncoder, SslSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._aasist_names import published_key as aasist_key
from earwitness.models.layouts._fitting import misfits

NETWORK = "XLS-R + AASIST"
SSL = "ssl_model.model."

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
_BACK = {"project": "LL", "encoded_norm": "first_bn1", "attention": "attention"}


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout((NETWORK,), problems, build)


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    del name
    settings = settings_of(weights)
    shapes = published_shapes(settings)
    leftovers = pretraining_shapes(settings, weights)
    if any(key in weights for key in leftovers):
        shapes |= leftovers
    return misfits(weights, shapes)


def build(name: str, weights: Weights) -> Published:
    """Build the network that these weights belong to around the very tensors of the file."""
    network = _network(settings_of(weights))
    ours = {key: weights[published_key(key)] for key in network.state_dict()}
    network.load_state_dict(ours, assign=True)
    return Published(name, network.eval())


def settings_of(weights: Weights) -> SslSettings:
    """Read the encoder's sizes off the shapes; those of XLS-R 300M where they do not show."""
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


def published_shapes(settings: SslSettings) -> dict[str, tuple[int, ...]]:
    """List the keys and shapes that a published file needs for these settings."""
    state = _network(settings).state_dict()
    return {published_key(key): tuple(value.shape) for key, value in state.items()}


def pretraining_shapes(settings: SslSettings, weights: Weights) -> dict[str, tuple[int, ...]]:
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


def published_key(our: str) -> str:
    """Translate one key of the countermeasure into the published one.

    Raises:
        KeyError: it has no such part.
    """
    part, _, rest = our.partition(".")
    if part == "frontend":
        return SSL + _encoder_key(rest.removeprefix("encoder."))
    first, _, inner = rest.partition(".")
    return f"{_BACK[first]}.{inner}" if first in _BACK else aasist_key(rest)


def _encoder_key(our: str) -> str:
    for pattern, theirs in _ENCODER:
        if re.match(pattern, our):
            return re.sub(f"^{pattern}", theirs, our)
    raise KeyError(our)


def _rows(weight: torch.Tensor | None, usual: int) -> int:
    return usual if weight is None or weight.ndim == 0 else int(weight.shape[0])


def _network(settings: SslSettings) -> Countermeasure:
    """Build it without memory for its weights, which a checkpoint then brings."""
    with torch.device("meta"):
        back = SslAasist(SslAasistSettings(features=settings.width))
        return Countermeasure(SslEncoder(settings), back)
