"""Trials → an audit report: hear every clip once, then ask what gives the key away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from earwitness.errors import ProtocolError
from earwitness.evaluation.audit import copies, features, sharing
from earwitness.evaluation.audit.asking.chance import ROUNDS
from earwitness.evaluation.audit.asking.judging import CHANCE, LEAST_AUC, Judged, judge
from earwitness.evaluation.audit.asking.records import Level
from earwitness.evaluation.audit.asking.task import task
from earwitness.evaluation.audit.hearing.listening import hear_again, hear_all
from earwitness.evaluation.audit.hearing.records import Heard
from earwitness.evaluation.audit.records import AuditReport, AuditSetup, CopySet, Retold
from earwitness.evaluation.pools import cluster_of, kin_among
from earwitness.evaluation.records import Scored, Unread
from earwitness.records import Label, Trial

SEED = 4  # deals folds and shuffles keys; another one moves nothing but the last digits
_POWER = 0.842  # deviations: four times in five
# Mean and deviation of |z|^(2/3), by which answers are standardised (see chance).
_MEAN, _DEVIATION = 0.8024, 0.4325


@dataclass(frozen=True)
class Question:
    """What is to be audited.

    Attributes:
        data, protocol: as the user gave them.
        trials: of all partitions that are looked at, with unique ids in each.
        kin: columns by which trials belong together, best first.
        remarks: sentences of the protocol.
        command, date, version: for the report.
    """

    data: str
    protocol: str
    trials: tuple[Trial, ...]
    kin: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    command: str = ""
    date: str = ""
    version: str = ""


def audit(
    question: Question, *, workers: int = 1, on_done: Callable[[Trial], None] | None = None
) -> AuditReport:
    """Find out what leaks the label without listening to the voice.

    Args:
        question: which clips.
        workers: clips that are heard at the same time.
        on_done: is told of every clip that was heard.

    Raises:
        ProtocolError: a label is absent, or not one clip of it could be read.
    """
    refuse_one_label(question.trials, question.data, "There is")
    found = list(hear_all(question.trials, workers=workers, on_done=on_done))
    heard = [one for one in found if isinstance(one, Heard)]
    unread = [one for one in found if isinstance(one, Unread)]
    refuse_one_label([one.trial for one in heard], question.data, "There could be read")
    return report(question, heard, unread)


def report(question: Question, heard: Sequence[Heard], unread: Sequence[Unread]) -> AuditReport:
    """Judge clips that were heard."""
    trials = [one.trial for one in heard]
    pairs = copies.find(
        [one.digest for one in heard],
        [one.print for one in heard],
        lambda clip: hear_again(trials[clip]),
    )
    sets = copies.sets_of(pairs, len(heard))
    manifest, left_out = features.of_manifest(trials)
    columns = [*features.of_clips(heard, _copies_of_each(sets, len(heard))), *manifest]
    grouped_by, kin = kin_of(trials, question.kin)
    rng = np.random.default_rng(SEED)
    key = np.array([trial.label is Label.BONA_FIDE for trial in trials])
    asked = task(key, [trial.partition for trial in trials], kin, rng=rng)
    judged = judge(columns, asked, rng)
    return AuditReport(
        setup=_setup(question, heard, judged, grouped_by, left_out),
        tellings=judged.tellings,
        joint=judged.joint,
        copies=tuple(sorted((_set(one, pairs, trials) for one in sets), key=_worst_first)),
        retold=_retold(pairs, trials),
        collisions=tuple(sharing.collisions(question.trials)),
        shared=tuple(sharing.shared(question.trials, question.kin)),
        unread=tuple(unread),
        remarks=question.remarks,
    )


def kin_of(trials: Sequence[Trial], columns: Sequence[str]) -> tuple[str | None, list[str] | None]:
    """Choose the first column with enough values, as evaluations do, and give its value a trial.

    A clip that has none stands for itself.
    """
    nameless = [Scored(trial, None, None) for trial in trials]
    column = kin_among(nameless, columns).column
    return column, None if column is None else [cluster_of(one, column) for one in nameless]


def refuse_one_label(trials: Sequence[Trial], data: str, found: str) -> None:
    """Refuse clips of one label only: nothing can be told apart.

    Raises:
        ProtocolError: a label is absent.
    """
    for label in Label:
        if not any(trial.label is label for trial in trials):
            raise ProtocolError(
                f"{data}: {found.lower()} not one {label.value} clip among {len(trials)}. An audit "
                "compares the labels: it needs clips of both."
            )


def _setup(
    question: Question,
    heard: Sequence[Heard],
    judged: Judged,
    grouped_by: str | None,
    left_out: tuple[str, ...],
) -> AuditSetup:
    bona_fide = sum(one.trial.label is Label.BONA_FIDE for one in heard)
    spoof = len(heard) - bona_fide
    groups = {one.trial.meta.get(grouped_by, "") for one in heard} - {"", "-"} if grouped_by else ()
    return AuditSetup(
        data=question.data,
        protocol=question.protocol,
        partitions=tuple(dict.fromkeys(trial.partition for trial in question.trials)),
        n_bona_fide=bona_fide,
        n_spoof=spoof,
        grouped_by=grouped_by,
        groups=len(groups),
        rounds=ROUNDS,
        chance=CHANCE,
        detectable=_detectable(judged, bona_fide, spoof),
        left_out=left_out,
        heard_s=math.fsum(one.facts.duration_s for one in heard),
        command=question.command,
        date=question.date,
        version=question.version,
    )


def _copies_of_each(sets: Sequence[Sequence[int]], clips: int) -> list[int]:
    """Say for each clip how many others hold the same recording."""
    others = [0] * clips
    for one in sets:
        for clip in one:
            others[clip] = len(one) - 1
    return others


def _set(one: Sequence[int], pairs: Sequence[copies.Pair], trials: Sequence[Trial]) -> CopySet:
    members = set(one)
    same = [pair for pair in pairs if pair.is_same and pair.one in members]
    best = max(same, key=lambda pair: (*_crosses(pair, trials), pair.likeness))
    first = [best.one, best.other]
    found = [trials[clip] for clip in (*first, *(clip for clip in one if clip not in first))]
    return CopySet(
        trials=tuple(found),
        likeness=best.likeness,
        is_identical=all(pair.is_identical for pair in same),
        level=Level.LEAK if any(_crosses(best, trials)) else Level.NOTE,
    )


def _crosses(pair: copies.Pair, trials: Sequence[Trial]) -> tuple[bool, bool]:
    """Say whether a pair crosses labels, and whether it crosses partitions."""
    one, other = trials[pair.one], trials[pair.other]
    return one.label is not other.label, one.partition != other.partition


def _worst_first(one: CopySet) -> tuple[bool, bool, float, str]:
    is_quiet = one.level is not Level.LEAK
    return is_quiet, not one.crosses_labels, -one.likeness, one.trials[0].id


def _retold(pairs: Sequence[copies.Pair], trials: Sequence[Trial]) -> Retold:
    retold = [pair for pair in pairs if not pair.is_same]
    by_label = [pair for pair in retold if trials[pair.one].label is not trials[pair.other].label]
    by_partition = [
        pair for pair in retold if trials[pair.one].partition != trials[pair.other].partition
    ]
    best = max(by_label or retold, key=lambda pair: pair.likeness, default=None)
    example = None if best is None else (trials[best.one].id, trials[best.other].id)
    return Retold(len(retold), len(by_label), len(by_partition), example)


def _detectable(judged: Judged, bona_fide: int, spoof: int) -> float | None:
    """Give the AUC of a single column that shuffled keys let pass four times in five."""
    if not math.isfinite(judged.bar):
        return None
    z = max(0.0, judged.bar * _DEVIATION + _MEAN) ** 1.5 + _POWER
    auc = 0.5 + z * math.sqrt((bona_fide + spoof + 1) / (12 * bona_fide * spoof))
    return None if auc > 1 else max(LEAST_AUC, auc)
