"""The question that all columns are asked: which clips are bona fide, and which belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.audit.asking.columns import Codes

Key = NDArray[np.bool_]

FOLDS = 5
FEWEST_GROUPS = 10
Residuals = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """A key, and how to be fair about it.

    Attributes:
        key: for each clip, whether it is bona fide.
        strata: for each clip, its partition, numbered from 0: clips are compared within it.
        folds: for each clip, the fold that it is held out in.
        groups: for each clip, the number of the page (speaker, source) that it comes from; None
            where clips stand for themselves.
    """

    key: Key
    strata: Codes
    folds: Codes
    groups: Codes | None = None

    @property
    def residuals(self) -> Residuals:
        """Give 1 for bona fide and 0 for spoof, less the share of bona fide in the partition."""
        share = np.bincount(self.strata, self.key) / np.maximum(1, np.bincount(self.strata))
        return self.key - share[self.strata]

    @property
    def cells(self) -> Codes:
        """Number the fold and partition of each clip: within these, clips are compared."""
        return self.folds * (int(self.strata.max(initial=0)) + 1) + self.strata

    @property
    def clusters(self) -> Codes:
        """Number what is independent of the rest: groups, else single clips."""
        return np.arange(len(self.key)) if self.groups is None else self.groups


def task(
    key: Key,
    partitions: Sequence[str],
    kin: Sequence[str] | None,
    *,
    rng: np.random.Generator,
) -> Task:
    """Set the question up; folds keep kin together and hold about as much of each label.

    Args:
        key: for each clip, whether it is bona fide.
        partitions: of each clip.
        kin: for each clip, the page (speaker, source) that it comes from; None, or fewer than ten
            of them, for clips that stand for themselves.
        rng: deals the folds.
    """
    _, strata = np.unique(np.asarray(partitions), return_inverse=True)
    groups = None
    if kin is not None:
        names, numbers = np.unique(np.asarray(kin), return_inverse=True)
        groups = numbers if len(names) >= FEWEST_GROUPS else None
    key = np.asarray(key, np.bool_)
    clusters = np.arange(len(key)) if groups is None else groups
    return Task(key, strata, _dealt(clusters, key, rng), groups)


def without_groups(asked: Task, rng: np.random.Generator) -> Task:
    """Ask the same of clips that stand for themselves."""
    clips = np.arange(len(asked.key))
    return Task(asked.key, asked.strata, _dealt(clips, asked.key, rng))


def _dealt(clusters: Codes, key: Key, rng: np.random.Generator) -> Codes:
    """Deal clusters to the folds, largest first, each to where it evens out the labels best."""
    counts = np.stack([np.bincount(clusters, ~key), np.bincount(clusters, key)], axis=1)
    share = counts / np.maximum(1, counts.sum(axis=0))
    shuffled = rng.permutation(len(share))
    by_size = shuffled[np.argsort(-share.sum(axis=1)[shuffled], kind="stable")]
    if len(share) == len(key):
        return _dealt_singly(key, shuffled)
    held, fold = np.zeros((FOLDS, 2)), np.empty(len(share), np.intp)
    for cluster in by_size:
        after = held + share[cluster]
        worse = np.square(after).sum(axis=1) - np.square(held).sum(axis=1)
        fold[cluster] = int(np.argmin(worse))
        held[fold[cluster]] += share[cluster]
    return fold[clusters]


def _dealt_singly(key: Key, shuffled: Codes) -> Codes:
    fold = np.empty(len(key), np.intp)
    for label in (False, True):
        clips = shuffled[key[shuffled] == label]
        fold[clips] = np.arange(len(clips)) % FOLDS
    return fold
