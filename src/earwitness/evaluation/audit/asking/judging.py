"""Columns and a key → what each column gives away, and whether that is more than chance.

A column **leaks** when its answer passes what shuffled keys bring forth (at most one audit in a
hundred has a false alarm, over all columns together) and its cross-validated AUC is 0.60 or more.
Where clips belong together (pages, speakers), the answer has to hold for groups that are turned
round as wholes, too; else it is a warning: these clips are told apart, but it may be a matter of
which pages happen to be there. An AUC of 0.75 is a leak in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from earwitness.evaluation.audit.asking import chance
from earwitness.evaluation.audit.asking.columns import Column, Kind
from earwitness.evaluation.audit.asking.crossval import auc_within, by_order, by_value
from earwitness.evaluation.audit.asking.joint import Discriminant, design
from earwitness.evaluation.audit.asking.records import JOINT, Contrast, Level, Telling, Way
from earwitness.evaluation.audit.asking.task import Task, without_groups
from earwitness.evaluation.records import Measure
from earwitness.metrics.intervals import Interval

CHANCE = 0.01  # audits with a false alarm, over all columns
LEAST_AUC = 0.60
GLARING_AUC = 0.75
_BETTER = 0.02  # by so much values must beat the order to be told instead
_MOST_SHARES = 14
_KIN_PART = 0.2  # of the chance, for columns that name the groups themselves


@dataclass(frozen=True)
class Judged:
    """What columns give away: each, and all of sound and file together.

    Attributes:
        tellings: most telling first.
        joint: None without a column of sound or file.
        bar: the standardised answer to a shuffled key that one audit in a hundred passes.
    """

    tellings: tuple[Telling, ...]
    joint: Telling | None
    bar: float


def judge(columns: Sequence[Column], asked: Task, rng: np.random.Generator) -> Judged:
    """Ask every column, and all together.

    Args:
        columns: no constant ones.
        asked: the key and who belongs together.
        rng: shuffles the key.
    """
    kin = [column for column in columns if _names_groups(column, asked)]
    plain = [column for column in columns if column not in kin]
    part = 1 - _KIN_PART if kin else 1.0
    tellings, joint, bar = _judge_plain(plain, asked, part, rng)
    tellings += _judge_kin(kin, without_groups(asked, rng), _KIN_PART, rng) if kin else []
    return Judged(tuple(sorted(tellings, key=_how_telling)), joint, bar)


def _judge_plain(
    columns: Sequence[Column], asked: Task, part: float, rng: np.random.Generator
) -> tuple[list[Telling], Telling | None, float]:
    own = [column for column in columns if column.kind is not Kind.MANIFEST]
    together = Discriminant(design(own), asked) if own else None
    questions = chance.questions(columns)
    questions += [chance.joint_question(together)] if together else []
    clips = chance.compare(
        questions, asked.residuals, chance.among_clips(asked, rng), share=CHANCE * part
    )
    p, p_groups = _corrected(clips.p, part), None
    if asked.groups is not None:
        turned = chance.among_groups(asked, asked.groups, rng)
        held = chance.compare(questions, asked.residuals, turned, share=CHANCE * part)
        p_groups = _corrected(held.p, part)
    tellings = _tellings(columns, asked, p, p_groups)
    if together is None:
        return tellings, None, clips.bar
    scores = together.held_out(asked.residuals[:, None])[:, 0].astype(np.float64)
    joint = _telling(JOINT, Kind.SOUND, Way.JOINT, auc_within(scores, asked), asked)
    joint = replace(joint, p=p[-1], p_groups=p_groups[-1] if p_groups else None)
    return tellings, _levelled(joint), clips.bar


def _judge_kin(
    columns: Sequence[Column], asked: Task, part: float, rng: np.random.Generator
) -> list[Telling]:
    """Ask columns that name the groups, on clips: no group could be held out."""
    found = chance.compare(
        [chance.value_question(column.codes) for column in columns],
        asked.residuals,
        chance.among_clips(asked, rng),
        share=CHANCE * part,
    )
    tellings = []
    for column, p in zip(columns, _corrected(found.p, part), strict=True):
        auc = auc_within(by_value(column, asked), asked)
        told = _telling(column.name, column.kind, Way.VALUE, auc, asked)
        told = replace(told, p=p, contrast=_contrast(column, Way.VALUE, asked))
        tellings.append(_levelled(replace(told, shares=_shares(column, asked))))
    return tellings


def _tellings(
    columns: Sequence[Column], asked: Task, p: Sequence[float], p_groups: Sequence[float] | None
) -> list[Telling]:
    tellings, at = [], 0
    for column in columns:
        ways = 1 if column.order is None else 2
        way, auc = _best_way(column, asked)
        told = replace(
            _telling(column.name, column.kind, way, auc, asked),
            p=min(p[at : at + ways]),
            p_groups=min(p_groups[at : at + ways]) if p_groups else None,
            contrast=_contrast(column, way, asked),
            shares=_shares(column, asked),
        )
        tellings.append(_levelled(told))
        at += ways
    return tellings


def _best_way(column: Column, asked: Task) -> tuple[Way, Interval]:
    values = auc_within(by_value(column, asked), asked)
    if column.order is None:
        return Way.VALUE, values
    order = auc_within(by_order(column, asked), asked)
    return (Way.VALUE, values) if values.value > order.value + _BETTER else (Way.ORDER, order)


def _names_groups(column: Column, asked: Task) -> bool:
    """Say whether each value of a manifest's column lies within one group."""
    if asked.groups is None or column.kind is not Kind.MANIFEST:
        return False
    pairs = np.unique(column.codes * (int(asked.groups.max()) + 1) + asked.groups)
    return len(pairs) <= max(len(column.values), int(asked.groups.max()) + 1)


