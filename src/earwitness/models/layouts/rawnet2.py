"""The layout of github.com/asvspoof-challenge/2021: RawNet2, the baseline of its LA and DF tracks.

The sinc filters are not in the file.
"""

from __future__ import annotations

import re

import torch

from earwitness.models.backends.rawnet2 import RawNet2, RawNet2Settings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._fitting import misfits

NETWORK = "RawNet2"
# Published as 1,024 taps, of which an even number makes one more.
SINC = SincSettings(filters=20, taps=1025, joined=1)

_PARTS = (
    (r"norm\.", "first_bn."),
    (r"blocks\.(\d)\.unused_norm\.", r"block\1.0.bn1."),
    (r"blocks\.(\d)\.norm\.", r"block\1.0.bn2."),
    (r"blocks\.(\d)\.shortcut\.", r"block\1.0.conv_downsample."),
    (r"blocks\.(\d)\.", r"block\1.0."),
    (r"scales\.(\d)\.weigh\.", r"fc_attention\1.0."),
    (r"blocks_norm\.", "bn_before_gru."),
    (r"gru\.", "gru."),
    (r"hidden\.", "fc1_gru."),
    (r"out\.", "fc2_gru."),
)


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout((NETWORK,), problems, build, proof="structure only")


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    del name
    return misfits(weights, published_shapes())


def build(name: str, weights: Weights) -> Published:
    """Build the network and load weights that fit, strictly."""
    network = Countermeasure(SincBands(SINC), RawNet2(RawNet2Settings()))
    ours = {key: weights[published_key(key)] for key in network.backend.state_dict()}
    network.backend.load_state_dict(ours)
    return Published(name, network.eval())


def published_shapes() -> dict[str, tuple[int, ...]]:
    """List the keys and shapes of the published file."""
    with torch.device("meta"):
        state = RawNet2(RawNet2Settings()).state_dict()
    return {published_key(our): tuple(value.shape) for our, value in state.items()}


def published_key(our: str) -> str:
    """Translate one key of ``backends.rawnet2`` into the published one.

    Raises:
        KeyError: it has no such part.
    """
    for pattern, theirs in _PARTS:
        if re.match(pattern, our):
            return re.sub(f"^{pattern}", theirs, our)
    raise KeyError(our)
