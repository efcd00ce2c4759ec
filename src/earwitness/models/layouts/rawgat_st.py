"""The layout of github.com/eurecom-asp/RawGAT-ST-antispoofing: its released weights.

The released files are older than the code beside them: they spell some keys in another way, lack
the first block's shortcut, and were trained with blocks that go on with their raw input. Each
block also holds the first block's convolution (``conv_1``), which none but the first uses: it is
checked with the rest and left out.
"""

from __future__ import annotations

import re

import torch

from earwitness.models.backends.rawgat_st import RawGatSettings, RawGatSt
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._fitting import misfits

NETWORK = "RawGAT-ST"
SETTINGS = RawGatSettings()

_PARTS = {
    "norm": "first_bn",
    "spectral_encoder": "encoder1",
    "temporal_encoder": "encoder2",
    "spectral": "GAT_layer1",
    "temporal": "GAT_layer2",
    "joined": "GAT_layer3",
    "spectral_pool": "pool1",
    "temporal_pool": "pool2",
    "joined_pool": "pool3",
    "spectral_nodes": "proj1",
    "temporal_nodes": "proj2",
    "node": "proj",
    "out": "proj_node",
}
_GRAPH = {
    "pair": "att_proj",
    "weight": "att_weight",
    "mix.heard": "proj_with_att",
    "mix.own": "proj_without_att",
    "norm": "bn",
    "gate": "proj",
}
_BLOCK = {"unused_norm": "bn1", "norm": "bn2", "shortcut": "conv_downsample"}


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout((NETWORK,), problems, build, proof="scores")


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    del name
    return misfits(weights, published_shapes())


def build(name: str, weights: Weights) -> Published:
    """Build the network and load weights that fit, strictly."""
    network = Countermeasure(SincBands(SincSettings()), RawGatSt(SETTINGS))
    ours = {k: weights[published_key(k)] for k in network.backend.state_dict()}
    network.backend.load_state_dict(ours)
    return Published(name, network.eval())


def published_shapes() -> dict[str, tuple[int, ...]]:
    """List the keys and shapes of the published file."""
    with torch.device("meta"):
        state = RawGatSt(SETTINGS).state_dict()
    shapes = {published_key(our): tuple(value.shape) for our, value in state.items()}
    return shapes | _unused(shapes)


def published_key(our: str) -> str:
    """Translate one key of ``backends.rawgat_st`` into the published one."""
    part, _, rest = our.partition(".")
    theirs = _PARTS[part]
    block = re.fullmatch(r"(\d)\.(\w+)\.(\w+)", rest)
    if block:
        number, layer, leaf = block.groups()
        inner = "conv_1" if number == "0" and layer == "conv1" else _BLOCK.get(layer, layer)
        return f"{theirs}.{number}.0.{inner}.{leaf}"
    for ours, inner in _GRAPH.items():
        if part in ("norm", "out", "node", "spectral_nodes", "temporal_nodes"):
            break
        if rest == ours or rest.startswith(f"{ours}."):
            return f"{theirs}.{inner}{rest[len(ours) :]}"
    return f"{theirs}.{rest}"


def _unused(shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """List the convolutions that every block has and only the first uses."""
    return {
        key.replace("conv1", "conv_1"): (shape[0], 1, *shape[2:]) if len(shape) > 1 else shape
        for key, shape in shapes.items()
        if ".conv1." in key
    }
