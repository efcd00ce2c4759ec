"""Losses that a network can be fitted with: one file a loss, and the file name is its name.

Each file holds a frozen settings dataclass and ``build(settings)``. A loss gives one value a row
and the weight that each row has; it never averages. Who trains does that, over every row of a step,
however many processes and pieces the step is made of: only so do they equal one large batch.

A recipe names a loss as a table, ``loss = {name = "focal", gamma = 2.0}``; ``loss`` builds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

import torch
from torch import Tensor

from earwitness.config import Table, settings
from earwitness.errors import SettingsError
from earwitness.registry import Registry


@dataclass(frozen=True)
class Outputs:
    """What a network says of one batch.

    Attributes:
        logits: shape (batch, 2): spoof, bona fide. Cosines where the head gives cosines; a network
            of one output has 0 and that output, so that a softmax is the sigmoid of it.
        parts: shape (branches, batch), the logit of bona fide of each branch apart, of a network
            that has branches.
    """

    logits: Tensor
    parts: Tensor | None = None


Rows: TypeAlias = Callable[[Outputs, Tensor], Tensor]


@dataclass(frozen=True)
class BuiltLoss:
    """A loss with its settings.

    Attributes:
        rows: outputs and targets, shape (batch,), 1 for bona fide and 0 for spoof → the loss of
            each row, shape (batch,), neither weighted nor averaged.
        row_weights: targets → the weight of each row, shape (batch,).
        needs_cosine: it is made for cosines between a hidden vector and one vector a class, see
            ``models.backends.aasist.with_cosine_head``.
    """

    rows: Rows
    row_weights: Callable[[Tensor], Tensor]
    needs_cosine: bool = False

    def mean(self, outputs: Outputs, targets: Tensor) -> Tensor:
        """Average over one batch: the sum of weighted rows by the sum of weights, a scalar."""
        weights = self.row_weights(targets)
        return (weights * self.rows(outputs, targets)).sum() / weights.sum()


@dataclass(frozen=True)
class ClassWeights:
    """How much a row of each class counts; every loss has these settings.

    Attributes:
        spoof_weight: of a spoof row. AASIST was published with 0.1 and 0.9, for the training part
            of ASVspoof 2019 LA has nine spoofs to one bona fide clip.
        bona_fide_weight: of a bona fide row.
    """

    spoof_weight: float = 1.0
    bona_fide_weight: float = 1.0

    def __post_init__(self) -> None:
        if not min(self.spoof_weight, self.bona_fide_weight) > 0:
            raise SettingsError(
                f"spoof_weight ({self.spoof_weight}) and bona_fide_weight "
                f"({self.bona_fide_weight}) must be above 0."
            )

    def of_rows(self, targets: Tensor) -> Tensor:
        """Give each row the weight of its class: (batch,) → (batch,)."""
        spoof = torch.full_like(targets, self.spoof_weight)
        return torch.where(targets > 0.5, torch.full_like(targets, self.bona_fide_weight), spoof)


LossBuilder: TypeAlias = Callable[[Any], BuiltLoss]

LOSSES: Registry[LossBuilder] = Registry("loss", package=__name__)


def loss(table: Table, *, where: str = "loss") -> BuiltLoss:
    """Build a loss from its table in a recipe.

    Args:
        table: ``name``, one of ``LOSSES.names()``, and its settings; what is left out has its
            default.
        where: file name and key, for messages.

    Raises:
        UnknownName: there is no such loss.
        SettingsError: the table has no name, a setting is not known, or does not fit.

    Example:
        >>> built = loss({"name": "cross_entropy"})
        >>> unsure = Outputs(torch.zeros(1, 2))
        >>> round(float(built.mean(unsure, torch.ones(1))), 4)
        0.6931
    """
    own = dict(table)
    name = own.pop("name", None)
    if not isinstance(name, str):
        raise SettingsError(f"{where}: 'name' is missing. There are: {', '.join(LOSSES.names())}.")
    build = LOSSES.get(name)
    return build(settings(get_type_hints(build)["settings"], own, where=f"{where}: {name}"))
