"""The layout of LFCC-LCNN in github.com/asvspoof-challenge/2021 and project-NN-Pytorch-scripts.

The first is the baseline of ASVspoof 2021's LA and DF tracks; the second, of the nii-yamagishilab,
ends in P2SGrad and hears the whole spectrum. Scales of input and output that the framework adds
to every network, and that this one does not use, are checked with the rest and left out. The
published scores are of whole recordings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earwitness.models.backends.lfcc_lcnn import LfccLcnn, LfccLcnnSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.lfcc import Lfcc, LfccSettings
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.models.layouts._fitting import misfits


@dataclass(frozen=True)
class Halves:
    """The settings of one network's front end and back end."""

    front: LfccSettings
    back: LfccLcnnSettings


NETWORKS = {
    "LFCC-LCNN": Halves(LfccSettings(), LfccLcnnSettings()),
    "LFCC-LCNN with P2SGrad": Halves(
        LfccSettings(fft=512, top_hz=8000.0), LfccLcnnSettings(head="cosine")
    ),
}

_PARTS = (
    (r"frontend\.filters$", "m_frontend.0.lfcc_fb"),
    (r"frontend\.cosines$", "m_frontend.0.l_dct.weight"),
    (r"backend\.convolutions\.", "m_transform.0."),
    (r"backend\.memories\.(\d)\.", r"m_before_pooling.0.\1.l_blstm."),
    (r"backend\.out\.", "m_output_act.0."),
    (r"backend\.classes$", "m_angle.0.weight"),
)
_UNUSED = ("input_mean", "input_std", "output_mean", "output_std")
_WINDOW = "m_frontend.0.window"  # in files of newer versions only


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return Layout(tuple(NETWORKS), problems, build, proof="structure only")


def problems(name: str, weights: Weights) -> list[str]:
    """List what keeps weights from being this network."""
    shapes = published_shapes(name)
    if _WINDOW in weights:
        shapes[_WINDOW] = (NETWORKS[name].front.frame,)
    return misfits(weights, shapes)


def build(name: str, weights: Weights) -> Published:
    """Build the network and load weights that fit, strictly."""
    network = _network(name)
    network.load_state_dict({key: weights[published_key(key)] for key in network.state_dict()})
    return Published(name, network.eval())


def published_shapes(name: str) -> dict[str, tuple[int, ...]]:
    """List the keys and shapes of the published file."""
    state = _network(name).state_dict()
    shapes = {published_key(our): tuple(value.shape) for our, value in state.items()}
    return shapes | dict.fromkeys(_UNUSED, (1,))


def published_key(our: str) -> str:
    """Translate one key of the countermeasure into the published one.

    Raises:
        KeyError: it has no such part.
    """
    for pattern, theirs in _PARTS:
        if re.match(pattern, our):
            return re.sub(f"^{pattern}", theirs, our)
    raise KeyError(our)


def _network(name: str) -> Countermeasure:
    halves = NETWORKS[name]
    return Countermeasure(Lfcc(halves.front), LfccLcnn(halves.back))
