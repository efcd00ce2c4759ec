"""A job of fine-tuning: what it is made of, looked through before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from earwitness.config import digest, plain
from earwitness.errors import SettingsError
from earwitness.records import Trial
from earwitness.training import keeping
from earwitness.training.beginning import begin
from earwitness.training.checkpointing import claim
from earwitness.training.fitting_inputs import halved, limited, refuse_lacking, refuse_overlap
from earwitness.training.fitting_module import OnStep
from earwitness.training.fitting_ranks import own_ranks
from earwitness.training.learner import Learner, open_learner
from earwitness.training.logging_curves import Loggers
from earwitness.training.plan import Pool, epoch_steps
from earwitness.training.recipes import FinetuneSettings
from earwitness.weights.store import DEFAULT

CLAIM = "run.txt"


@dataclass(frozen=True)
class Job:
    """What is to be fine-tuned, on what.

    Attributes:
        model: name, folder or checkpoint; "" for the recipe's, or for its network from scratch.
        recipe: settings.
        train: clips to learn.
        dev: clips that choose the epoch; never augmented, cut the same way each time.
        keep: clips that must not be forgotten; scored after every epoch.
        replay: clips that remedies may hear (mixed into batches, listened to by a penalty). Where
            there are none and a remedy needs some, half of ``keep`` is taken, source by source,
            and no longer scored.
        out: folder of the run.
        encoder: file of the pretrained encoder of a network from scratch.
        named: what training hears as PROTOCOL/PARTITION each, for the card.
        threads: of the network's arithmetic.
        workers: processes that make batches, beside this one.
        devices: accelerators of this machine, or processes on its CPU.
        loggers: told of the numbers, beside the CSV.
        cache: folder of decoded sound that several runs may share; None for one in ``out``.
        limit: use so many clips of each part only; None for all.
        save_every: steps after which all is kept that a stopped run goes on from.
        every_epoch: keep the weights of every epoch, not of the best and the last only.
        allow_overlap: the same recordings may be in several parts.
        on_step: told of every step.
    """

    model: str | Path
    recipe: FinetuneSettings
    train: Sequence[Trial]
    dev: Sequence[Trial]
    out: Path
    keep: Sequence[Trial] = ()
    replay: Sequence[Trial] = ()
    encoder: Path | None = None
    named: tuple[str, ...] = ()
    threads: int = 1
    workers: int = 0
    devices: int = 1
    loggers: Loggers = field(default_factory=Loggers)
    cache: Path | None = None
    limit: int | None = None
    save_every: int = 100
    every_epoch: bool = True
    allow_overlap: bool = False
    on_step: OnStep | None = None

    def parts(self) -> dict[str, Sequence[Trial]]:
        """Name the parts."""
        return {"train": self.train, "dev": self.dev, "keep": self.keep, "replay": self.replay}


@dataclass(frozen=True)
class Prepared:
    """A job whose parts were looked through, and whose folder is ours."""

    job: Job
    digest: str


def prepared(job: Job) -> Prepared:
    """Look through a job, and claim its folder.

    Raises:
        ProtocolError: a part is empty, has one label only, or shares recordings with another.
        ModelError: the model is missing, or cannot be trained.
        SettingsError: a setting does not fit, or the folder holds another run.
    """
    job = _with_parts(job)
    given = {name: part for name, part in job.parts().items() if part or name in ("train", "dev")}
    refuse_lacking(given)
    if not job.allow_overlap:
        refuse_overlap(given)
    learner = opened_learner(job)
    window_of(job, learner)
    _refuse_too_large_a_batch(job)
    parts = [[trial.id for trial in part] for part in job.parts().values()]
    ours = digest(_fitted_by(job.recipe), parts, learner.digest, job.devices)
    claim(job.out / CLAIM, ours)
    return Prepared(job, ours)


def _refuse_too_large_a_batch(job: Job) -> None:
    """Draw the first epoch, which needs no sound."""
    recipe = job.recipe
    share = keeping.replayed(keeping.remedies(recipe.keep))
    processes = max(job.devices, own_ranks().ranks)
    rows = recipe.data.batch * recipe.optimiser.accumulate * processes
    pool = Pool(job.train, job.replay, share)
    epoch_steps(pool, recipe.data, rows=rows, seed=recipe.seed, epoch=0)


def _fitted_by(recipe: FinetuneSettings) -> dict[str, Any]:
    """List what changes weights; a setting of later versions counts where it is used."""
    table = plain(replace(recipe, name="", title="", model=""))
    if not recipe.optimiser.last_share:
        del table["optimiser"]["last_share"]
    return table


def opened_learner(job: Job) -> Learner:
    """Open what is fine-tuned, or build what is trained from scratch."""
    model, recipe = job.model or job.recipe.model, job.recipe
    if not model and recipe.network:
        return begin(recipe.network, seed=recipe.seed, encoder=job.encoder)
    if job.encoder is not None:
        raise SettingsError(f"{job.encoder}: only a network from scratch takes an encoder.")
    return open_learner(model or DEFAULT)


def _with_parts(job: Job) -> Job:
    """Take as many clips as were asked for, and see to what remedies may hear."""
    seed, remedies = job.recipe.seed, keeping.remedies(job.recipe.keep)
    keep, replay = list(job.keep), list(job.replay)
    wants_some = any(one.replay or one.prepare is not None for one in remedies)
    if wants_some and keep and not replay:
        replay, keep = halved(keep, seed=0)
    return replace(
        job,
        train=limited(job.train, job.limit, seed=seed),
        dev=limited(job.dev, job.limit, seed=seed),
        keep=limited(keep, job.limit, seed=seed),
        replay=limited(replay, job.limit, seed=seed),
    )


def window_of(job: Job, learner: Learner) -> int:
    """Give the samples of a row.

    Raises:
        SettingsError: it is longer than what the network hears at once.
    """
    length_s, heard_s = job.recipe.data.length_s, learner.window / learner.sample_rate
    if length_s > heard_s:
        raise SettingsError(
            f"length_s ({length_s}) is longer than what {learner.name} hears at once: {heard_s} s."
        )
    return round(length_s * learner.sample_rate) or learner.window
