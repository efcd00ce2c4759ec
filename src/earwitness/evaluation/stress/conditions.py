"""Words like "noise" or "mp3_32k,rooms" → the conditions that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from earwitness.errors import UnknownName
from earwitness.evaluation.stress.families import FAMILIES, Condition, Family


def families() -> Mapping[str, Family]:
    """List all families by name, in the order in which they are shown."""
    return {name: FAMILIES.get(name)() for name in FAMILIES.names()}


def chosen(words: Sequence[str] = ()) -> Mapping[str, Family]:
    """Choose conditions by their names, or all of a family by its name.

    Args:
        words: dashes and underscores are the same, and upper case is lower case; none for all.

    Returns:
        The families that have a chosen condition, each with those only.

    Raises:
        UnknownName: there is neither a condition nor a family of this name.

    Example:
        >>> [c.name for family in chosen(["speed"]).values() for c in family.conditions]
        ['speed_110', 'speed_90']
    """
    known = families()
    names = {name for word in words for name in _names(word, known)}
    if not words:
        return known
    picked = {
        title: Family(
            family.title, family.told, tuple(c for c in family.conditions if c.name in names)
        )
        for title, family in known.items()
    }
    return {title: family for title, family in picked.items() if family.conditions}


def conditions_of(picked: Mapping[str, Family]) -> tuple[Condition, ...]:
    """List the conditions of some families, in order."""
    return tuple(condition for family in picked.values() for condition in family.conditions)


def _names(word: str, known: Mapping[str, Family]) -> Iterator[str]:
    wanted = word.strip().lower().replace("-", "_")
    if wanted in known:
        yield from (condition.name for condition in known[wanted].conditions)
        return
    names = [condition.name for condition in conditions_of(known)]
    if wanted not in names:
        near = get_close_matches(wanted, [*known, *names], n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Families: {', '.join(known)}."
        raise UnknownName(f"There is no condition and no family called '{word}'. {hint}")
    yield wanted
