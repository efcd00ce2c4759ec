"""A study, step by step: this is the page to start from.

1. Count for-2seconds and divide the custom set.
2. Hear both with the starting detector.
3. Fine-tune as published, and with other learning rates; choose one on the validation part.
4. Fine-tune with each remedy, for every seed; choose one on validation and custom-adapt.
5. Interpolate plain, then the remedy that won, with the start; choose as the remedy was chosen.
6. Only then hear the testing part and custom-eval, once for every arm and seed, and report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from earwitness.evaluation.journal import hash_of_trials
from earwitness.evaluation.questions import Questions
from earwitness.study import arms as known_arms
from earwitness.study import choosing, splitting, tables
from earwitness.study.arms import ALPHAS, INTERPOLATED, KNOWN, OURS, PLAIN, PUBLISHED
from earwitness.study.choosing import Merit
from earwitness.study.claiming import alone, claim
from earwitness.study.inputs import Target, read_custom, read_target
from earwitness.study.measuring import own_eer
from earwitness.study.places import Places, read_json, write_json
from earwitness.study.splitting import CHOOSE, EVAL, MIX, Split
from earwitness.study.tasks import (
    ALPHAS as ALPHAS_FILE,
)
from earwitness.study.tasks import (
    DEV,
    TEST,
    TO_CHOOSE,
    TO_REPORT,
    TRAIN,
    Fit,
    Hear,
    Report,
    Subject,
    Task,
    Try,
    results,
)
from earwitness.study.wishes import Wishes
from earwitness.study.working import Meter, work
from earwitness.weights import store

SPLIT_SEED = 1
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """What is known before anything is heard."""

    wishes: Wishes
    target: Target
    custom: Questions
    split: Split
    subject: Subject
    arms: tuple[known_arms.Arm, ...]

    @property
    def seeds(self) -> range:
        """List the seeds."""
        return range(1, self.wishes.seeds + 1)

    def has(self, arm: str) -> bool:
        """Say whether an arm is wanted."""
        return any(one.name == arm for one in self.arms)


@dataclass
class Study:
    """The steps of a study.

    Attributes:
        prepared: what it is about.
        tell: says a line.
    """

    prepared: Prepared
    tell: Tell
    meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = Meter(sum(self._left()), self.tell)

    def run(self) -> None:
        """Do all that is not done."""
        self._work(self._befores())
        self._work(self._searches())
        self._choose_rate()
        self._work(self._fits())
        if self.prepared.has(INTERPOLATED):
            self._work(self._tries(INTERPOLATED))
            self._choose_alpha(INTERPOLATED)
        if self.prepared.has(OURS):
            self._choose_remedy()
            self._work(self._tries(OURS))
            self._choose_alpha(OURS)
        self._work(self._reports())

    def _work(self, tasks: Sequence[Task]) -> None:
        self.meter.total = self.meter.done + sum(self._left())
        work(tasks, processes=self.prepared.wishes.processes, meter=self.meter)

    def _left(self) -> Iterator[float]:
        """Say what everything costs that is not done; guess what waits for a choice."""
        is_chosen = self.prepared.subject.places.choice("rate").exists()
        for task in (*self._befores(), *self._searches(), *self._fits(is_guess=not is_chosen)):
            if not task.is_done():
                yield task.cost
        for arm in self.prepared.arms:
            for seed in self.prepared.seeds:
                yield from self._left_of(arm.name, seed, is_chosen=is_chosen)

    def _left_of(self, arm: str, seed: int, *, is_chosen: bool) -> Iterator[float]:
        """Say what it costs to blend and to report one run, as far as that is not done."""
        subject = self.prepared.subject
        if arm in (INTERPOLATED, OURS):
            tried = subject.places.run(arm, seed) / ALPHAS_FILE
            to_choose = sum(len(subject.sets[name]) for name in TO_CHOOSE)
            yield 0.0 if tried.exists() else float(len(ALPHAS) * to_choose)
        if arm in (INTERPOLATED, OURS) or is_chosen:
            run = self.folder(arm, seed)
            if all(subject.places.scores(run, name).exists() for name in TO_REPORT):
                return
        yield float(sum(len(subject.sets[name]) for name in TO_REPORT))

    # ---- the steps -------------------------------------------------------------------------

    def _befores(self) -> list[Task]:
        subject = self.prepared.subject
        return [
            Hear(subject, "before", subject.model, subject.places.before(), (name,))
            for name in (*TO_CHOOSE, *TO_REPORT)
        ]

    def _searches(self) -> list[Task]:
        """One run for each rate; that of the published rate is the published arm's first."""
        subject, first = self.prepared.subject, self.prepared.seeds[0]
        return [
            Fit(subject, PUBLISHED, PUBLISHED, first),
            *(
                Fit(subject, PLAIN, _rate_run(rate), first, rate)
                for rate in self.prepared.wishes.rates
                if rate != self._published_rate()
            ),
        ]

    def _fits(self, *, is_guess: bool = False) -> list[Task]:
        rate = self.prepared.wishes.rates[-1] if is_guess else self.rate()
        found: dict[Path, Task] = {}  # arms may share a run
        for seed in self.prepared.seeds:
            for arm in known_arms.TRAINED:
                run = self.run_of(arm.name, seed, rate)
                if self.prepared.has(arm.name):
                    folder = self.prepared.subject.places.run(run, seed)
                    found[folder] = self._fit(arm.name, run, seed, rate)
        return list(found.values())

    def _fit(self, arm: str, run: str, seed: int, rate: float) -> Task:
        if run == PUBLISHED:
            return Fit(self.prepared.subject, PUBLISHED, run, seed)
        return Fit(self.prepared.subject, arm, run, seed, rate)

    def _tries(self, arm: str) -> list[Task]:
        subject = self.prepared.subject
        return [
            Try(
                subject, KNOWN[arm].title, self.fitted(arm, seed), seed,
                subject.places.run(arm, seed), ALPHAS,
            )
            for seed in self.prepared.seeds
        ]  # fmt: skip

    def _reports(self) -> list[Task]:
        found: dict[Path, Task] = {}  # arms may share a run
        for arm in self.prepared.arms:
            for seed in self.prepared.seeds:
                run = self.folder(arm.name, seed)
                blended: tuple[Path, float] | tuple[()] = ()
                if arm.name in (INTERPOLATED, OURS):
                    blended = self.fitted(arm.name, seed), self.alpha(arm.name)
                found[run] = Report(self.prepared.subject, arm.title, run, seed, *blended)
        return list(found.values())

    # ---- the choices -----------------------------------------------------------------------

    def _choose_rate(self) -> None:
        first = self.prepared.seeds[0]
        eers = {
            rate: self.eer(self.prepared.subject.places.run(self._search_run(rate), first), DEV)
            for rate in self.prepared.wishes.rates
        }
        rate = choosing.choose_rate(eers)
        table = {"rate": rate, "dev_eer": {f"{one:g}": eer for one, eer in eers.items()}}
        write_json(self.prepared.subject.places.choice("rate"), table)
        self.meter.says(f"learning rate {rate:g}: validation EER {100 * eers[rate]:.1f} %")

    def _choose_alpha(self, arm: str) -> None:
        """Choose the share of new weights for all seeds alike, by the same rule as the remedy."""
        places, seeds = self.prepared.subject.places, self.prepared.seeds
        rows = [read_json(places.run(arm, seed) / ALPHAS_FILE)["eers"] for seed in seeds]
        candidates = {
            f"{alpha:g}": Merit(
                *(float(np.mean([row[f"{alpha:g}"][name] for row in rows])) for name in TO_CHOOSE)
            )
            for alpha in ALPHAS
        }
        whole = [self.fitted(arm, seed) for seed in seeds]
        candidates["1"] = self._merit(whole)
        found = choosing.choose(candidates, self.merit_before(), self.merit(PLAIN))
        table = {
            "alpha": float(found.name), "reason": found.reason,
            "eers": {name: {DEV: one.dev, CHOOSE: one.adapt} for name, one in candidates.items()},
        }  # fmt: skip
        write_json(places.choice(arm), table)
        self.meter.says(f"{KNOWN[arm].title}: {100 * float(found.name):.0f} % new weights")

    def _choose_remedy(self) -> None:
        trained = [arm.name for arm in known_arms.TRAINED if self.prepared.has(arm.name)]
        candidates = {name: self.merit(name) for name in choosing.remedies(trained)}
        found = choosing.choose(candidates, self.merit_before(), self.merit(PLAIN))
        table = {
            "arm": found.name, "reason": found.reason,
            "eers": {name: {DEV: one.dev, CHOOSE: one.adapt} for name, one in candidates.items()},
        }  # fmt: skip
        write_json(self.prepared.subject.places.choice("remedy"), table)
        self.meter.says(f"the remedy that won: {KNOWN[found.name].title}")

    # ---- where things are ------------------------------------------------------------------

    def rate(self) -> float:
        """Give the rate that was chosen."""
        return float(read_json(self.prepared.subject.places.choice("rate"))["rate"])

    def alpha(self, arm: str) -> float:
        """Give the share of new weights that was chosen for a blended arm."""
        return float(read_json(self.prepared.subject.places.choice(arm))["alpha"])

    def remedy(self) -> str:
        """Give the arm that ours is made of."""
        return str(read_json(self.prepared.subject.places.choice("remedy"))["arm"])

    def fitted(self, arm: str, seed: int) -> Path:
        """Give the run that a blended arm is made of."""
        made_of = PLAIN if arm == INTERPOLATED else self.remedy()
        return self.folder(made_of, seed)

    def folder(self, arm: str, seed: int) -> Path:
        """Give the folder of an arm's run."""
        name = arm if arm in (INTERPOLATED, OURS) else self.run_of(arm, seed, self.rate())
        return self.prepared.subject.places.run(name, seed)

    def run_of(self, arm: str, seed: int, rate: float) -> str:
        """Name the run of an arm: plain's first seed was trained when its rate was looked for."""
        if arm != PLAIN:
            return arm
        if rate == self._published_rate():
            return PUBLISHED
        return _rate_run(rate) if seed == self.prepared.seeds[0] else PLAIN

    def _search_run(self, rate: float) -> str:
        return PUBLISHED if rate == self._published_rate() else _rate_run(rate)

    def _published_rate(self) -> float:
        recipe = known_arms.recipe_of(KNOWN[PUBLISHED], seed=1, rate=None)
        return recipe.optimiser.rate

    # ---- what choices are made by ----------------------------------------------------------

    def merit(self, arm: str) -> Merit:
        """Give the means over seeds of an arm on what may be used."""
        return self._merit([self.folder(arm, seed) for seed in self.prepared.seeds])

    def merit_before(self) -> Merit:
        """Give the same of the starting detector."""
        return self._merit([self.prepared.subject.places.before()])

    def _merit(self, runs: Sequence[Path]) -> Merit:
        return Merit(*(float(np.mean([self.eer(run, name) for run in runs])) for name in TO_CHOOSE))

    def eer(self, run: Path, asked: str) -> float:
        """Give the EER of one run on one set."""
        return own_eer(results(self.prepared.subject, run, asked))


