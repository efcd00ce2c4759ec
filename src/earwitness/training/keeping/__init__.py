"""Keeping what a network knew while it learns something else: one file a remedy.

A recipe lists remedies as tables, ``{name = "l2_sp", strength = 0.01}``, and they are combined in
its order. Each file holds a frozen settings dataclass and ``build(settings)`` → ``Remedy``, whose
hooks a trainer calls: ``adapt`` before training, ``prepare`` for a penalty that is added to the
loss, ``fold`` before weights are written, ``finish`` when all epochs are done.

Notable: whatever a remedy puts into a network is taken out again by ``folded``, so that each file
of weights has the layout of the start, and is loaded by whoever could load that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, get_type_hints

from torch import Tensor, nn

from earwitness.config import Table, settings
from earwitness.errors import SettingsError
from earwitness.evaluation.forgetting import Merit, Point
from earwitness.registry import Registry

if TYPE_CHECKING:
    from earwitness.training.losses import Outputs

__all__ = [
    "REMEDIES", "Batches", "Ended", "Ending", "Merit", "Penalty", "Point", "Remedy", "Weights",
    "adapt", "finish", "folded", "penalty", "remedies", "replayed",
]  # fmt: skip

Weights: TypeAlias = Mapping[str, Tensor]
"""A network's ``state_dict()``, adapters folded in."""

Batches: TypeAlias = Callable[[int], tuple[Tensor, Tensor]]
"""Batch number n of the keep-set, for any n from 0: samples (batch, samples), targets (batch,).

A pure function of n, so that a run that was stopped goes on with the batch that was due."""

Penalty: TypeAlias = "Callable[[nn.Module, Tensor, Outputs, int], Tensor]"
"""(network, samples, its outputs, step of the whole run from 0) → a scalar added to the loss."""


@dataclass(frozen=True)
class Ending:
    """What is there when all epochs are done.

    Attributes:
        start: weights that training started from.
        now: weights that would be kept: of the chosen epoch, or what a remedy before made of them.
        epochs: weights after each epoch (may be read from files when asked for).
        merit: scores weights on the dev part and the keep-set.
        has_keep: there is a keep-set.
    """

    start: Weights
    now: Weights
    epochs: Sequence[Weights]
    merit: Callable[[Weights], Merit]
    has_keep: bool = False


@dataclass(frozen=True)
class Ended:
    """What a remedy made of an ending.

    Attributes:
        weights: to be kept.
        points: what was tried on the way, for a plot of target against keep-set.
        told: what was done, in a sentence.
    """

    weights: Weights
    points: tuple[Point, ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Remedy:
    """One way to keep what was known; every hook may be left out.

    Attributes:
        name: of its file; filled in by ``remedies``.
        adapt: before training, in place: freezes layers, puts adapters in.
        prepare: (frozen copy of the starting network, batches of the keep-set or None) → penalty.
        fold: in place: takes out what ``adapt`` put in, merging what was learnt. It must work on a
            copy of the network that was adapted.
        finish: when all epochs are done: which weights are kept.
        replay: share of each batch that is drawn from the keep-set.
    """

    name: str = ""
    adapt: Callable[[nn.Module], None] | None = None
    prepare: Callable[[nn.Module, Batches | None], Penalty] | None = None
    fold: Callable[[nn.Module], None] | None = None
    finish: Callable[[Ending], Ended] | None = None
    replay: float = 0.0


RemedyBuilder: TypeAlias = Callable[[Any], Remedy]

REMEDIES: Registry[RemedyBuilder] = Registry("remedy", package=__name__)


def remedies(tables: Iterable[Table], *, where: str = "keep") -> tuple[Remedy, ...]:
    """Build the remedies of a recipe, in the order of the list.

    Args:
        tables: each with ``name`` and the settings of that remedy.
        where: file name and key, for messages.

    Raises:
        UnknownName: there is no such remedy.
        SettingsError: a table has no name, a remedy is named twice, or a setting does not fit.
    """
    found = tuple(_remedy(table, where=f"{where}[{at}]") for at, table in enumerate(tables))
    names = [one.name for one in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise SettingsError(f"{where}: '{twice[0]}' is listed twice. Take one of them out.")
    return found


def adapt(network: nn.Module, chosen: Sequence[Remedy]) -> None:
    """Make a network ready for training, in place.

    Raises:
        SettingsError: a remedy finds nothing in this network to work on, or nothing is left to
            train.
    """
    for one in chosen:
        if one.adapt is not None:
            one.adapt(network)
    if not any(weight.requires_grad for weight in network.parameters()):
        told = ", ".join(one.name for one in chosen if one.adapt is not None) or "the network"
        raise SettingsError(f"keep: nothing is left to train: {told} froze every weight.")


def penalty(start: nn.Module, chosen: Sequence[Remedy], batches: Batches | None) -> Penalty | None:
    """Add up the penalties of all remedies; None where there is none.

    Args:
        start: the starting network; a frozen copy of it is made where one is needed.
        chosen: the remedies.
        batches: of the keep-set; None without one.

    Raises:
        SettingsError: a remedy needs a keep-set, and there is none.
    """
    hooks = [one.prepare for one in chosen if one.prepare is not None]
    if not hooks:
        return None
    frozen = copy.deepcopy(start).eval().requires_grad_(requires_grad=False)
    parts = [hook(frozen, batches) for hook in hooks]

    def added(network: nn.Module, samples: Tensor, outputs: Outputs, step: int) -> Tensor:
        values = [part(network, samples, outputs, step) for part in parts]
        return sum(values[1:], values[0])

    return added


def folded(network: nn.Module, chosen: Sequence[Remedy]) -> nn.Module:
    """Give a copy of a network with the layout of the start; the network goes on as it is."""
    whole = copy.deepcopy(network)
    for one in reversed(chosen):
        if one.fold is not None:
            one.fold(whole)
    return whole


def replayed(chosen: Sequence[Remedy]) -> float:
    """Give the share of each batch that is drawn from the keep-set."""
    return sum(one.replay for one in chosen)


def finish(ending: Ending, chosen: Sequence[Remedy]) -> Ended:
    """Let the remedies say which weights are kept, each going on from the one before."""
    ended = Ended(ending.now)
    for one in chosen:
        if one.finish is not None:
            made = one.finish(replace(ending, now=ended.weights))
            told = " ".join(part for part in (ended.told, made.told) if part)
            ended = Ended(made.weights, (*ended.points, *made.points), told)
    return ended


def _remedy(table: Table, *, where: str) -> Remedy:
    own = dict(table)
    name = own.pop("name", None)
    if not isinstance(name, str):
        raise SettingsError(f"{where}: 'name' is missing: which remedy is it?")
    build = REMEDIES.get(name)
    kind = get_type_hints(build)["settings"]
    return replace(
        build(settings(kind, own, where=f"{where}: {name}")), name=name.replace("-", "_")
    )
