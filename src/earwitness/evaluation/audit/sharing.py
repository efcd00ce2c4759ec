"""What names and manifests give away: base names that collide, speakers that partitions share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import PurePosixPath

from earwitness.evaluation.audit.asking.records import Level
from earwitness.evaluation.audit.features import PLACEHOLDERS, is_key_in_other_words
from earwitness.evaluation.audit.records import Collision, Shared
from earwitness.records import Trial


def collisions(trials: Sequence[Trial]) -> list[Collision]:
    """Find base names that several clips have, those of both labels first.

    Ids that are no paths (ASVspoof's) cannot collide.
    """
    by_name: dict[str, list[Trial]] = {}
    for trial in trials:
        by_name.setdefault(PurePosixPath(trial.id).name, []).append(trial)
    found = [_collision(name, same) for name, same in by_name.items() if len(same) > 1]
    return sorted(found, key=lambda one: (one.level is not Level.WARNING, -len(one.ids), one.name))


def shared(trials: Sequence[Trial], kin: Sequence[str]) -> list[Shared]:
    """Find speakers, pages, sources and generators that lie in two partitions.

    Args:
        trials: of all partitions.
        kin: columns by which trials belong together.
    """
    partitions = list(dict.fromkeys(trial.partition for trial in trials))
    names = list(dict.fromkeys(name for trial in trials for name in trial.meta))
    found: list[Shared] = []
    for name in names:
        words = [trial.meta.get(name, "") for trial in trials]
        is_generator = is_key_in_other_words(trials, words)
        if name in kin or is_generator:
            level = Level.NOTE if is_generator else Level.WARNING
            found += _shared(trials, name, partitions, level)
    return sorted(found, key=lambda one: one.level is not Level.WARNING)


def _collision(name: str, same: Sequence[Trial]) -> Collision:
    level = Level.WARNING if len({trial.label for trial in same}) > 1 else Level.NOTE
    return Collision(name, tuple(trial.id for trial in same), level)


def _shared(
    trials: Sequence[Trial], column: str, partitions: Sequence[str], level: Level
) -> Iterator[Shared]:
    values: dict[str, set[str]] = {partition: set() for partition in partitions}
    for trial in trials:
        value = trial.meta.get(column, "")
        if value.casefold() not in PLACEHOLDERS:
            values[trial.partition].add(value)
    for one, other in combinations(partitions, 2):
        both = values[one] & values[other]
        if both:
            yield Shared(column, (one, other), tuple(sorted(both)), len(values[other]), level)
