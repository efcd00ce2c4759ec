"""Train some layers only: the early ones, the head, or a named range.

Lee et al. 2023, "Surgical fine-tuning improves adaptation to distribution shifts": which layers
have to learn depends on where the new data differ: early ones for another microphone or codec, the
head for another balance of the same evidence. What is frozen stays to the bit, with the statistics
of its batch norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Remedy
from earwitness.training.keeping._freezing import freeze_outside
from earwitness.training.keeping._ranges import inside


@dataclass(frozen=True)
class LayersSettings:
    """What is trained: "all", "early", "head", or names as ``_ranges`` knows them."""

    trained: tuple[str, ...] = ("head",)

    def __post_init__(self) -> None:
        if not self.trained:
            raise SettingsError("trained: name at least one range, such as 'head'.")


def adapt(network: nn.Module, settings: LayersSettings) -> None:
    """Freeze the rest of the network.

    Raises:
        SettingsError: the network has no such range.
    """
    freeze_outside(network, inside(network, settings.trained))


@REMEDIES.add
def build(settings: LayersSettings) -> Remedy:
    """Build the remedy."""
    return Remedy(adapt=partial(adapt, settings=settings))
