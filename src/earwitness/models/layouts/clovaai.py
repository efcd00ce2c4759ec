"""The layout of github.com/clovaai/aasist: AASIST and AASIST-L, as the ASVspoof 5 baseline too.

Keys are renamed to those of ``backends.aasist``; the sinc filters are not in the file. Which of the
two networks a file holds shows in its shapes; the shares of kept nodes do not, and are those that
were published with the weights.
"""

from __future__ import annotations

import torch

from earwitness.models.backends.aasist import AASIST, AASIST_L, Aasist, AasistSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._aasist_names import published_key
from earwitness.models.layouts._fitting import misfits

NETWORKS = {"AASIST": AASIST, "AASIST-L": AASIST_L}


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout(tuple(NETWORKS), problems, build, proof="scores")


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    return misfits(weights, published_shapes(NETWORKS[name]))


def build(name: str, weights: Weights) -> Published:
    """Build the network that these weights belong to, and load them strictly."""
    return Published(name, network_of(NETWORKS[name], weights))


def network_of(settings: AasistSettings, weights: Weights) -> Countermeasure:
    """Build a network of these settings, in eval mode, and load weights strictly."""
    network = Countermeasure(SincBands(SincSettings()), Aasist(settings))
    ours = {our: weights[published_key(our)] for our in network.backend.state_dict()}
    network.backend.load_state_dict(ours)
    return network.eval()


def published_shapes(settings: AasistSettings) -> dict[str, tuple[int, ...]]:
    """List the keys and shapes of the published file for these settings."""
    with torch.device("meta"):
        state = Aasist(settings).state_dict()
    return {published_key(our): tuple(value.shape) for our, value in state.items()}
