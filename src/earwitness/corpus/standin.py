"""A stand-in for Fake-or-Real *for-2seconds* and for a custom set, drawn from a corpus of pages.

Three domains that share no page owner: the **target** (vocoder and codec copies of recordings, and
the recordings), laid out like for-2seconds; the **custom** set (pages of synthesis from text), Real
and Fake by source; and the **start**, what is left for a detector that never heard the other two:
neither their pages, nor their systems, nor a recording of theirs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earwitness.errors import ProtocolError
from earwitness.protocols.pages import owner
from earwitness.records import Label, Trial

CUT_S = 2.0
HOP_S = 1.1  # three cuts of a clip of 4.2 s; they overlap, and stay in one part
MOST_CUTS = 3
PARTS: Mapping[str, int] = {"training": 1000, "validation": 200, "testing": 544}  # of each label
COPIES = ("vocoded", "codec")
FROM_TEXT = ("tts", "zero-shot-tts")


@dataclass(frozen=True)
class Cut:
    """Two seconds of a clip.

    Attributes:
        trial: the clip.
        part: training, validation or testing.
        start_s: where it begins.
    """

    trial: Trial
    part: str
    start_s: float


@dataclass(frozen=True)
class Domains:
    """The clips of each domain."""

    target: tuple[Trial, ...]
    custom: tuple[Trial, ...]
    start: tuple[Trial, ...]


def domains(
    trials: Sequence[Trial], families: Sequence[int], *, custom_each: int, seed: int
) -> Domains:
    """Divide the clips of a corpus: who shows copies, who shows speech from text, the rest.

    Args:
        trials: of protocol ``pages``.
        families: of each trial, see ``kinship``.
        custom_each: clips of each label that the custom set shall have.
        seed: draws the order in which owners are taken.

    Raises:
        ProtocolError: the corpus is too small.
    """
    order = np.random.default_rng(seed).permutation(sorted({owner(trial) for trial in trials}))
    shares = _shares(trials)
    copies = [trial for trial in trials if trial.meta["attack_type"] in ("-", *COPIES)]
    target = _taken(_by_share(order, shares, COPIES), copies, _enough_cuts)
    left = [name for name in _by_share(order, shares, FROM_TEXT) if name not in target]
    custom = _taken(left, trials, lambda clips: _least(clips) >= custom_each)
    theirs = {f for t, f in zip(trials, families, strict=True) if owner(t) in custom}
    family_of = {t.id: f for t, f in zip(trials, families, strict=True)}
    return Domains(
        tuple(t for t in copies if owner(t) in target and family_of[t.id] not in theirs),
        _even([t for t in trials if owner(t) in custom], custom_each, seed),
        _apart(trials, families, target | custom),
    )


def cuts(trials: Sequence[Trial], families: Mapping[str, int], *, seed: int) -> list[Cut]:
    """Cut the target's clips, each family into one part, until every part is full.

    Args:
        trials: of the target.
        families: trial id → family.
        seed: draws the order of families.

    Raises:
        ProtocolError: there are too few.
    """
    rng = np.random.default_rng(seed)
    members: dict[int, list[Trial]] = defaultdict(list)
    for trial in trials:
        members[families[trial.id]].append(trial)
    made: list[Cut] = []
    room = {(part, label): count for part, count in PARTS.items() for label in Label}
    for family in rng.permutation(sorted(members)):
        part = _emptiest(room, members[int(family)])
        for cut in _cut_up(members[int(family)], part):
            if room[part, cut.trial.label] > 0:
                room[part, cut.trial.label] -= 1
                made.append(cut)
    if any(room.values()):
        raise ProtocolError(f"The target's pages have too few clips: {dict(room)} are missing.")
    return made


def _shares(trials: Iterable[Trial]) -> dict[str, Counter[str]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for trial in trials:
        kinds[owner(trial)][trial.meta["attack_type"]] += 1
    return kinds


def _by_share(
    order: Iterable[str], shares: Mapping[str, Counter[str]], kinds: tuple[str, ...]
) -> list[str]:
    """List owners that have both labels, those with most spoofs of these kinds first."""

    def share(name: str) -> float:
        spoofs = shares[name].total() - shares[name]["-"]
        return sum(shares[name][kind] for kind in kinds) / spoofs

    both = [n for n in order if 0 < shares[n]["-"] < shares[n].total()]
    return sorted(both, key=lambda name: -round(share(name), 1))


def _taken(
    order: Sequence[str], trials: Sequence[Trial], enough: Callable[[list[Trial]], bool]
) -> set[str]:
    taken: set[str] = set()
    for name in order:
        taken.add(name)
        if enough([t for t in trials if owner(t) in taken]):
            return taken
    raise ProtocolError("The corpus has too few clips for a stand-in of this size.")


def _enough_cuts(clips: Sequence[Trial]) -> bool:
    """Ask for a tenth more than the parts hold: families do not fill them to the last cut."""
    counts = Counter(trial.label for trial in clips for _ in _starts(trial))
    return min(counts[label] for label in Label) >= 1.1 * sum(PARTS.values())


def _least(clips: Iterable[Trial]) -> int:
    counts = Counter(trial.label for trial in clips)
    return min(counts[label] for label in Label)


def _even(trials: Sequence[Trial], each: int, seed: int) -> tuple[Trial, ...]:
    """Draw as many clips of each label, in their order."""
    rng = np.random.default_rng(seed)
    kept: set[str] = set()
    for label in Label:
        names = [trial.id for trial in trials if trial.label is label]
        kept |= {names[i] for i in rng.permutation(len(names))[:each]}
    return tuple(trial for trial in trials if trial.id in kept)


def _apart(trials: Sequence[Trial], families: Sequence[int], owners: set[str]) -> tuple[Trial, ...]:
    """Keep what shares no owner, no system and no recording with the owners' clips."""
    theirs = [i for i, trial in enumerate(trials) if owner(trial) in owners]
    systems = {_system(trials[i]) for i in theirs} - {"-"}
    recordings = {families[i] for i in theirs}
    return tuple(
        trial
        for trial, family in zip(trials, families, strict=True)
        if owner(trial) not in owners and family not in recordings and _system(trial) not in systems
    )


def _system(trial: Trial) -> str:
    return "".join(c for c in trial.meta["system"].casefold() if c.isalnum()) or "-"


def _starts(trial: Trial) -> list[float]:
    spare = float(trial.meta["seconds"]) - CUT_S
    return [i * HOP_S for i in range(MOST_CUTS) if i * HOP_S <= spare + 1e-6]


def _cut_up(clips: Iterable[Trial], part: str) -> Iterator[Cut]:
    for trial in clips:
        yield from (Cut(trial, part, start_s) for start_s in _starts(trial))


def _emptiest(room: Mapping[tuple[str, Label], int], clips: Sequence[Trial]) -> str:
    """Choose the part with the largest share of its room left for what these clips are."""

    def left(part: str) -> float:
        return float(np.mean([room[part, clip.label] / PARTS[part] for clip in clips]))

    return max(PARTS, key=left)
