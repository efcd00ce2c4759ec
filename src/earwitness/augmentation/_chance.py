"""Draws that all effects make, and the check of the ranges that they draw from."""

from __future__ import annotations

import math
from typing import TypeAlias, TypeVar

import numpy as np

from earwitness.errors import SettingsError

Range: TypeAlias = tuple[float, float]
T = TypeVar("T")


def check_range(
    name: str, limits: Range, *, least: float = -math.inf, most: float = math.inf
) -> None:
    """Refuse a range that runs backwards or leaves [least, most]."""
    low, high = limits
    if not least <= low <= high <= most:
        raise SettingsError(
            f"{name} ({low}, {high}) must run upwards within {least:g} and {most:g}."
        )


def check_share(name: str, share: float) -> None:
    """Refuse what is no share."""
    if not 0 <= share <= 1:
        raise SettingsError(f"{name} ({share}) must lie between 0 and 1.")


def check_choices(name: str, chosen: tuple[T, ...], known: tuple[T, ...]) -> None:
    """Refuse an empty list, and what is not known."""
    strange = [one for one in chosen if one not in known]
    if strange or not chosen:
        what = f"{strange[0]!r} is none of" if strange else "is empty; choose from"
        raise SettingsError(f"{name}: {what} {', '.join(map(str, known))}.")


def uniform(rng: np.random.Generator, limits: Range) -> float:
    """Draw between the limits."""
    return float(rng.uniform(*limits))


def log_uniform(rng: np.random.Generator, limits: Range) -> float:
    """Draw between the limits, equally often in each octave."""
    return math.exp(rng.uniform(math.log(limits[0]), math.log(limits[1])))


def choice(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    """Draw one of the options."""
    return options[int(rng.integers(len(options)))]


def seed(rng: np.random.Generator) -> int:
    """Draw the seed of a noise, which is part of the parameters."""
    return int(rng.integers(2**32))
