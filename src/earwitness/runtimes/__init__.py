"""Room 3a: arrays of samples → raw scores, by whichever engine runs the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.weights.cards import Card

Device: TypeAlias = Literal["auto", "cpu", "cuda", "mps"]
"""Where a network runs. "auto": on an accelerator where the engine finds one, else on the CPU."""

Precision: TypeAlias = Literal["auto", "fp32", "bf16"]
"""In what large products are computed. "auto": as the card says, which is fp32 nearly always."""


class Runtime(Protocol):
    """What runs a countermeasure. Features are computed inside the network.

    Attributes:
        at_once: how many windows of a recording it is best given in one call.
    """

    @property
    def at_once(self) -> int:
        """See the class."""

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score windows of shape (batch, samples); gives (batch,), higher = bona fide."""


@dataclass(frozen=True)
class Engine:
    """How a network is to be run.

    Attributes:
        threads: how many one call may use, on the CPU.
        device: where.
        precision: of large products.
    """

    threads: int = 1
    device: Device = "auto"
    precision: Precision = "auto"


@dataclass(frozen=True)
class Opened:
    """A detector's card, and what runs its network.

    Attributes:
        card: as the network is run: its ``precision`` is the one that is used.
        runtime: runs it.
    """

    card: Card
    runtime: Runtime
