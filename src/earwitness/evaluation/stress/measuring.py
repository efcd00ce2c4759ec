"""What was said of trials, clean and under conditions → figures with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earwitness.errors import UnreadableAudio
from earwitness.evaluation.differences import Difference, holm
from earwitness.evaluation.guarding import guard
from earwitness.evaluation.pools import Kin, Pool, kin_among, pooled
from earwitness.evaluation.records import (
    Direction,
    Guard,
    Measure,
    Remark,
    Scored,
    Setup,
    Unread,
)
from earwitness.evaluation.remarking import FEW_TRIALS
from earwitness.evaluation.stress.families import Condition, Family
from earwitness.evaluation.stress.records import (
    CLEAN,
    FamilyNote,
    Row,
    Shift,
    Skipped,
    StressTest,
    Tried,
)
from earwitness.metrics.dcf import Costs
from earwitness.metrics.eer import eer
from earwitness.metrics.replicates import resample_pair
from earwitness.records import Answer, Label

FEWEST = 5  # of a label; an EER of fewer says nothing
ROUNDS = 1000


@dataclass(frozen=True)
class Asked:
    """What was asked, beyond the setup.

    Attributes:
        families: by name, with the conditions that were asked for.
        seed: of all chance.
        available: trials in the partition.
        limit: trials that were asked for; None for all.
        kin: columns by which trials belong together, best first.
        remarks: to be kept with the figures.
        accepts_inverted: scores that go the other way are meant.
        rounds: of the bootstrap.
    """

    families: Mapping[str, Family]
    seed: int
    available: int
    limit: int | None = None
    kin: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    accepts_inverted: bool = False
    rounds: int = ROUNDS


def stress_test(setup: Setup, outcomes: Iterable[Tried | Unread], asked: Asked) -> StressTest:
    """Measure every condition against the same trials as they are.

    Args:
        setup: what figures are to be read with; which trials were resampled together is filled in.
        outcomes: what was said of each trial.
        asked: everything else.

    Raises:
        UnreadableAudio: not one recording could be read.
    """
    found = list(outcomes)
    tried = [one for one in found if isinstance(one, Tried)]
    unread = tuple(one for one in found if isinstance(one, Unread))
    if not tried:
        first = f" The first one: {unread[0].message}" if unread else ""
        raise UnreadableAudio(f"None of {len(found):,} recordings could be read.{first}")
    clean = [one.clean for one in tried]
    kin = kin_among(clean, asked.kin)
    resampling = Resampling(kin, asked.seed, asked.rounds)
    clean_eer, found_guard = _clean(_scored(clean), resampling, asked)
    return StressTest(
        setup=replace(setup, clustered_by=kin.column, clusters=kin.clusters),
        seed=asked.seed,
        available=asked.available,
        limit=asked.limit,
        clean=clean_eer,
        clean_inconclusive=share_inconclusive(clean),
        guard=found_guard,
        rows=rows(tried, asked.families, resampling),
        families=tuple(FamilyNote(n, one.title, one.told) for n, one in asked.families.items()),
        skipped=tuple(_skipped(asked.families.values())),
        unread=unread,
        remarks=(*asked.remarks, *_remarks(clean_eer, found_guard, kin)),
    )


@dataclass(frozen=True)
class Resampling:
    """How intervals are made: which trials are kin, and the bootstrap's seed and rounds."""

    kin: Kin
    seed: int = 1
    rounds: int = ROUNDS

    def pool(self, heard: Sequence[Scored]) -> Pool:
        """Put trials that have a score into arrays."""
        return pooled(heard, self.kin, costs=Costs(), rounds=self.rounds, seed=self.seed)


def share_inconclusive(heard: Sequence[Scored]) -> float | None:
    """Say how many of the answers were "inconclusive"; None without a calibration, or answers.

    Example:
        >>> share_inconclusive([]) is None
        True
    """
    if not heard or any(one.answer is Answer.UNCALIBRATED for one in heard):
        return None
    return sum(one.answer is Answer.INCONCLUSIVE for one in heard) / len(heard)


def rows(
    tried: Sequence[Tried], families: Mapping[str, Family], resampling: Resampling
) -> tuple[Row, ...]:
    """Measure the conditions that this machine can make, one by one, and then among all (Holm)."""
    measured = [
        _row(tried, condition, name, resampling)
        for name, family in families.items()
        for condition in family.conditions
        if not condition.missing
    ]
    held = holm(row.difference for row in measured)
    return tuple(
        replace(row, holds=among_all.counts) for row, among_all in zip(measured, held, strict=True)
    )


