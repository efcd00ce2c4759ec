"""Runs of several detectors on the same trials → which is better, or that nobody can tell.

Everything is measured anew on the trials that all runs scored, and differences are paired: the
same draws of the same trials for both. Scores are taken as they are; nothing is turned round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError
from earwitness.evaluation.breaking_down import (
    DURATION,
    FEWEST,
    FEWEST_OF_A_LABEL,
    WITHOUT,
    band,
)
from earwitness.evaluation.curves import DetCurve, det_curve
from earwitness.evaluation.differences import Difference, holm
from earwitness.evaluation.matching import matched
from earwitness.evaluation.pairing import Side, paired, paired_rates
from earwitness.evaluation.pools import Kin, Pool, kin_among, meta_of, pooled
from earwitness.evaluation.records import Direction, Measure, Remark, Scored, Setup
from earwitness.metrics.dcf import Costs
from earwitness.records import Label

DISCRIMINATION = ("eer", "auc", "min_dcf", "min_cllr")
OF_LLRS = ("act_dcf", "cllr")
OF_ANSWERS = ("miss_rate_all", "false_alarm_rate_all", "balanced_accuracy_all")
HEADLINE = "eer"
UNCALIBRATED = "uncalibrated"
MOST_FOR_ALL_PAIRS = 4
MOST_GROUPS = 60  # of a column; more are names, not conditions

Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """What an evaluation left behind.

    Attributes:
        name: short, and different for each run.
        folder: as the user gave it.
        setup: what its figures are to be read with.
        labels: of all trials that were asked, by id.
        scored: the trials that were heard.
        columns: that it was broken down by.
        remarks: what its reader had to know.
        accepts_inverted: somebody decided that its scores go the other way.
    """

    name: str
    folder: str
    setup: Setup
    labels: Mapping[str, Label]
    scored: tuple[Scored, ...]
    columns: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    accepts_inverted: bool = False


@dataclass(frozen=True)
class Standing:
    """One run, measured on the trials that all runs scored.

    Attributes:
        run: the run.
        measures: its figures.
        direction: whether its scores point the way they should.
        unscored: trials that all runs were asked and this one has no score for.
        curve: miss rates over false-alarm rates.
    """

    run: Run
    measures: tuple[Measure, ...]
    direction: Direction
    unscored: int
    curve: DetCurve

    def measure(self, name: str) -> Measure:
        """Find a figure by name."""
        return next(one for one in self.measures if one.name == name)


@dataclass(frozen=True)
class GroupDifference:
    """The difference in EER on the trials of one group."""

    column: str
    value: str
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes:
        standings: in the order that the user gave.
        differences: pooled, for each pair; several pairs are counted together (Holm).
        groups: for each pair, column and value, the difference in EER; the values of a column are
            counted together (Holm).
        n_bona_fide, n_spoof: trials that everything was measured on.
        asked: trials that all runs were asked.
        left_out: by run, trials that only some were asked.
        kin: what was resampled together.
    """

    standings: tuple[Standing, ...]
    differences: tuple[Difference, ...]
    groups: tuple[GroupDifference, ...]
    n_bona_fide: int
    n_spoof: int
    asked: int
    left_out: Mapping[str, int]
    kin: Kin

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """List who is compared with whom, as (first, second), in order."""
        return tuple(dict.fromkeys((one.first, one.second) for one in self.differences))

    def of_pair(self, first: str, second: str) -> tuple[Difference, ...]:
        """Find the pooled differences of a pair."""
        return tuple(one for one in self.differences if (one.first, one.second) == (first, second))

    @property
    def has_unaccepted_inversion(self) -> bool:
        """Say whether a run's scores point the wrong way and nobody said that this is meant."""
        return any(
            one.direction is Direction.INVERTED and not one.run.accepts_inverted
            for one in self.standings
        )


