"""Before and after a change of a detector: what was gained on the target, what was lost elsewhere.

Both are measured on the same trials, and differences are paired. What is said of a data set follows
from the 95 % interval of its difference in EER and from nothing else: gained where the whole
interval lies below zero, lost where it lies above, not distinguishable where it holds zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from earwitness.detector import Detector
from earwitness.evaluation import setups
from earwitness.evaluation.comparing import HEADLINE, Comparison, Run, compare
from earwitness.evaluation.differences import NEGLIGIBLE, Difference, Outcome
from earwitness.evaluation.pools import SHARES, kin_among
from earwitness.evaluation.questions import Questions
from earwitness.evaluation.records import Measure, Scored, Setup
from earwitness.evaluation.scoring import OnDone, score_trials
from earwitness.metrics.dcf import Costs

Role: TypeAlias = Literal["target", "keep"]
"""What a data set is there for: to be learnt, or not to be forgotten."""

BEFORE, AFTER = "before", "after"
MEASURES = ("eer", "auc", "min_dcf", "min_cllr", "act_dcf", "cllr")


class Change(StrEnum):
    """What can be said of a data set after a change."""

    GAINED = "gained"
    LOST = "lost"
    NOT_DISTINGUISHABLE = "not distinguishable"
    NOT_COMPARABLE = "not comparable"


_CHANGES = {
    Outcome.BETTER: Change.GAINED,
    Outcome.WORSE: Change.LOST,
    Outcome.NOT_DISTINGUISHABLE: Change.NOT_DISTINGUISHABLE,
    Outcome.NOT_COMPARABLE: Change.NOT_COMPARABLE,
}


@dataclass(frozen=True)
class Merit:
    """What weights are worth: EERs (fractions) on the dev part and on the keep-set."""

    target_eer: float
    keep_eer: float | None = None


@dataclass(frozen=True)
class Point:
    """Weights that were tried, and what they are worth.

    Attributes:
        label: what they are ("alpha 0.3", "epoch 4").
        merit: of them.
        alpha: share of the new network, for interpolated weights.
        is_chosen: they were taken.
    """

    label: str
    merit: Merit
    alpha: float | None = None
    is_chosen: bool = False


class Epoch(Protocol):
    """One row of a training curve; what was not measured is None."""

    @property
    def epoch(self) -> int:
        """Its number; 0 is before training."""

    @property
    def train_loss(self) -> float | None:
        """Mean over the epoch."""

    @property
    def dev_loss(self) -> float | None:
        """After the epoch."""

    @property
    def dev_eer(self) -> float | None:
        """After the epoch, a fraction."""

    @property
    def keep_eer(self) -> float | None:
        """After the epoch, a fraction."""


@dataclass(frozen=True)
class Scores:
    """What was said of one data set, by one detector.

    Attributes:
        setup: what it is to be read with.
        asked: the data set.
        scored: the trials that were heard.
    """

    setup: Setup
    asked: Questions
    scored: tuple[Scored, ...]


@dataclass(frozen=True)
class BeforeAfter:
    """One data set, before and after.

    Attributes:
        name: of the data set, short.
        role: what it is there for.
        comparison: of both, on the trials that both scored.
    """

    name: str
    role: Role
    comparison: Comparison

    @property
    def change(self) -> Change:
        """Say what happened, by the interval of the difference in EER."""
        return change_of(self.difference(HEADLINE))

    def difference(self, measure: str) -> Difference:
        """Find a difference, after less before."""
        return next(one for one in self.comparison.differences if one.measure == measure)


@dataclass(frozen=True)
class GainedLost:
    """What a change did to all data sets that were watched, the target first."""

    rows: tuple[BeforeAfter, ...]

    @property
    def has_lost(self) -> bool:
        """Say whether a data set that was to be kept is clearly worse."""
        return any(row.role == "keep" and row.change is Change.LOST for row in self.rows)


def change_of(difference: Difference) -> Change:
    """Say what a difference means, the first being before and the second after.

    Example:
        >>> change_of(Difference("eer", "before", "after", 0.307, 0.474, 0.121, 0.21)).value
        'lost'
        >>> change_of(Difference("eer", "before", "after", 0.20, 0.18, -0.05, 0.01)).value
        'not distinguishable'
    """
    return _CHANGES[difference.outcome]


def hear(
    detector: Detector,
    asked: Questions,
    *,
    workers: int = 1,
    journal: Path | None = None,
    command: str = "",
    date: str = "",
    on_done: OnDone | None = None,
) -> Scores:
    """Let a detector answer a data set, as ``evaluate`` does.

    Args:
        detector: who listens.
        asked: the data set.
        workers: recordings at the same time.
        journal: where answers are kept, so that a stopped one goes on.
        command: that repeats this.
        date: of today, as YYYY-MM-DD.
        on_done: is called after each recording.
    """
    outcomes = score_trials(
        detector, asked.trials, workers=workers, journal=journal, on_done=on_done
    )
    scored = tuple(one for one in outcomes if isinstance(one, Scored))
    return Scores(setups.of_detector(detector, asked, command=command, date=date), asked, scored)


def before_after(
    name: str,
    role: Role,
    before: Scores,
    after: Scores,
    *,
    costs: Costs | None = None,
    rounds: int = 1000,
    seed: int = 1,
) -> BeforeAfter:
    """Compare what was said of a data set before and after.

    Trials that only one of them could score are left out of both.

    Notable: where no draw differed (no error in a dozen trials, say), the interval of a rate's
    difference is as wide as so few trials allow, as it is for the rate itself; not so where both
    said exactly the same.

    Args:
        name: of the data set.
        role: what it is there for.
        before: by the detector that was started from.
        after: by the one that came of it.
        costs: for DCFs; those of ASVspoof 5 if None.
        rounds: replicates.
        seed: of the replicates.

    Raises:
        ProtocolError: the trials differ, or one label has no scored trial.
    """
    runs = (_run(BEFORE, before), _run(AFTER, after))
    found = compare(runs, costs=costs, rounds=rounds, seed=seed)
    if _said_the_same(runs):
        return BeforeAfter(name, role, found)
    differences = tuple(_honest(one, found) for one in found.differences)
    return BeforeAfter(name, role, replace(found, differences=differences))


def gained_lost(rows: Iterable[BeforeAfter]) -> GainedLost:
    """Put data sets together: the target first, then what was to be kept, in their order."""
    return GainedLost(tuple(sorted(rows, key=lambda row: row.role != "target")))


def best_of(points: Sequence[Point]) -> tuple[Point, ...]:
    """Find the points that no other beats on both data sets: the Pareto front, by target EER.

    Example:
        >>> points = [Point(n, Merit(t, k)) for n, t, k in
        ...           [("a", 0.3, 0.1), ("b", 0.2, 0.2), ("c", 0.25, 0.3), ("d", 0.1, 0.4)]]
        >>> [one.label for one in best_of(points)]
        ['d', 'b', 'a']
    """
    front: list[Point] = []
    least = float("inf")
    kept = [one for one in points if one.merit.keep_eer is not None]
    for one in sorted(kept, key=lambda one: (one.merit.target_eer, one.merit.keep_eer)):
        if (one.merit.keep_eer or 0.0) < least:
            front.append(one)
            least = one.merit.keep_eer or 0.0
    return tuple(front)


def _said_the_same(runs: Sequence[Run]) -> bool:
    first, second = ({one.trial.id: one.raw_score for one in run.scored} for run in runs)
    return first == second


def _honest(one: Difference, found: Comparison) -> Difference:
    """Widen an interval of no width to what both measures' own intervals allow."""
    if one.measure not in SHARES or not one.is_comparable or one.value is None:
        return one
    if float(one.high or 0.0) - float(one.low or 0.0) > NEGLIGIBLE:
        return one
    before, after = (_reach(side.measure(one.measure)) for side in found.standings)
    return replace(
        one, low=one.value - max(after[0], before[1]), high=one.value + max(after[1], before[0])
    )


def _reach(measure: Measure) -> tuple[float, float]:
    """Give how far an interval reaches down and up from its value."""
    value, low, high = (float(end or 0.0) for end in (measure.value, measure.low, measure.high))
    return value - low, high - value


def _run(name: str, heard: Scores) -> Run:
    kin = kin_among([one for one in heard.scored if one.score is not None], heard.asked.kin)
    setup = replace(heard.setup, clustered_by=kin.column, clusters=kin.clusters)
    return Run(
        name,
        folder=heard.setup.data,
        setup=setup,
        labels={trial.id: trial.label for trial in heard.asked.trials},
        scored=heard.scored,
    )
