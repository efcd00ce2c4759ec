"""The steps that take time: fit a network, hear clips with one, blend two. Each can be repeated.

A step runs in a process of its own. What it leaves appears whole, and where it is there already
the step is done; a step that was killed goes on where its parts can (epochs, clips).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from earwitness import detector
from earwitness.evaluation.records import Scored, Unread
from earwitness.evaluation.score_files import join, score_rows
from earwitness.evaluation.scoring import score_trials
from earwitness.records import Trial
from earwitness.study.arms import KNOWN, recipe_of
from earwitness.study.measuring import own_eer
from earwitness.study.places import Places, read_json, write_json, write_text

Tell: TypeAlias = Callable[[str], None]
Reached: TypeAlias = Callable[[float], None]
Sets: TypeAlias = Mapping[str, tuple[Trial, ...]]
Wandb: TypeAlias = Literal["online", "offline", "off"]
TRAIN, MIX = "train", "mix"
DEV, CHOOSE, TEST, EVAL = "dev", "choose", "test", "eval"
TO_CHOOSE, TO_REPORT = (DEV, CHOOSE), (TEST, EVAL)
# In clips that are heard as evaluate hears them: read, searched for speech, cut into windows. What
# training costs depends on the network; these are for ours. Progress is estimated by them, no more.
LEARNED, WATCHED = 1.0, 0.3


@dataclass(frozen=True)
class Subject:
    """What a study is about.

    Attributes:
        model: the starting detector.
        places: the study's folder.
        sets: clips by what they serve for.
        kin: of each set that is measured, the columns by which clips belong together.
        threads: for one process.
        wandb: whether trainings are logged to Weights & Biases, too.
    """

    model: str
    places: Places
    sets: Sets
    kin: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    threads: int = 1
    wandb: Wandb = "off"


class Task(Protocol):
    """A step."""

    @property
    def name(self) -> str:
        """Name it for people."""

    @property
    def cost(self) -> float:
        """Say what it costs, in clips heard."""

    def is_done(self) -> bool:
        """Say whether what it leaves is there."""

    def do(self, tell: Tell, reached: Reached) -> None:
        """Do it, saying lines and which share of it is done."""


@dataclass(frozen=True)
class Hear:
    """Have a detector answer sets of clips.

    Attributes:
        subject: the study.
        called: who it is, for people.
        model: name or folder of the detector.
        run: folder whose ``scores`` are filled.
        asked: names of the sets.
    """

    subject: Subject
    called: str
    model: str
    run: Path
    asked: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name it for people."""
        return f"{self.called}: hear {' and '.join(self.asked)}"

    @property
    def cost(self) -> float:
        """Say what it costs, in clips heard."""
        return float(sum(len(self.subject.sets[name]) for name in self.asked))

    def is_done(self) -> bool:
        """Say whether all scores are there."""
        return all(self.subject.places.scores(self.run, name).exists() for name in self.asked)

    def do(self, tell: Tell, reached: Reached) -> None:
        """Hear what was not heard yet."""
        del tell, reached
        for name in self.asked:
            file = self.subject.places.scores(self.run, name)
            hear(self.model, self.subject.sets[name], file, threads=self.subject.threads)


@dataclass(frozen=True)
class Fit:
    """Fine-tune, and hear what choices are made by.

    Attributes:
        subject: the study.
        arm: whose recipe it is.
        run: name of the run's folder.
        seed: of the run.
        rate: the learning rate; None for the one that was chosen (or the recipe's own, as
            published).
    """

    subject: Subject
    arm: str
    run: str
    seed: int
    rate: float | None = None

    @property
    def name(self) -> str:
        """Name it for people."""
        rate = f" at {self.rate:g}" if self.rate is not None else ""
        return f"{KNOWN[self.arm].title}{rate}, seed {self.seed}: fine-tune"

    @property
    def folder(self) -> Path:
        """Where it leaves everything."""
        return self.subject.places.run(self.run, self.seed)

    @property
    def cost(self) -> float:
        """Say what it costs, in clips heard."""
        sets, epochs = (
            self.subject.sets,
            recipe_of(KNOWN[self.arm], seed=self.seed, rate=None).epochs,
        )
        watched = len(sets[DEV]) + len(sets[CHOOSE])
        each_epoch = LEARNED * len(sets[TRAIN]) + WATCHED * watched
        return epochs * each_epoch + sum(len(sets[name]) for name in TO_CHOOSE)

    def is_done(self) -> bool:
        """Say whether it was fitted and heard."""
        return (self.folder / RESULT).exists() and self._hearing().is_done()

    def do(self, tell: Tell, reached: Reached) -> None:
        """Fit it (a run that was stopped goes on), then hear."""
        if not (self.folder / RESULT).exists():
            self._fit(tell, reached)
        self._hearing().do(tell, reached)

    def _fit(self, tell: Tell, reached: Reached) -> None:
        from earwitness.training.finetuning import Job, StepTold, finetune
        from earwitness.training.logging_curves import Loggers

        def on_step(told: StepTold) -> None:
            reached((told.epoch - 1 + told.step / told.steps) / told.epochs)

        subject = self.subject
        recipe = recipe_of(KNOWN[self.arm], seed=self.seed, rate=self.rate)
        job = Job(
            model=subject.model, recipe=recipe, train=subject.sets[TRAIN], dev=subject.sets[DEV],
            keep=subject.sets[CHOOSE], replay=subject.sets[MIX], out=self.folder,
            threads=subject.threads, loggers=Loggers(tensorboard=False, wandb=subject.wandb),
            cache=subject.places.out / CLIPS, every_epoch=False, on_step=on_step,
        )  # fmt: skip
        found = finetune(job, tell)
        rows = [
            {"epoch": row.epoch, "train_loss": row.train_loss, "dev_loss": row.dev_loss,
             "dev_eer": row.dev_eer, "keep_eer": row.keep_eer}
            for row in found.curve
        ]  # fmt: skip
        table = {"rate": recipe.optimiser.rate, "chosen_epoch": found.chosen_epoch, "curve": rows}
        write_json(self.folder / RESULT, table)

    def _hearing(self) -> Hear:
        folder = self.folder / "detector"
        return Hear(self.subject, self.name, str(folder), self.folder, TO_CHOOSE)


