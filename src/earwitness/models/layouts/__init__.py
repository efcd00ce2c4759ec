"""Checkpoint layouts: one file a layout that somebody publishes, and the file name is its name.

Each file registers ``layout()``: how to tell that weights are laid out so, and how to build the
network that they belong to. ``models.checkpoints`` reads files and tries the layouts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from torch import Tensor, nn

from earwitness.registry import Registry

Weights: TypeAlias = dict[str, Tensor]

Proof: TypeAlias = Literal["scores", "code", "structure only"]
"""How far a network was compared with the published one. "scores": with scores that the published
weights give. "code": with what the whole published code, run as it is, gives on random weights.
"structure only": with neither; tests hold its number of parameters, its key names and shapes, and
what its published classes give on drawn weights."""

WINDOW = 64_600
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Published:
    """A network with published weights, and how it wants to be fed.

    Attributes:
        name: of the network ("AASIST").
        network: (batch, samples) → (batch,), in eval mode; a ``Countermeasure``, or ``Branches``.
        window: samples a row.
        sample_rate: in Hz.
        proof: how far it was compared with the published one; that of its layout.
    """

    name: str
    network: nn.Module
    window: int = WINDOW
    sample_rate: int = SAMPLE_RATE
    proof: Proof = "structure only"


@dataclass(frozen=True)
class Layout:
    """One way to spell a network's weights.

    Attributes:
        networks: names of the networks that it is used for, for messages.
        problems: for each of them, what keeps weights from being it: missing, unexpected and
            mis-shaped keys; nothing where they fit.
        build: builds a network by name and loads weights that fit, strictly.
        proof: how far its networks were compared with the published ones.
    """

    networks: tuple[str, ...]
    problems: Callable[[str, Weights], list[str]]
    build: Callable[[str, Weights], Published]
    proof: Proof = "structure only"


LAYOUTS: Registry[Callable[[], Layout]] = Registry("checkpoint layout", package=__name__)