def _clean(
    heard: Sequence[Scored], resampling: Resampling, asked: Asked
) -> tuple[Measure, Guard | None]:
    if _why_not(heard):
        return _eer(heard, resampling), None
    pool = resampling.pool(heard)
    eer_measure, auc_measure = pool.measures("eer", "auc")
    return eer_measure, guard(pool, auc_measure, is_accepted=asked.accepts_inverted)


def _remarks(clean: Measure, found: Guard | None, kin: Kin) -> Iterator[Remark]:
    if found is not None and found.direction is not Direction.AS_EXPECTED:
        code = "inverted_accepted" if found.is_accepted else found.direction.value
        yield Remark(code, {"auc": found.auc, "mirrored_auc": found.mirrored_auc})
    if min(clean.n_bona_fide, clean.n_spoof) < FEW_TRIALS:
        yield Remark("small_n", {"bona_fide": clean.n_bona_fide, "spoof": clean.n_spoof})
    if kin.column is None and kin.passed_over is not None:
        column, clusters = kin.passed_over
        yield Remark("few_clusters", {"column": column, "clusters": clusters})


def _skipped(families: Iterable[Family]) -> Iterator[Skipped]:
    for family in families:
        for condition in family.conditions:
            if condition.missing:
                yield Skipped(condition.name, condition.title, condition.missing)


@dataclass(frozen=True)
class _Pair:
    clean: Scored
    under: Scored

    @property
    def has_scores(self) -> bool:
        return self.clean.score is not None and self.under.score is not None


def _row(tried: Sequence[Tried], condition: Condition, family: str, resampling: Resampling) -> Row:
    met = list(_met(tried, condition.name))
    pairs = [pair for pair in met if pair.has_scores]
    clean, under = [pair.clean for pair in pairs], [pair.under for pair in pairs]
    return Row(
        condition=condition.name,
        family=family,
        title=condition.title,
        eer=_eer(under, resampling),
        clean_eer=_eer(clean, resampling),
        difference=_difference(clean, under, condition.title, resampling),
        holds=False,
        shift=_shift(pairs),
        inconclusive=share_inconclusive([pair.under for pair in met]),
        clean_inconclusive=share_inconclusive([pair.clean for pair in met]),
        unscored=len(met) - len(pairs),
        unmet=len(tried) - len(met),
        needs=condition.needs,
    )


def _met(tried: Iterable[Tried], condition: str) -> Iterator[_Pair]:
    for one in tried:
        said = one.under[condition]
        if said is not None:
            yield _Pair(one.clean, said)


def _scored(heard: Iterable[Scored]) -> list[Scored]:
    return [one for one in heard if one.score is not None]


def _why_not(heard: Sequence[Scored]) -> str:
    """Say why no EER can be given; empty if one can."""
    counts = {label: sum(one.trial.label is label for one in heard) for label in Label}
    if min(counts.values()) >= FEWEST:
        return ""
    words = {Label.BONA_FIDE: "bona fide", Label.SPOOF: "spoof"}
    there = " and ".join(f"{count} {words[label]}" for label, count in counts.items())
    return f"{there} trials; at least {FEWEST} of each are needed"


def _eer(heard: Sequence[Scored], resampling: Resampling) -> Measure:
    why_not = _why_not(heard)
    bona_fide = sum(one.is_bona_fide for one in heard)
    if why_not:
        return Measure("eer", None, None, None, bona_fide, len(heard) - bona_fide, why_not)
    return resampling.pool(heard).measures("eer")[0]


def _difference(
    clean: Sequence[Scored], under: Sequence[Scored], title: str, resampling: Resampling
) -> Difference:
    why_not = _why_not(under)
    if why_not:
        return Difference("eer", CLEAN, title, None, None, why_not=why_not)
    before, after = resampling.pool(clean), resampling.pool(under)
    found = resample_pair(
        after.scores,
        before.scores,
        after.is_bona_fide,
        None if after.clusters is None else after.clusters.tolist(),
        metrics=["eer"],
        rng=np.random.default_rng(resampling.seed),
        rounds=resampling.rounds,
    )["eer"]
    was, now = (eer(pool.scores, pool.is_bona_fide) for pool in (before, after))
    n_bona_fide, n_spoof = after.n
    return Difference("eer", CLEAN, title, was, now, found.low, found.high, n_bona_fide, n_spoof)


def _shift(pairs: Sequence[_Pair]) -> Shift:
    moved: dict[bool, list[float]] = {True: [], False: []}
    for pair in pairs:
        before, after = pair.clean.score, pair.under.score
        if before is not None and after is not None:
            moved[pair.clean.is_bona_fide].append(after - before)
    means = {label: float(np.mean(values)) if values else None for label, values in moved.items()}
    return Shift(bona_fide=means[True], spoof=means[False])