def _telling(name: str, kind: Kind, way: Way, auc: Interval, asked: Task) -> Telling:
    bona_fide = int(asked.key.sum())
    measure = Measure("auc", auc.value, auc.low, auc.high, bona_fide, len(asked.key) - bona_fide)
    return Telling(name, kind, way, measure, 1.0, None, None, None)


def _levelled(told: Telling) -> Telling:
    return replace(told, level=level_of(told.auc.value or 0.5, told.p, told.p_groups))


def level_of(auc: float, p: float, p_groups: float | None) -> Level | None:
    """Say how much an answer matters.

    Example:
        >>> level_of(0.7, 0.0005, None), level_of(0.55, 0.0005, None), level_of(0.7, 0.3, None)
        (<Level.LEAK: 'leak'>, <Level.NOTE: 'note'>, None)
        >>> level_of(0.7, 0.0005, 0.4), level_of(0.8, 0.0005, 0.4), level_of(0.55, 0.0005, 0.4)
        (<Level.WARNING: 'warning'>, <Level.LEAK: 'leak'>, None)
    """
    if p > CHANCE:
        return None
    holds = p_groups is None or p_groups <= CHANCE
    if auc < LEAST_AUC:
        return Level.NOTE if holds else None
    return Level.LEAK if holds or auc >= GLARING_AUC else Level.WARNING


def _contrast(column: Column, way: Way, asked: Task) -> Contrast:
    key = asked.key
    if way is Way.ORDER and column.numbers is not None:
        known = ~np.isnan(column.numbers)
        bona_fide, spoof = column.numbers[known & key], column.numbers[known & ~key]
        if len(bona_fide) and len(spoof):
            return Contrast("", float(np.median(bona_fide)), float(np.median(spoof)))
    return max(_all_shares(column, asked), key=_difference)


def _shares(column: Column, asked: Task) -> tuple[Contrast, ...]:
    """Give the shares of all values; of many, those that differ most."""
    shares = _all_shares(column, asked)
    least = sorted(map(_difference, shares), reverse=True)[:_MOST_SHARES][-1]
    return tuple(one for one in shares if _difference(one) >= least)[:_MOST_SHARES]


def _all_shares(column: Column, asked: Task) -> list[Contrast]:
    size, key = len(column.values), asked.key
    bona_fide = np.bincount(column.codes[key], minlength=size) / max(1, int(key.sum()))
    spoof = np.bincount(column.codes[~key], minlength=size) / max(1, int((~key).sum()))
    return [
        Contrast(value, float(one), float(other))
        for value, one, other in zip(column.values, bona_fide, spoof, strict=True)
    ]


def _difference(one: Contrast) -> float:
    return abs(one.bona_fide - one.spoof)


def _corrected(p: Sequence[float], part: float) -> list[float]:
    return [min(1.0, one / part) for one in p]


def _how_telling(told: Telling) -> tuple[int, float]:
    levels: list[Level | None] = [*Level, None]
    return levels.index(told.level), -(told.auc.value or 0.0)