def compare(
    runs: Sequence[Run],
    *,
    is_common_enough: bool = False,
    costs: Costs | None = None,
    rounds: int = 1000,
    seed: int = 1,
) -> Comparison:
    """Compare runs on the trials that all of them scored.

    All pairs are compared for up to four runs; more are compared with the first one.

    Args:
        runs: at least two, with different names.
        is_common_enough: leave out trials that only some runs were asked, instead of refusing.
        costs: for DCFs; those of ASVspoof 5 if None.
        rounds: replicates.
        seed: of the replicates.

    Raises:
        ProtocolError: trials, keys or partitions differ, or one label is absent.
    """
    _refuse_unlike(runs)
    asked = matched(
        [run.name for run in runs],
        [run.labels for run in runs],
        is_common_enough=is_common_enough,
    )
    heard = _heard_by_all(runs, asked)
    kin = _kin(runs, heard)
    sides = [
        _side(run, scored, kin, costs=costs or Costs(), rounds=rounds, seed=seed)
        for run, scored in zip(runs, heard, strict=True)
    ]
    standings = tuple(
        Standing(
            run,
            tuple(side.measures.values()),
            _direction(side),
            _unscored(run, asked),
            _curve(side.pool),
        )
        for run, side in zip(runs, sides, strict=True)
    )
    left_out = {run.name: len(run.labels) - len(asked) for run in runs}
    pairs = list(_pairs(sides))
    return Comparison(
        standings, tuple(_differences(pairs)), tuple(_groups(pairs, heard[0], runs)),
        *sides[0].pool.n, len(asked), {k: n for k, n in left_out.items() if n}, kin,
    )  # fmt: skip


def _refuse_unlike(runs: Sequence[Run]) -> None:
    first = runs[0]
    for run in runs[1:]:
        if run.setup.partition != first.setup.partition:
            raise ProtocolError(
                f"{first.name} was measured on partition '{first.setup.partition}' of "
                f"{first.setup.data}, {run.name} on '{run.setup.partition}' of {run.setup.data}. "
                "Only runs on the same trials can be compared."
            )
        both = [trial for trial in first.labels if trial in run.labels]
        odd = [trial for trial in both if first.labels[trial] is not run.labels[trial]]
        if odd:
            raise ProtocolError(
                f"{first.name} and {run.name} have different keys: {len(odd):,} of {len(both):,} "
                f"trials have another label, the first one '{odd[0]}' ({first.labels[odd[0]]} and "
                f"{run.labels[odd[0]]}). Evaluate both with the same key."
            )


def _heard_by_all(runs: Sequence[Run], asked: Sequence[str]) -> list[list[Scored]]:
    by_id = [{one.trial.id: one for one in run.scored if one.score is not None} for run in runs]
    shared = [trial for trial in asked if all(trial in scored for scored in by_id)]
    labels = Counter(runs[0].labels[trial] for trial in shared)
    if len(labels) < len(Label):
        raise ProtocolError(
            f"Of {len(asked):,} trials, {labels[Label.BONA_FIDE]:,} bona fide and "
            f"{labels[Label.SPOOF]:,} spoof have a score in every run. Both labels are needed."
        )
    return [[scored[trial] for trial in shared] for scored in by_id]


def _unscored(run: Run, asked: Sequence[str]) -> int:
    scored = {one.trial.id for one in run.scored if one.score is not None}
    return sum(trial not in scored for trial in asked)


def _kin(runs: Sequence[Run], heard: Sequence[Sequence[Scored]]) -> Kin:
    """Keep together what any of the runs kept together."""
    columns = [run.setup.clustered_by for run in runs if run.setup.clustered_by]
    return kin_among(heard[0], list(dict.fromkeys(columns)))


