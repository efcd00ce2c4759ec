"""The layout of github.com/clovaai/aasist: AASIST and AASIST-L, as the ASVspoof 5 baseline too.

Keys are renamed to those of ``backends.aasist``; the sinc filters are not in the file. Which of the
two networks a file holds shows in its shapes; the shares of kept nodes do not, and are those that
were published with the weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from earwitness.errors import IncompatibleWeights
from earwitness.models.backends.aasist import AASIST, AASIST_L, Aasist, AasistSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.models.layouts._checkpoint import Weights, listed, misfits, read_weights

WINDOW = 64_600
SAMPLE_RATE = 16_000
NETWORKS = {"AASIST": AASIST, "AASIST-L": AASIST_L}

# Ours → theirs, whole words of a key that is split at its dots.
_OUTER = {
    "paths.0.master": "master1",
    "paths.1.master": "master2",
    "paths.0.first": "HtrgGAT_layer_ST11",
    "paths.0.second": "HtrgGAT_layer_ST12",
    "paths.1.first": "HtrgGAT_layer_ST21",
    "paths.1.second": "HtrgGAT_layer_ST22",
    "paths.0.spectral_pool": "pool_hS1",
    "paths.0.temporal_pool": "pool_hT1",
    "paths.1.spectral_pool": "pool_hS2",
    "paths.1.temporal_pool": "pool_hT2",
    "spectral_pool": "pool_S",
    "temporal_pool": "pool_T",
    "spectral": "GAT_layer_S",
    "temporal": "GAT_layer_T",
    "positions": "pos_S",
    "norm": "first_bn",
    "out": "out_layer",
}
_BLOCK = {"unused_norm": "bn1", "norm": "bn2", "shortcut": "conv_downsample"}
_GRAPH = {
    "mix.heard": "proj_with_att",
    "mix.own": "proj_without_att",
    "master_mix.heard": "proj_with_attM",
    "master_mix.own": "proj_without_attM",
    "pair": "att_proj",
    "master_pair": "att_projM",
    "weight_temporal": "att_weight11",
    "weight_spectral": "att_weight22",
    "weight_across": "att_weight12",
    "weight_master": "att_weightM",
    "enter_temporal": "proj_type1",
    "enter_spectral": "proj_type2",
    "gate": "proj",
    "norm": "bn",
    "weight": "att_weight",
}


@dataclass(frozen=True)
class Published:
    """A network with published weights, and how it wants to be fed.

    Attributes:
        name: of the network ("AASIST").
        network: in eval mode.
        window: samples a row.
        sample_rate: in Hz.
    """

    name: str
    network: Countermeasure
    window: int = WINDOW
    sample_rate: int = SAMPLE_RATE


def read(path: Path) -> Published:
    """Read a published checkpoint.

    Raises:
        ModelError: it is missing or corrupt, or it is of another network.
    """
    return build(read_weights(path), source=str(path))


def build(weights: Weights, *, source: str) -> Published:
    """Build the network that these weights belong to, and load them strictly.

    Raises:
        IncompatibleWeights: they fit neither network; what does not fit the nearer is listed.
    """
    problems = {name: misfits(weights, published_shapes(s)) for name, s in NETWORKS.items()}
    name = min(problems, key=lambda candidate: len(problems[candidate]))
    if problems[name]:
        raise IncompatibleWeights(
            f"{source}: does not fit {' or '.join(NETWORKS)}. Against {name}: "
            f"{listed(problems[name])}."
        )
    network = _network(NETWORKS[name])
    ours = {our: weights[published_key(our)] for our in network.backend.state_dict()}
    network.backend.load_state_dict(ours)
    return Published(name, network.eval())


def published_shapes(settings: AasistSettings) -> dict[str, tuple[int, ...]]:
    """List the keys and shapes of the published file for these settings."""
    state: Mapping[str, Tensor] = _network(settings).backend.state_dict()
    return {published_key(our): tuple(value.shape) for our, value in state.items()}


def published_key(our: str) -> str:
    """Translate one key of ``backends.aasist`` into the published one."""
    block = re.fullmatch(r"encoder\.(\d)\.(\w+)(.*)", our)
    if block:
        number, part, rest = block.groups()
        return f"encoder.{number}.0.{_BLOCK.get(part, part)}{rest}"
    for ours, theirs in _OUTER.items():
        if our == ours:
            return theirs
        if our.startswith(f"{ours}."):
            return f"{theirs}.{_inner(our[len(ours) + 1 :], theirs)}"
    raise KeyError(our)


def _inner(rest: str, theirs: str) -> str:
    if theirs in ("first_bn", "out_layer"):
        return rest
    for ours, inner in _GRAPH.items():
        if rest == ours or rest.startswith(f"{ours}."):
            return inner + rest[len(ours) :]
    raise KeyError(rest)


def _network(settings: AasistSettings) -> Countermeasure:
    return Countermeasure(SincBands(SincSettings()), Aasist(settings))
