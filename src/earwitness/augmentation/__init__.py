"""Distortions of the road between a mouth and us, for training: one file an effect.

Each file holds a frozen settings dataclass, ``draw(rng, settings)`` → parameters (a frozen record,
with the seed of any noise in it, so that a draw can be played again), ``apply(samples, parameters,
sample_rate)`` → as many samples, and ``build(settings)``, which joins the two. The label of a trial
never matters here: an effect that knew it would teach the network to hear the effect.

A recipe lists effects as tables, ``{name = "noise", share = 0.3, snr_db = [5, 40]}``; ``chain``
turns them into steps, and ``augment`` draws which steps a sound goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, get_type_hints

import numpy as np

from earwitness.config import Table, settings
from earwitness.errors import SettingsError
from earwitness.records import Samples
from earwitness.registry import Registry

P = TypeVar("P")


@dataclass(frozen=True)
class Effect(Generic[P]):
    """A distortion with its settings: how its parameters are drawn, and how it is applied.

    Attributes:
        draw: a generator → parameters.
        apply: (samples,) float32, parameters and sample rate → (samples,) float32, as long as what
            came in, which stays as it is. The same parameters give the same sound.
    """

    draw: Callable[[np.random.Generator], P]
    apply: Callable[[Samples, P, int], Samples]


EffectBuilder: TypeAlias = Callable[[Any], Effect[Any]]

AUGMENTATIONS: Registry[EffectBuilder] = Registry("augmentation", package=__name__)


@dataclass(frozen=True)
class Step:
    """An effect in a chain, and the share of sounds that go through it."""

    name: str
    share: float
    effect: Effect[Any]


@dataclass(frozen=True)
class Drawn:
    """An effect that was drawn for one sound, with its parameters."""

    step: Step
    parameters: Any


def effect(name: str, table: Table | None = None, *, where: str = "augmentation") -> Effect[Any]:
    """Build the effect ``name`` from its plain settings.

    Args:
        name: one of ``AUGMENTATIONS.names()``.
        table: its settings as TOML gives them; what is left out has its default.
        where: file name and key, for messages.

    Raises:
        UnknownName: there is no such effect.
        SettingsError: a setting is not known, or does not fit.
    """
    build = AUGMENTATIONS.get(name)
    kind = get_type_hints(build)["settings"]
    told = settings(kind, table or {}, where=f"{where}: {name}")
    try:
        return build(told)
    except SettingsError as exc:
        raise SettingsError(f"{where}: {name}: {exc}") from exc


def chain(tables: Iterable[Table], *, where: str = "augmentation") -> tuple[Step, ...]:
    """Turn the tables of a recipe into steps, in the order of the list.

    Args:
        tables: each with ``name``, ``share`` (0 to 1, the share of sounds that it is applied to;
            1 if left out), and the settings of the effect.
        where: file name and key, for messages.

    Raises:
        UnknownName: there is no such effect.
        SettingsError: a table has no name, a share is out of range, or a setting does not fit.
    """
    return tuple(_step(table, where=f"{where}[{i}]") for i, table in enumerate(tables))


def draw(steps: Sequence[Step], rng: np.random.Generator) -> tuple[Drawn, ...]:
    """Draw which steps a sound goes through, and with what parameters."""
    return tuple(Drawn(step, step.effect.draw(rng)) for step in steps if rng.random() < step.share)


def replay(samples: Samples, sample_rate: int, drawn: Sequence[Drawn]) -> Samples:
    """Apply what was drawn, in order; see ``Effect.apply`` for shapes."""
    for one in drawn:
        samples = one.step.effect.apply(samples, one.parameters, sample_rate)
    return samples


def augment(
    samples: Samples, sample_rate: int, steps: Sequence[Step], rng: np.random.Generator
) -> Samples:
    """Send a sound through a chain of effects, each drawn with its share.

    Args:
        samples: shape (samples,), float32; not changed (and given back as it is, not copied, where
            no step was drawn).
        sample_rate: in Hz.
        steps: what ``chain`` gave.
        rng: all chance comes from here.

    Example:
        >>> steps = chain([{"name": "gain", "share": 1.0, "gain_db": [-20, -20], "clip_share": 0}])
        >>> augment(np.ones(3, np.float32), 16_000, steps, np.random.default_rng(1)).round(3)
        array([0.1, 0.1, 0.1], dtype=float32)
    """
    return replay(samples, sample_rate, draw(steps, rng))


def _step(table: Table, *, where: str) -> Step:
    own = dict(table)
    name, share = own.pop("name", None), own.pop("share", 1.0)
    if not isinstance(name, str):
        raise SettingsError(f"{where}: 'name' is missing: which effect is it?")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise SettingsError(f"{where}: {name}: share ({share!r}) must lie between 0 and 1.")
    return Step(name, float(share), effect(name, own, where=where))
