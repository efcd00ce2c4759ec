"""Checkpoint layouts: one file a layout that somebody publishes, and the file name is its name.

Each file registers ``layout()``: how to tell that weights are laid out so, and how to build the
network that they belong to. ``models.checkpoints`` reads files and tries the layouts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor

from earwitness.models.countermeasure import Countermeasure
from earwitness.registry import Registry

Weights: TypeAlias = dict[str, Tensor]

WINDOW = 64_600
SAMPLE_RATE = 16_000


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


@dataclass(frozen=True)
class Layout:
    """One way to spell a network's weights.

    Attributes:
        networks: names of the networks that it is used for, for messages.
        problems: for each of them, what keeps weights from being it: missing, unexpected and
            mis-shaped keys; nothing where they fit.
        build: builds a network by name and loads weights that fit, strictly.
    """

    networks: tuple[str, ...]
    problems: Callable[[str, Weights], list[str]]
    build: Callable[[str, Weights], Published]


LAYOUTS: Registry[Callable[[], Layout]] = Registry("checkpoint layout", package=__name__)
