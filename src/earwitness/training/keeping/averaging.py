"""Checkpoint averaging: the mean of the weights after the last epochs.

Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization". Means and
variances of batch norms are averaged like weights: the epochs averaged lie close together on one
path, and no data are needed for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Ended, Ending, Point, Remedy, Weights


@dataclass(frozen=True)
class AveragingSettings:
    """How many epochs, counted from the ``last``, are averaged."""

    last: int = 5

    def __post_init__(self) -> None:
        if self.last < 2:
            raise SettingsError(f"last ({self.last}) must be at least 2 epochs.")


def averaged(many: Iterable[Weights]) -> dict[str, Tensor]:
    """Average weights; counters are those of the last.

    Args:
        many: at least one table of weights, of one layout; each is let go before the next.

    Example:
        >>> import torch
        >>> one, other = {"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 4.0])}
        >>> averaged([one, other])["w"]
        tensor([0.5000, 3.0000])
    """
    sums: dict[str, Tensor] = {}
    last: Mapping[str, Tensor] = {}
    count = 0
    for count, weights in enumerate(many, start=1):  # noqa: B007 - it is needed after the loop
        for name, value in weights.items():
            if value.is_floating_point():
                sums[name] = sums[name] + value.double() if name in sums else value.double()
        last = weights
    return {
        name: (sums[name] / count).to(value) if name in sums else value.clone()
        for name, value in last.items()
    }


@REMEDIES.add
def build(settings: AveragingSettings) -> Remedy:
    """Build the remedy."""

    def finish(ending: Ending) -> Ended:
        first = max(0, len(ending.epochs) - settings.last)
        chosen = range(first, len(ending.epochs))
        weights = averaged(ending.epochs[at] for at in chosen)
        told = f"The weights are the mean of those after epochs {first + 1} to {chosen[-1] + 1}."
        merit = ending.merit(weights)
        return Ended(weights, (Point("averaged", merit, is_chosen=True),), told)

    return Remedy(finish=finish)
