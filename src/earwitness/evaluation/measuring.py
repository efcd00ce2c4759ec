"""Scored trials → an ``Evaluation``: every measure with n and interval, and what to know of it.

Pure: the same trials give the same figures. All chance comes from the plan's seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from earwitness.errors import ProtocolError, UnreadableAudio
from earwitness.evaluation.breaking_down import break_down
from earwitness.evaluation.guarding import guard
from earwitness.evaluation.pools import Pool, kin_among, pooled
from earwitness.evaluation.records import (
    Breakdown,
    Evaluation,
    Measure,
    Remark,
    Scored,
    Setup,
    Unread,
)
from earwitness.evaluation.remarking import remarks
from earwitness.evaluation.tandem import tandem
from earwitness.metrics.asv import AsvScores
from earwitness.metrics.dcf import Costs
from earwitness.metrics.eer import eer_threshold

DISCRIMINATION = ("eer", "eer_asvspoof", "eer_rocch", "auc", "min_dcf", "min_cllr")
OF_LLRS = ("act_dcf", "cllr")
ORDER = ("eer", "eer_asvspoof", "eer_rocch", "auc", "min_dcf", "act_dcf", "cllr", "min_cllr")
AT_THE_THRESHOLD = ("miss_rate", "false_alarm_rate", "balanced_accuracy")
UNCALIBRATED = "uncalibrated"
NO_THRESHOLD = "no threshold was frozen before"


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Attributes:
        kin: columns by which trials belong together, best first.
        groups: columns to break figures down by, best first.
        costs: for DCFs.
        asv: scores of a speaker verification, for figures of the two in tandem.
        accepts_inverted: scores that go the other way are meant.
        remarks: of those who asked and heard, to be kept with the figures.
        rounds, seed: of the bootstrap.
    """

    kin: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    costs: Costs = field(default_factory=Costs)
    asv: AsvScores | None = None
    accepts_inverted: bool = False
    remarks: tuple[Remark, ...] = ()
    rounds: int = 1000
    seed: int = 1


def evaluate(
    setup: Setup, scored: Sequence[Scored], unread: Sequence[Unread], plan: Plan
) -> Evaluation:
    """Measure how well scores tell the labels apart.

    Args:
        setup: what was asked; which trials were resampled together is filled in here.
        scored: what was said of each trial.
        unread: the trials whose recordings could not be read.
        plan: how to measure.

    Raises:
        ProtocolError: one label has no trial with a score.
        UnreadableAudio: the same, because not one of its recordings could be read.
    """
    heard = [one for one in scored if one.score is not None]
    _refuse_one_label(heard, unread)
    kin = kin_among(heard, plan.kin)
    pool = pooled(heard, kin, costs=plan.costs, rounds=plan.rounds, seed=plan.seed)
    measures = tuple(_measures(setup, pool, plan.asv))
    by_name = {one.name: one for one in measures}
    found = guard(pool, by_name["auc"], is_accepted=plan.accepts_inverted)
    return Evaluation(
        setup=replace(setup, clustered_by=kin.column, clusters=kin.clusters),
        scored=tuple(scored),
        unread=tuple(unread),
        measures=measures,
        guard=found,
        breakdowns=_breakdowns(setup, heard, pool, plan.groups),
        remarks=(*plan.remarks, *remarks(scored, unread, pool, kin, measures, found)),
    )


def _measures(setup: Setup, pool: Pool, asv: AsvScores | None) -> Iterator[Measure]:
    names = (*DISCRIMINATION, *OF_LLRS) if setup.is_calibrated else DISCRIMINATION
    found = {one.name: one for one in pool.measures(*names)}
    missing = {name: Measure(name, None, why_not=UNCALIBRATED) for name in OF_LLRS}
    yield from ((missing | found)[name] for name in ORDER)
    yield from _decisions(setup, pool)
    yield from tandem(pool, asv)
    yield from _means(pool)


def _decisions(setup: Setup, pool: Pool) -> Iterator[Measure]:
    """Measure the answers, on answered trials and with each inconclusive one as half an error."""
    threshold = setup.threshold
    if threshold is None:
        why_not = NO_THRESHOLD if setup.is_calibrated else UNCALIBRATED
        for suffix in ("", "_all"):
            yield from (Measure(f"{n}{suffix}", None, why_not=why_not) for n in AT_THE_THRESHOLD)
        return
    answered = pool.of(pool.is_answered)
    yield from answered.rates(answered.errors(threshold))
    errors = pool.errors(threshold)
    yield from pool.rates(np.where(pool.is_answered, errors, 0.5), "_all")


def _means(pool: Pool) -> Iterator[Measure]:
    bona_fide, spoof = pool.n
    key = pool.is_bona_fide
    yield Measure("mean_score_bona_fide", float(pool.scores[key].mean()), n_bona_fide=bona_fide)
    yield Measure("mean_score_spoof", float(pool.scores[~key].mean()), n_spoof=spoof)


def _breakdowns(
    setup: Setup, heard: Sequence[Scored], pool: Pool, columns: Sequence[str]
) -> tuple[Breakdown, ...]:
    is_frozen = setup.threshold is not None
    threshold = setup.threshold
    if threshold is None:
        threshold = eer_threshold(pool.scores, pool.is_bona_fide)
    return tuple(break_down(heard, pool, columns, threshold=threshold, is_frozen=is_frozen))


def _refuse_one_label(heard: Sequence[Scored], unread: Sequence[Unread]) -> None:
    bona_fide = sum(one.is_bona_fide for one in heard)
    if bona_fide and bona_fide < len(heard):
        return
    label = "spoof" if bona_fide else "bona fide"
    if unread:
        raise UnreadableAudio(
            f"No {label} trial has a score, so nothing can be measured. {len(unread):,} recordings "
            f"could not be read, the first one: {unread[0].message}"
        )
    raise ProtocolError(f"No {label} trial has a score, so nothing can be measured.")
