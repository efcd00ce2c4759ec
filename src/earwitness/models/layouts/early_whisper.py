"""The layout of our own detectors of two branches: early Whisper layers, and fine spectrum.

Keys are those of ``models.branches``. How many layers, positions and small networks there are shows
in the keys and shapes; the rest is what ``recipes/embedded.toml`` says.
"""

from __future__ import annotations

import re

import torch

from earwitness.models.branches import Branches, BranchSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._fitting import misfits

NAME = "Early Whisper + fine spectrum"
WINDOW = 64_000
SPECTRUM_HOP = 160
_BLOCK = re.compile(r"branches\.0\.0\.b\.(\d+)\.")
_HEAD = re.compile(r"branches\.0\.1\.head\.networks\.(\d+)\.")
_USUAL = {"layers": 3, "positions": 200, "width": 512, "hidden": 64, "heads": 3}


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout((NAME,), problems, build, proof="scores")


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    del name
    with torch.device("meta"):
        state = Branches(branches(weights)).state_dict()
    return misfits(weights, {key: tuple(value.shape) for key, value in state.items()})


def build(name: str, weights: Weights) -> Published:
    """Build the network that these weights belong to, and load them strictly."""
    network = Branches(branches(weights))
    network.load_state_dict(weights)
    return Published(name, network.eval(), window=WINDOW)


def branches(weights: Weights) -> tuple[BranchSettings, BranchSettings]:
    """Read the settings of both branches off the keys and shapes; the usual ones if in doubt."""
    found = dict(_USUAL)
    for what, pattern in (("layers", _BLOCK), ("heads", _HEAD)):
        numbers = {int(at[1]) for at in map(pattern.match, weights) if at}
        found[what] = max(numbers, default=found[what] - 1) + 1
    positions = weights.get("branches.0.0.pos")
    if positions is not None and positions.ndim == 2:
        found["positions"], found["width"] = positions.shape
    hidden = weights.get("branches.0.1.head.networks.0.1.weight")
    if hidden is not None and hidden.ndim == 2:
        found["hidden"] = hidden.shape[0]
    ends = {"hidden": found["hidden"], "heads": found["heads"]}
    front = {key: found[key] for key in ("layers", "positions", "width")}
    back = {"layers": found["layers"] + 1, "width": found["width"], **ends}
    return (
        BranchSettings("whisper", "moments", front, back),
        BranchSettings("spectrum", "statistics", {"hop": SPECTRUM_HOP}, ends),
    )
