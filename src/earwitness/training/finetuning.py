"""A detector and clips in, a fine-tuned detector out: the whole run, and what is left of it.

``finetune`` looks through what it was given, decodes the clips into a cache, fits the network by
the recipe, and writes the detector's folder. Called again with the same words it goes on where it
stopped, or gives what it has.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from earwitness.augmentation import chain
from earwitness.config import digest, plain
from earwitness.errors import SettingsError
from earwitness.records import Trial
from earwitness.training import keeping
from earwitness.training.batches import Making
from earwitness.training.beginning import begin
from earwitness.training.checkpointing import Reached, RunFiles, claim
from earwitness.training.clips import Clip
from earwitness.training.cosine_learners import suited
from earwitness.training.fitting_ending import ended
from earwitness.training.fitting_folder import (
    Finished,
    card_of,
    read_finished,
    write_detector,
    write_finished,
)
from earwitness.training.fitting_inputs import halved, limited, refuse_lacking, refuse_overlap
from earwitness.training.fitting_loop import Keeper, restore, run
from earwitness.training.fitting_module import Fitting, OnStep, StepTold, Work, set_dropout
from earwitness.training.fitting_ranks import own_ranks, spread
from earwitness.training.learner import Learner, open_learner
from earwitness.training.listening import Cache, Heard, read_sounds
from earwitness.training.logging_curves import Loggers
from earwitness.training.losses import loss
from earwitness.training.plan import Pool
from earwitness.training.recipes import FinetuneSettings
from earwitness.weights.store import DEFAULT

__all__ = ["Finished", "Job", "StepTold", "finetune"]

CLAIM, CLIPS = "run.txt", "clips"
Tell = Callable[[str], None]


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


def finetune(job: Job, tell: Tell = lambda _line: None) -> Finished:
    """Do the whole job, or what is left of it.

    Args:
        job: what is to be done.
        tell: told in a line what happens now.

    Raises:
        ProtocolError: a part is empty, has one label only, or shares recordings with another.
        ModelError: the model is missing, or cannot be trained.
        SettingsError: a setting does not fit, or the folder holds another run.
        UnreadableAudio: not one clip of a part can be read.
        MissingExtra: a logger is not installed.
    """
    job.loggers.refuse_missing()
    prepared = _prepared(job)
    finished = read_finished(job.out)
    if finished is not None:
        tell(f"{job.out}: this run is done already")
        return finished
    return spread(_on_one_process, prepared, devices=job.devices, tell=tell)


@dataclass(frozen=True)
class _Prepared:
    """A job whose parts were looked through, and whose folder is ours."""

    job: Job
    digest: str


def _prepared(job: Job) -> _Prepared:
    job = _with_parts(job)
    given = {name: part for name, part in job.parts().items() if part or name in ("train", "dev")}
    refuse_lacking(given)
    if not job.allow_overlap:
        refuse_overlap(given)
    learner = _opened(job)
    _window(job, learner)
    parts = [[trial.id for trial in part] for part in job.parts().values()]
    ours = digest(_fitted_by(job.recipe), parts, learner.digest, job.devices)
    claim(job.out / CLAIM, ours)
    return _Prepared(job, ours)


def _fitted_by(recipe: FinetuneSettings) -> dict[str, Any]:
    """List what changes weights; a setting of later versions counts where it is used."""
    table = plain(replace(recipe, name="", title="", model=""))
    if not recipe.optimiser.last_share:
        del table["optimiser"]["last_share"]
    return table


def _opened(job: Job) -> Learner:
    """Open what is fine-tuned, or build what is trained from scratch."""
    model, recipe = job.model or job.recipe.model, job.recipe
    if not model and recipe.network:
        return begin(recipe.network, seed=recipe.seed, encoder=job.encoder)
    if job.encoder is not None:
        raise SettingsError(f"{job.encoder}: only a network from scratch takes an encoder.")
    return open_learner(model or DEFAULT)


def restart(out: Path) -> None:
    """Forget what a folder holds of a run; decoded sound stays.

    Raises:
        SettingsError: the folder holds something that is no run.
    """
    if not (out / CLAIM).exists():
        if out.exists() and any(out.iterdir()):
            raise SettingsError(f"{out}: holds no run of ours, and is left as it is.")
        return
    for path in sorted(out.iterdir()):
        if path.is_dir() and path.name != CLIPS:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


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


def _on_one_process(prepared: _Prepared, tell: Tell) -> Finished:
    """Do what one process of a run has to do; the first one writes and tells."""
    job = prepared.job
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.set_num_threads(job.threads)
    # What is allocated is not filled first: that costs, and nothing reads it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    learner = suited(_opened(job), loss(job.recipe.loss, where=f"{job.recipe.name}: loss"))
    if job.recipe.precision == "fp64":
        learner.network.double()
    heard = _heard(job, learner, tell)
    work = _work(job, learner, heard)
    card = card_of(
        learner, job.recipe, [clip.trial for clip in work.making.clips],
        named=job.named, is_new=bool(job.recipe.network and not (job.model or job.recipe.model)),
    )  # fmt: skip
    keeper = Keeper(RunFiles(job.out), learner, job.save_every)
    fitting = _fitting(job, learner, work, keeper, tell)
    told = plain(job.recipe)
    loggers = job.loggers.built(job.out, name=job.recipe.name, run=prepared.digest, told=told)
    run(fitting, loggers, precision=job.recipe.precision, devices=job.devices)
    finished = Finished(
        job.out, keeper.files.best, fitting.reached.curve,
        fitting.reached.chosen(job.recipe.stopping).epoch,
        unread=tuple(line for one in heard.values() for line in one.unread),
        replayed=tuple(clip.trial.id for clip in heard["replay"].clips),
    )  # fmt: skip
    if work.ranks.is_first:
        finished = ended(finished, fitting, keeper)
        write_detector(keeper.files, job.recipe, card)
        keeper.files.tidy(every_epoch=job.every_epoch, epochs=fitting.reached.epoch)
        write_finished(finished)
    return finished


def _heard(job: Job, learner: Learner, tell: Tell) -> dict[str, Heard]:
    """Read the sound of all parts, and say what could not be read."""
    window = _window(job, learner)
    cache = Cache(
        job.cache or job.out / CLIPS, learner.sample_rate,
        speech_only=job.recipe.data.speech_only, window_s=window / learner.sample_rate,
    )  # fmt: skip
    heard: dict[str, Heard] = {}
    for name, trials in job.parts().items():
        if trials:
            tell(f"reading {len(trials):,} clips: {name}")
        heard[name] = read_sounds(trials, cache)
        if heard[name].unread:
            count = len(heard[name].unread)
            tell(f"not readable, and left out: {count:,} of {len(trials):,} clips: {name}")
    refuse_lacking({n: [c.trial for c in h.clips] for n, h in heard.items() if h.clips})
    return heard


def _window(job: Job, learner: Learner) -> int:
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


def _work(job: Job, learner: Learner, heard: Mapping[str, Heard]) -> Work:
    recipe = job.recipe
    effects = chain(recipe.augmentation, where=f"{recipe.name}: augmentation")
    remedies = keeping.remedies(recipe.keep, where=f"{recipe.name}: keep")
    share = keeping.replayed(remedies)

    def making(clips: Sequence[Clip]) -> Making:
        return Making(clips, recipe.data, _window(job, learner), learner.sample_rate, effects)

    learned, replayed = heard["train"].clips, heard["replay"].clips
    mixed = replayed if share else ()
    return Work(
        recipe=recipe,
        loss=loss(recipe.loss, where=f"{recipe.name}: loss"),
        remedies=remedies,
        pool=Pool([clip.trial for clip in learned], [clip.trial for clip in mixed], share),
        making=making((*learned, *mixed)),
        dev=making(heard["dev"].clips),
        keep=making(heard["keep"].clips) if job.keep else None,
        held=making(replayed).plain() if replayed else None,
        ranks=own_ranks(),
        workers=job.workers,
    )


def _fitting(job: Job, learner: Learner, work: Work, keeper: Keeper, tell: Tell) -> Fitting:
    network, recipe = learner.network, job.recipe
    _lay_channels_last(network)
    start = copy.deepcopy(network)
    torch.manual_seed(recipe.seed)  # adapters begin at random
    keeping.adapt(network, work.remedies)
    if recipe.dropout is not None:
        set_dropout(network, recipe.dropout)

    def on_reached(fitting: Fitting, reached: Reached) -> None:
        keeper.reached(fitting, reached)
        if not reached.step and work.ranks.is_first:
            tell(_line(reached, recipe.epochs))

    on_step = job.on_step if work.ranks.is_first else None
    fitting = Fitting(network, start, work, on_step=on_step, on_reached=on_reached)
    restore(fitting, keeper)
    if fitting.reached.curve:
        tell(f"going on after {fitting.reached.epoch} epochs and {fitting.reached.step} steps")
    return fitting


def _line(reached: Reached, epochs: int) -> str:
    row = reached.curve[-1]
    head = f"epoch {row.epoch} of {epochs}" if row.epoch else "before"
    train = "" if row.train_loss is None else f"train loss {row.train_loss:.4f}, "
    keep = "" if row.keep_eer is None else f", EER of the keep set {row.keep_eer:.1%}"
    return f"{head}: {train}dev loss {row.dev_loss:.4f}, dev EER {row.dev_eer:.1%}{keep}"


def _lay_channels_last(network: nn.Module) -> None:
    """Change how weights lie in memory, not what they are: convolutions are up to twice as fast."""
    for weight in network.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.clone(memory_format=torch.channels_last)
