"""Values of all clips → columns that can be asked what they give away, without looking at the key.

A column is looked at in two ways. By *order*: more of it, or less. By *value*: which of a few
values, or ranges of values, a clip has (a container; lengths of exactly 4.2 s). Ranks take the
place of numbers, so that heavy tails and units are of no account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.float32]
Codes = NDArray[np.intp]

NONE = "–"
OTHERS = "others"
_FEWEST = 3  # clips that a value of its own needs
_HEAVY = 0.05  # share of the clips that makes one number a value of its own
_MOST_RANGES = 10
_CLIPS_A_RANGE = 20


class Kind(StrEnum):
    """Where a column comes from."""

    SOUND = "sound"
    FILE = "file"
    MANIFEST = "manifest"


@dataclass(frozen=True)
class Column:
    """One thing known of every clip, ready to be asked.

    Attributes:
        name: as in ``features``, or the manifest's own name of it.
        kind: where it comes from.
        codes: for each clip, which value or range it has.
        values: names of the codes, in order.
        order: for each clip, its rank, scaled to mean 0 and deviation 1; None for words.
        numbers: the numbers themselves; None for words.
    """

    name: str
    kind: Kind
    codes: Codes
    values: tuple[str, ...]
    order: Ranks | None = None
    numbers: NDArray[np.float64] | None = None

    @property
    def is_constant(self) -> bool:
        """Say whether all clips are alike in it."""
        return len(self.values) < 2


def of_numbers(name: str, kind: Kind, numbers: Sequence[float | None]) -> Column:
    """Make a column of numbers; what is not known is a value of its own.

    Example:
        >>> of_numbers("duration_s", Kind.SOUND, [1.0, 3.0]).order.tolist()
        [-1.0, 1.0]
    """
    array = np.array([np.nan if number is None else number for number in numbers], np.float64)
    array = _rounded(array)
    codes, values = _ranges(array)
    known = ~np.isnan(array)
    filled = np.where(known, array, np.median(array[known]) if known.any() else 0.0)
    return Column(name, kind, codes, values, _scaled(midranks(filled)), array)


def of_words(name: str, kind: Kind, words: Sequence[object]) -> Column:
    """Make a column of words; values that are rare are put together.

    Example:
        >>> of_words("container", Kind.FILE, ["wav"] * 5 + ["mp3"] * 5 + ["ogg", "m4a"]).values
        ('mp3', 'others', 'wav')
    """
    array = np.array([NONE if word in (None, "") else str(word) for word in words])
    names, codes, counts = np.unique(array, return_inverse=True, return_counts=True)
    shown = np.where(counts[codes] < _FEWEST, OTHERS, array)
    if np.count_nonzero(counts < _FEWEST) == 1:
        shown = array  # a single rare value keeps its name
    names, codes = np.unique(shown, return_inverse=True)
    return Column(name, kind, codes, tuple(str(n) for n in names))


def midranks(numbers: NDArray[np.floating], groups: Codes | None = None) -> NDArray[np.float64]:
    """Rank numbers from 1 within their group; equal ones share the mean of their ranks.

    Args:
        numbers: no NaN.
        groups: numbers from 0; None for one group.

    Example:
        >>> midranks(np.array([5.0, 1.0, 5.0])).tolist()
        [2.5, 1.0, 2.5]
    """
    groups = np.zeros(len(numbers), np.intp) if groups is None else groups
    order = np.lexsort((numbers, groups))
    value, group = numbers[order], groups[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (value[1:] != value[:-1]) | (group[1:] != group[:-1])
    run = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(order)) - 1
    before = np.concatenate([[0], np.cumsum(np.bincount(groups))])[group]
    ranks = np.empty(len(order))
    ranks[order] = (first + last)[run] / 2 + 1 - before
    return ranks


def _scaled(ranks: NDArray[np.float64]) -> Ranks:
    spread = float(ranks.std()) if len(ranks) else 0.0
    centred = ranks - ranks.mean() if len(ranks) else ranks
    return np.asarray(centred / spread if spread > 0 else centred, np.float32)


def _rounded(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to six digits, so that what differs by rounding only is the same value."""
    size = np.abs(array)
    usable = np.isfinite(array) & (size > 0)
    step = np.ones_like(array)
    step[usable] = 10.0 ** (np.floor(np.log10(size[usable])) - 5)
    return np.where(usable, np.round(array / step) * step, array)


def _ranges(array: NDArray[np.float64]) -> tuple[Codes, tuple[str, ...]]:
    """Cut numbers into about ten ranges of equal weight; frequent numbers stand by themselves."""
    known = ~np.isnan(array)
    levels, at, counts = np.unique(array[known], return_inverse=True, return_counts=True)
    heavy = counts >= max(_FEWEST, _HEAVY * len(array))
    bounds = _bounds(array[known][~heavy[at]], len(array))
    codes = np.full(len(array), -1, np.intp)
    # Frequent numbers come behind the ranges: each is a value of its own.
    own = np.cumsum(heavy) + len(bounds)
    codes[known] = np.where(heavy[at], own[at], np.searchsorted(bounds, array[known], "right"))
    names = {-1: NONE}
    names |= {int(own[i]): f"{levels[i]:.6g}" for i in np.flatnonzero(heavy)}
    edges = [-np.inf, *bounds, np.inf]
    names |= {i: _range_name(edges[i], edges[i + 1]) for i in range(len(edges) - 1)}
    used, codes = np.unique(codes, return_inverse=True)
    least = np.full(len(used), np.inf)
    np.minimum.at(least, codes[known], array[known])
    order = np.argsort(least, kind="stable")
    return np.argsort(order)[codes], tuple(names[int(code)] for code in used[order])


def _bounds(numbers: NDArray[np.float64], clips: int) -> NDArray[np.float64]:
    if not len(numbers):
        return np.empty(0)
    most = int(np.clip(clips // _CLIPS_A_RANGE, 2, _MOST_RANGES))
    pieces = max(1, round(most * len(numbers) / clips))
    inner = np.linspace(0, 1, pieces + 1)[1:-1]
    bounds = np.unique(np.quantile(numbers, inner))
    return np.asarray(bounds[bounds > numbers.min()])


def _range_name(low: float, high: float) -> str:
    if np.isinf(low):
        return "any other number" if np.isinf(high) else f"below {high:.4g}"
    return f"{low:.4g} or more" if np.isinf(high) else f"{low:.4g} to {high:.4g}"
