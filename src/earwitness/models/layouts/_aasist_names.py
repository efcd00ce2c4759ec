"""How the graph part of AASIST is spelled in published files, by clovaai and by those after it."""

from __future__ import annotations

import re

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


def published_key(our: str) -> str:
    """Translate one key of ``backends.aasist`` into the published one.

    Raises:
        KeyError: AASIST has no such part.
    """
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
