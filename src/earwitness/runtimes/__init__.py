"""Room 3a: arrays of samples → raw scores, by whichever engine runs the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earwitness.weights.cards import Card


class Runtime(Protocol):
    """What runs a countermeasure. Features are computed inside the network."""

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score windows of shape (batch, samples); gives (batch,), higher = bona fide."""


@dataclass(frozen=True)
class Opened:
    """A detector's card, and what runs its network."""

    card: Card
    runtime: Runtime
