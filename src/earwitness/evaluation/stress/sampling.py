"""Many trials → a few that stand for them: as many of both labels, spread over their kin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from earwitness.errors import SettingsError
from earwitness.evaluation.pools import cluster_of, kin_among
from earwitness.evaluation.records import Scored
from earwitness.records import Label, Trial

_FEWEST = 2
KinOf: TypeAlias = Callable[[Trial], str]


def kin_of(trials: Sequence[Trial], columns: Sequence[str]) -> KinOf:
    """Give what names a trial's kin: the first column with enough values, else each is its own.

    Args:
        trials: that the values are counted over.
        columns: by which trials belong together, best first.
    """
    asked = [Scored(trial, None, None) for trial in trials]
    column = kin_among(asked, columns).column
    if column is None:
        return lambda trial: trial.id
    return lambda trial: cluster_of(Scored(trial, None, None), column)


def subset(trials: Sequence[Trial], limit: int, *, kin_of: KinOf, seed: int) -> list[Trial]:
    """Draw trials: half of ``limit`` of each label, taking turns among kin (pages, speakers).

    Args:
        trials: to draw from.
        limit: how many, both labels together; a label that has fewer than half gives all it has.
        kin_of: trial → what it shares with its kin.
        seed: the same one draws the same trials.

    Returns:
        What was drawn, in the order of ``trials``.

    Raises:
        SettingsError: a limit below 2, which leaves a label out.
    """
    if limit < _FEWEST:
        raise SettingsError(f"A limit of {limit} leaves no trial of one label. Give 2 or more.")
    rng = np.random.default_rng(seed)
    drawn: set[str] = set()
    for label in Label:
        of_label = [trial for trial in trials if trial.label is label]
        drawn |= {trial.id for trial in in_turns(of_label, kin_of, rng)[: limit // 2]}
    return [trial for trial in trials if trial.id in drawn]


def in_turns(trials: Sequence[Trial], kin_of: KinOf, rng: np.random.Generator) -> list[Trial]:
    """Shuffle trials so that every kin has had its turn before one has another."""
    families: dict[str, list[Trial]] = defaultdict(list)
    for at in rng.permutation(len(trials)):
        families[kin_of(trials[int(at)])].append(trials[int(at)])
    rounds = ((turn, trial) for kin in families.values() for turn, trial in enumerate(kin))
    return [trial for _, trial in sorted(rounds, key=lambda pair: pair[0])]