def run(wishes: Wishes, tell: Tell) -> Study:
    """Do a study, or go on with it; whoever reports reads what it leaves.

    Args:
        wishes: what is asked.
        tell: says a line.

    Raises:
        ProtocolError: a data set is not what it should be.
        SettingsError: the folder belongs to another study, or an arm is not known.
        ModelError: the detector is missing, or cannot be trained.
    """
    with alone(wishes.out):
        study = Study(prepare(wishes, tell), tell)
        study.run()
    return study


def prepare(wishes: Wishes, tell: Tell) -> Prepared:
    """Read and divide the data sets, and claim the folder."""
    arms = known_arms.chosen(wishes.arms)
    known_arms.refuse_missing_extras(wishes.wandb)
    weights = _sha256(wishes.model)
    target = read_target(wishes.target, accepts_counts=wishes.accepts_counts)
    custom = read_custom(wishes.custom)
    splitting.split(custom.trials, custom.kin, seed=SPLIT_SEED)  # refused before a clip is heard
    places = Places(wishes.out)
    claim(
        places,
        {
            "target": hash_of_trials((*target.train, *target.dev, *target.test)),
            "custom": hash_of_trials(custom.trials),
            "model": weights,
            "split_seed": SPLIT_SEED,
        },
    )
    pairs = tables.kin_pairs_of(places, custom.trials, tell)
    split = splitting.split(custom.trials, custom.kin, seed=SPLIT_SEED, pairs=pairs)
    tables.write(places, custom.trials, split)
    subject = _subject(wishes, places, target, custom, split)
    prepared = Prepared(wishes, target, custom, split, subject, arms)
    for line in tables.told(prepared.target, prepared.custom.trials, split):
        tell(line)
    return prepared


def _subject(
    wishes: Wishes, places: Places, target: Target, custom: Questions, split: Split
) -> Subject:
    sources = (split.column,) if split.column else ()
    return Subject(
        model=wishes.model,
        places=places,
        sets={
            TRAIN: target.train, DEV: target.dev, TEST: target.test,
            MIX: split.of(custom.trials, MIX), CHOOSE: split.of(custom.trials, CHOOSE),
            EVAL: split.of(custom.trials, EVAL),
        },
        kin={DEV: target.kin, TEST: target.kin, CHOOSE: sources, EVAL: sources},
        wandb=wishes.wandb,
    )  # fmt: skip


def _sha256(model: str) -> str:
    """Give the hash of a detector's weights."""
    place = store.here(model)
    if not store.is_checkpoint(place):
        return store.locate(place).card.sha256
    store.refuse_no_weights(Path(place))
    return store.sha256_of(Path(place))


def _rate_run(rate: float) -> str:
    return f"plain-at-{rate:g}"
