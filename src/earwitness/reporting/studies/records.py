"""What a study's report is told, as frozen records. Rates are fractions.

``study`` fills these in; nothing here computes a figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from earwitness.evaluation.curves import DetCurve
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.records import Measure

TEST, EVAL = "test", "eval"
REPORTED = (TEST, EVAL)
METRICS = ("eer", "auc", "min_dcf")

Measures = Mapping[str, Measure]
"""By name of the measure."""

Figures = Mapping[str, Measures]
"""By name of the set, ``test`` or ``eval``."""


@dataclass(frozen=True)
class Part:
    """How many clips serve for what.

    Attributes:
        title: of the part, for people.
        real, fake: clips.
        use: what they serve for, in a few words.
        sources: that no other part has; None where nobody counted.
    """

    title: str
    real: int
    fake: int
    use: str
    sources: int | None = None


@dataclass(frozen=True)
class Epoch:
    """What was measured after an epoch; epoch 0 is the start."""

    epoch: int
    train_loss: float | None
    dev_loss: float
    dev_eer: float
    keep_eer: float | None = None


@dataclass(frozen=True)
class Seed:
    """One run of an arm.

    Attributes:
        seed: of the run.
        figures: of this run alone, as ``earwitness evaluate`` gives them.
        rate: learning rate; None for a blended arm.
        chosen_epoch: whose weights were kept.
        curve: epoch by epoch; () for a blended arm.
        detector: its folder, below the study's.
    """

    seed: int
    figures: Figures
    rate: float | None = None
    chosen_epoch: int | None = None
    curve: tuple[Epoch, ...] = ()
    detector: str = ""

    @property
    def kept(self) -> Epoch | None:
        """Give the epoch whose weights were kept."""
        return next((one for one in self.curve if one.epoch == self.chosen_epoch), None)


@dataclass(frozen=True)
class ArmFigures:
    """One way to fine-tune.

    Attributes:
        name, title: of the arm.
        told: what it does, in a sentence.
        seeds: its runs.
        means: over seeds, with intervals.
        changes: of the mean against before, paired: by set and measure.
        dev_eer, adapt_eer: means over seeds on what choices are made by.
        best_seed: the run with the lowest validation EER.
        made_of: the arm that was blended with the start; empty if none.
        alpha: share of that arm's weights; None if nothing was blended.
    """

    name: str
    title: str
    told: str
    seeds: tuple[Seed, ...]
    means: Figures
    changes: Mapping[str, Mapping[str, Difference]]
    dev_eer: float
    adapt_eer: float
    best_seed: int
    made_of: str = ""
    alpha: float | None = None

    @property
    def best(self) -> Seed:
        """Give the best run."""
        return next(one for one in self.seeds if one.seed == self.best_seed)


@dataclass(frozen=True)
class Tried:
    """A candidate of a choice, with the EERs that it was chosen by."""

    name: str
    dev_eer: float
    adapt_eer: float | None = None
    is_chosen: bool = False


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        title: what, in a few words.
        rule: how, in a sentence.
        candidates: all that were looked at.
    """

    title: str
    rule: str
    candidates: tuple[Tried, ...]


@dataclass(frozen=True)
class StudyFigures:
    """A study: all of it.

    Attributes:
        model: the starting detector.
        target, custom: the data sets, as the user gave them.
        is_standin: the target is cut from another corpus, and is not for-2seconds.
        counts_differ: how the testing part differs from the published one; empty if it does not.
        parts: clips per class.
        drawn: of each set, what its intervals draw again and again, in words.
        left_out: of each set, trials that not every detector scored.
        before: of the starting detector.
        before_dev, before_adapt: its EERs on what choices are made by.
        arms: in the study's order.
        against_plain: ours against plain, paired, EER by set; empty without either.
        choices: rate, interpolations, remedy.
        curves: DET curves by set and by arm's name ("before", too).
        links: header lines, as (name, text).
        command, date, version: of this report.
    """

    model: str
    target: str
    custom: str
    is_standin: bool
    counts_differ: str
    parts: tuple[Part, ...]
    drawn: Mapping[str, str]
    left_out: Mapping[str, int]
    before: Figures
    before_dev: float
    before_adapt: float
    arms: tuple[ArmFigures, ...]
    against_plain: Mapping[str, Difference] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    curves: Mapping[str, Mapping[str, DetCurve]] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()
    command: str = ""
    date: str = ""
    version: str = ""

    def arm(self, name: str) -> ArmFigures | None:
        """Find an arm; None if it was not asked for."""
        return next((one for one in self.arms if one.name == name), None)