RESULT, ALPHAS, CLIPS = "result.json", "alphas.json", "clips"
FITTED = "fitted"  # key of the run that was blended with the start


@dataclass(frozen=True)
class Try:
    """Hear networks between the start and one that was fitted, for every share of the new one.

    Attributes:
        subject: the study.
        called: whose network it is.
        fitted: folder of its run.
        seed: of the run.
        run: folder in which the figures are kept.
        alphas: shares of the new network.
    """

    subject: Subject
    called: str
    fitted: Path
    seed: int
    run: Path
    alphas: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name it for people."""
        return f"{self.called}, seed {self.seed}: hear interpolations"

    @property
    def cost(self) -> float:
        """Say what it costs, in clips heard."""
        return float(len(self.alphas) * sum(len(self.subject.sets[name]) for name in TO_CHOOSE))

    def is_done(self) -> bool:
        """Say whether every share of this network was heard."""
        return is_of(self.run / ALPHAS, self._fitted())

    def do(self, tell: Tell, reached: Reached) -> None:
        """Blend, hear, keep the EERs, and let go of the network."""
        from earwitness.training.blending import blend

        trying = self.run / "trying" / self._fitted().replace("/", "-")
        rows = {}
        for number, alpha in enumerate(self.alphas):
            reached(number / len(self.alphas))
            folder = trying / f"alpha-{alpha:g}"
            hearing = Hear(self.subject, self.called, str(folder / "detector"), folder, TO_CHOOSE)
            if not hearing.is_done():
                blend(self.subject.model, self.fitted / "detector", alpha, folder / "detector")
                hearing.do(tell, reached)
            shutil.rmtree(folder / "detector", ignore_errors=True)
            rows[f"{alpha:g}"] = {
                name: own_eer(results(self.subject, folder, name)) for name in TO_CHOOSE
            }
        write_json(self.run / ALPHAS, {FITTED: self._fitted(), "eers": rows})

    def _fitted(self) -> str:
        return self.fitted.relative_to(self.subject.places.out).as_posix()


@dataclass(frozen=True)
class Report:
    """Hear what is only reported, once; a blended arm's network is made first.

    Attributes:
        subject: the study.
        called: whose network it is.
        run: its folder.
        seed: of the run.
        fitted: folder of the run that is blended with the start; None for a run of its own.
        alpha: share of that run's network.
    """

    subject: Subject
    called: str
    run: Path
    seed: int
    fitted: Path | None = None
    alpha: float = 1.0

    @property
    def name(self) -> str:
        """Name it for people."""
        return f"{self.called}, seed {self.seed}: hear what is reported"

    @property
    def cost(self) -> float:
        """Say what it costs, in clips heard."""
        return self._hearing().cost

    def is_done(self) -> bool:
        """Say whether it was heard with what was chosen."""
        return self._hearing().is_done() and self._is_blended()

    def do(self, tell: Tell, reached: Reached) -> None:
        """Blend if need be, and hear."""
        if not self._is_blended():
            from earwitness.training.blending import blend

            assert self.fitted is not None
            (self.run / RESULT).unlink(missing_ok=True)
            shutil.rmtree(self.run / "scores", ignore_errors=True)
            blend(self.subject.model, self.fitted / "detector", self.alpha, self.run / "detector")
            write_json(self.run / RESULT, self._made_of())
        self._hearing().do(tell, reached)

    def _hearing(self) -> Hear:
        asked = TO_REPORT if self.fitted is None else (*TO_CHOOSE, *TO_REPORT)
        return Hear(self.subject, self.called, str(self.run / "detector"), self.run, asked)

    def _made_of(self) -> dict[str, object]:
        assert self.fitted is not None
        place = self.fitted.relative_to(self.subject.places.out).as_posix()
        return {FITTED: place, "alpha": self.alpha}

    def _is_blended(self) -> bool:
        if self.fitted is None:
            return True
        file = self.run / RESULT
        return file.exists() and read_json(file) == self._made_of()


def hear(model: str, trials: tuple[Trial, ...], file: Path, *, threads: int) -> None:
    """Score trials as ``earwitness evaluate`` does, into a score file; a killed hearing goes on."""
    if file.exists():
        return
    journal = file.with_suffix(".jsonl")
    heard = list(score_trials(detector.load(model, threads=threads), trials, journal=journal))
    write_text(file, "".join(score_rows(heard)))
    journal.unlink(missing_ok=True)


def is_of(file: Path, fitted: str) -> bool:
    """Say whether a table is there and is about this run."""
    return file.exists() and read_json(file)[FITTED] == fitted


def results(subject: Subject, run: Path, asked: str) -> tuple[Scored | Unread, ...]:
    """Read what a run's detector said of a set of clips."""
    return join(subject.places.scores(run, asked), subject.sets[asked])
