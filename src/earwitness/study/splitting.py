"""The custom set is divided once, by source: what may be used, and what is only reported.

Sources that show the same recording (many pages show those of one corpus) stay together.
``eval`` holds at least half of each label; the rest, ``adapt``, is divided again, into what may be
trained on (``mix``) and what methods are chosen by (``choose``): a method that was trained on the
clips it is chosen by would win for that alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earwitness.corpus.kinship import families
from earwitness.errors import ProtocolError
from earwitness.evaluation.pools import cluster_of, meta_of
from earwitness.evaluation.records import Scored
from earwitness.records import Label, Trial

EVAL, MIX, CHOOSE = "eval", "mix", "choose"
PARTS = (EVAL, MIX, CHOOSE)
DRAWS = 400  # orders of sources that are tried; the evenest division is taken
NAMES = {EVAL: "custom-eval", MIX: "custom-adapt, mixed in", CHOOSE: "custom-adapt, chosen by"}

Counts = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Split:
    """Who is in which part.

    Attributes:
        part_of: trial id → part.
        source_of: trial id → source.
        column: that told the sources; None where every clip stands alone.
    """

    part_of: Mapping[str, str]
    source_of: Mapping[str, str]
    column: str | None

    def of(self, trials: Sequence[Trial], *parts: str) -> tuple[Trial, ...]:
        """Take the trials of some parts, in their order."""
        return tuple(trial for trial in trials if self.part_of[trial.id] in parts)

    def sources(self, *parts: str) -> frozenset[str]:
        """List the sources in some parts."""
        return frozenset(
            self.source_of[name] for name, part in self.part_of.items() if part in parts
        )


def split(
    trials: Sequence[Trial],
    kin: Sequence[str],
    *,
    seed: int,
    pairs: Iterable[tuple[int, int]] = (),
) -> Split:
    """Divide a custom set by source; no source and no recording is in two parts.

    Args:
        trials: with different identities.
        kin: columns that may tell the source, best first.
        seed: draws the orders of sources.
        pairs: numbers of trials that hold the same recording; their sources stay together.

    Raises:
        ProtocolError: there are too few sources for three parts with both labels in each.
    """
    column = source_column(trials, kin)
    source_of = {t.id: _source(t, column) for t in trials}
    group_of = _groups([source_of[t.id] for t in trials], pairs)
    members: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        members[group_of[source_of[trial.id]]].append(trial)
    counts = {name: _count(clips) for name, clips in sorted(members.items())}
    rng = np.random.default_rng(seed)
    tries = (_divided(counts, rng.permutation(list(counts)).tolist()) for _ in range(DRAWS))
    best = min(tries, key=lambda parts: _unevenness(counts, parts))
    if not np.isfinite(_unevenness(counts, best)):
        raise ProtocolError(
            f"The custom set has {len(counts):,} sources, and they cannot be divided into three "
            "parts that each have both labels, with half of all clips in the one that is reported. "
            "Give it more sources: a folder for each below Real and Fake."
        )
    parts = {name: best[group_of[source]] for name, source in source_of.items()}
    return Split(parts, source_of, column)


def _groups(sources: Sequence[str], pairs: Iterable[tuple[int, int]]) -> dict[str, str]:
    """Name each source after the first of those that it shares recordings with."""
    names = sorted(set(sources))
    number = {name: at for at, name in enumerate(names)}
    linked = ((number[sources[one]], number[sources[other]]) for one, other in pairs)
    return dict(zip(names, (names[at] for at in families(len(names), linked)), strict=True))


def source_column(trials: Sequence[Trial], kin: Sequence[str]) -> str | None:
    """Find the first column that tells sources; None if there is none."""
    nameless = [Scored(trial, None, None) for trial in trials]
    return next((name for name in kin if any(meta_of(one, name) for one in nameless)), None)


def _source(trial: Trial, column: str | None) -> str:
    if column is None:
        return trial.id
    return cluster_of(Scored(trial, None, None), column).lstrip("\0")


def _count(clips: Sequence[Trial]) -> tuple[int, int]:
    bona_fide = sum(clip.label is Label.BONA_FIDE for clip in clips)
    return bona_fide, len(clips) - bona_fide


def _divided(counts: Counts, order: Sequence[str]) -> dict[str, str]:
    """Give each source to the part that lacks most of what it brings: 52 : 24 : 24."""
    whole = np.sum([counts[name] for name in order], axis=0)
    wanted = {EVAL: 0.52 * whole, MIX: 0.24 * whole, CHOOSE: 0.24 * whole}
    have = {part: np.zeros(2) for part in PARTS}
    parts: dict[str, str] = {}
    for name in order:
        brings = np.array(counts[name], np.float64)
        part = max(PARTS, key=lambda p: float(brings @ (1 - have[p] / np.maximum(wanted[p], 1))))
        have[part] = have[part] + brings
        parts[name] = part
    return parts


def _unevenness(counts: Counts, parts: Mapping[str, str]) -> float:
    """Say how far a division is from half in ``eval`` and even labels; infinite if not allowed."""
    sums = {part: np.zeros(2) for part in PARTS}
    for name, part in parts.items():
        sums[part] = sums[part] + counts[name]
    whole = sum(sums.values(), np.zeros(2))
    if any((one < 1).any() for one in sums.values()) or (2 * sums[EVAL] < whole).any():
        return float("inf")
    return float(sum(np.abs(sums[p] / whole - w).sum() for p, w in _WANTED.items()))


_WANTED = {EVAL: 0.5, MIX: 0.25, CHOOSE: 0.25}
