"""Folds of a training partition, by page owner and by system.

Notable: owners that share a system that few owners have are kept together, so most systems live
in one fold. Systems that many owners show (Tacotron 2, HiFi-GAN ...) would glue the whole corpus
into one fold; they may appear in several, and whoever trains against a fold leaves out the
training clips of the systems that the held-out fold contains (``training.data``).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from earwitness.errors import SettingsError
from earwitness.protocols.pages import owner
from earwitness.records import Trial

SHARED_BY_AT_MOST = 3
"""A system on more owners' pages than this does not tie them together."""


def assign_folds(trials: Sequence[Trial], *, folds: int = 5) -> dict[str, int]:
    """Give every trial a fold, 0 to folds - 1; the same trials always get the same folds.

    Groups of owners go to folds largest first, each where it keeps the counts of every attack
    type (bona fide is one of them) most even.

    Returns:
        trial id → fold.

    Raises:
        SettingsError: fewer than two folds are asked for.
    """
    if folds < 2:
        raise SettingsError(
            f"folds ({folds}) must be at least 2: one to train on, one to judge by."
        )
    group_of = _owner_groups(trials)
    members: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        members[group_of[owner(trial)]].append(trial)
    totals = Counter(trial.meta["attack_type"] for trial in trials)
    filled: list[Counter[str]] = [Counter() for _ in range(folds)]
    placed: dict[str, int] = {}
    for name in sorted(members, key=lambda n: (-len(members[n]), n)):
        kinds = Counter(trial.meta["attack_type"] for trial in members[name])
        best = min(range(folds), key=lambda k: (_crowding(filled[k], kinds, totals), k))
        filled[best].update(kinds)
        placed.update({trial.id: best for trial in members[name]})
    return {trial.id: placed[trial.id] for trial in trials}


def as_table(folds: Mapping[str, int]) -> str:
    """Write folds as tab-separated text with a header."""
    return "path\tfold\n" + "".join(f"{name}\t{fold}\n" for name, fold in folds.items())


def _crowding(filled: Counter[str], added: Counter[str], totals: Counter[str]) -> float:
    """Sum of squared shares after adding: the fold where this is least has most room."""
    return math.fsum(((filled[kind] + n) / totals[kind]) ** 2 * n for kind, n in added.items())


def _owner_groups(trials: Iterable[Trial]) -> dict[str, str]:
    """Map each owner to the first name of its group (union-find over rare systems)."""
    leader: dict[str, str] = {}
    showing: dict[str, set[str]] = defaultdict(set)
    for trial in trials:
        leader[owner(trial)] = owner(trial)
        if trial.meta["system"] != "-":
            showing[trial.meta["system"]].add(owner(trial))

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for _system, owners in sorted(showing.items()):
        if len(owners) <= SHARED_BY_AT_MOST:
            first, *others = sorted(owners)
            for other in others:
                leader[lead(other)] = lead(first)
    return {name: lead(name) for name in leader}