def _side(
    run: Run, scored: Sequence[Scored], kin: Kin, *, costs: Costs, rounds: int, seed: int
) -> Side:
    pool = pooled(scored, kin, costs=costs, rounds=rounds, seed=seed)
    threshold, is_calibrated = run.setup.threshold, run.setup.is_calibrated
    errors = None
    if threshold is not None:
        errors = np.where(pool.is_answered, pool.errors(threshold), 0.5)
    names = (*DISCRIMINATION, *OF_LLRS) if is_calibrated else DISCRIMINATION
    found = {one.name: one for one in pool.measures(*names)}
    if errors is not None:
        found |= {one.name: one for one in pool.rates(errors, "_all")}
    why_not = "no threshold was frozen before" if is_calibrated else UNCALIBRATED
    measures = {
        name: found.get(name) or Measure(name, None, why_not=why_not)
        for name in (*DISCRIMINATION, *OF_LLRS, *OF_ANSWERS)
    }
    return Side(run.name, pool, measures, errors)


def _direction(side: Side) -> Direction:
    area = side.measures["auc"]
    if (area.value or 0.0) >= 0.5:
        return Direction.AS_EXPECTED
    return Direction.INVERTED if (area.high or 0.0) < 0.5 else Direction.DOUBTFUL


def _curve(pool: Pool) -> DetCurve:
    """Trace the curve without a band: bands of paired runs say nothing of their difference."""
    rng = np.random.default_rng(pool.seed)
    return det_curve(pool.scores, pool.is_bona_fide, None, rng=rng, rounds=1)


def _pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    if len(sides) <= MOST_FOR_ALL_PAIRS:
        yield from combinations(sides, 2)
    else:
        yield from ((sides[0], side) for side in sides[1:])


def _differences(pairs: Sequence[tuple[Side, Side]]) -> Iterator[Difference]:
    """Compare all pairs; those of one measure are counted together."""
    found = [
        (*paired((*DISCRIMINATION, *OF_LLRS), *pair), *paired_rates(OF_ANSWERS, *pair))
        for pair in pairs
    ]
    counted = [holm(of_measure) for of_measure in zip(*found, strict=True)]
    for of_pair in zip(*counted, strict=True):
        yield from of_pair


def _groups(
    pairs: Sequence[tuple[Side, Side]], heard: Sequence[Scored], runs: Sequence[Run]
) -> Iterator[GroupDifference]:
    for column in dict.fromkeys(column for run in runs for column in run.columns):
        values = np.array([_value(one, column) for one in heard])
        if 1 < len(np.unique(values)) <= MOST_GROUPS:
            for pair in pairs:
                yield from _of_column(column, values, pair)


def _of_column(
    column: str, values: NDArray[np.str_], pair: tuple[Side, Side]
) -> Iterator[GroupDifference]:
    """Compare a pair value by value; all values of a column are counted together."""
    found = {
        name: difference
        for name in np.unique(values).tolist()
        if (difference := _in_group(pair, values == name)) is not None
    }
    for name, difference in zip(found, holm(found.values()), strict=True):
        yield GroupDifference(column, name, difference)


def _value(one: Scored, column: str) -> str:
    return band(one.duration_s) if column == DURATION else meta_of(one, column) or WITHOUT


def _in_group(pair: tuple[Side, Side], rows: Rows) -> Difference | None:
    """Compare the EER of a group as breakdowns take it; None where there is too little of it."""
    pool = pair[0].pool
    bona_fide, spoof = pool.of(rows).n
    # An attack is told apart from all the bona fide speech there is.
    chosen = rows if bona_fide else rows | pool.is_bona_fide
    if not spoof or bona_fide + spoof < FEWEST or min(pool.of(chosen).n) < FEWEST_OF_A_LABEL:
        return None
    first, second = (_within(side, chosen) for side in pair)
    return paired((HEADLINE,), first, second)[0]


def _within(side: Side, rows: Rows) -> Side:
    pool: Pool = side.pool.of(rows)
    return replace(
        side, pool=pool, measures={one.name: one for one in pool.measures(HEADLINE)}, errors=None
    )
