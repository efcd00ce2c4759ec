"""Lists of trials side by side: what is compared or fused must have been asked the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from earwitness.errors import ProtocolError


def matched(
    names: Sequence[str], held: Sequence[Collection[str]], *, is_common_enough: bool
) -> tuple[str, ...]:
    """List the trials that all hold, in the order of the first.

    Args:
        names: whose they are, for messages.
        held: trial ids of each.
        is_common_enough: leave out what only some hold, instead of refusing.

    Raises:
        ProtocolError: they do not hold the same trials, or none in common.

    Example:
        >>> matched(["A", "B"], [["x", "y"], ["y", "z"]], is_common_enough=True)
        ('y',)
    """
    in_all = set(held[0]).intersection(*held[1:])
    if not in_all:
        firsts = ", ".join(
            f"{name} has '{next(iter(ids))}'" if ids else f"{name} has none"
            for name, ids in zip(names, held, strict=True)
        )
        raise ProtocolError(f"There is no trial in common: {firsts}. Are the ids written alike?")
    if not is_common_enough and any(len(ids) != len(in_all) for ids in held):
        raise ProtocolError(_not_alike(names, held, in_all))
    return tuple(trial for trial in held[0] if trial in in_all)


def _not_alike(names: Sequence[str], held: Sequence[Collection[str]], in_all: set[str]) -> str:
    counts = ", ".join(f"{name} has {len(ids):,}" for name, ids in zip(names, held, strict=True))
    owner, odd = next(
        (name, trial)
        for name, ids in zip(names, held, strict=True)
        for trial in ids
        if trial not in in_all
    )
    return (
        f"They do not hold the same trials: {counts}, and {len(in_all):,} are in all (not in all: "
        f"'{odd}' of {owner}). Say --common to use those {len(in_all):,} only."
    )
