"""A detector and clips in, a fine-tuned detector out: the whole run, and what is left of it.

``finetune`` looks through what it was given, decodes the clips into a cache, fits the network by
the recipe, and writes the detector's folder. Called again with the same words it goes on where it
stopped, or gives what it has.
"""

from __future__ import annotations

import copy
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from earwitness.augmentation import chain
from earwitness.config import plain
from earwitness.errors import SettingsError
from earwitness.training import keeping
from earwitness.training.batches import Making
from earwitness.training.checkpointing import Reached, RunFiles
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
from earwitness.training.fitting_inputs import refuse_lacking
from earwitness.training.fitting_job import (
    CLAIM,
    Job,
    Prepared,
    opened_learner,
    prepared,
    window_of,
)
from earwitness.training.fitting_loop import Keeper, restore, run
from earwitness.training.fitting_module import Fitting, StepTold, Work, set_dropout
from earwitness.training.fitting_ranks import own_ranks, spread
from earwitness.training.learner import Learner
from earwitness.training.listening import Cache, Heard, OnClip, read_sounds
from earwitness.training.losses import loss
from earwitness.training.plan import Pool

__all__ = ["Finished", "Job", "StepTold", "finetune"]

CLIPS = "clips"
READING_S = 15.0  # between two lines
Tell = Callable[[str], None]


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
    ready = prepared(job)
    finished = read_finished(job.out)
    if finished is not None:
        tell(f"{job.out}: this run is done already")
        return finished
    return spread(_on_one_process, ready, devices=job.devices, tell=tell)


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


def _on_one_process(ready: Prepared, tell: Tell) -> Finished:
    """Do what one process of a run has to do; the first one writes and tells."""
    job = ready.job
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.set_num_threads(job.threads)
    # What is allocated is not filled first: that costs, and nothing reads it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    learner = suited(opened_learner(job), loss(job.recipe.loss, where=f"{job.recipe.name}: loss"))
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
    loggers = job.loggers.built(job.out, name=job.recipe.name, run=ready.digest, told=told)
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
    window = window_of(job, learner)
    cache = Cache(
        job.cache or job.out / CLIPS, learner.sample_rate,
        speech_only=job.recipe.data.speech_only, window_s=window / learner.sample_rate,
    )  # fmt: skip
    heard: dict[str, Heard] = {}
    for name, trials in job.parts().items():
        if trials:
            tell(f"reading {len(trials):,} clips: {name}")
        heard[name] = read_sounds(trials, cache, on_clip=_counting(tell, name))
        if heard[name].unread:
            count = len(heard[name].unread)
            tell(f"not readable, and left out: {count:,} of {len(trials):,} clips: {name}")
    refuse_lacking({n: [c.trial for c in h.clips] for n, h in heard.items() if h.clips})
    return heard


def _counting(tell: Tell, name: str) -> OnClip:
    """Tell how far the reading of a large part is, now and then."""
    said_s = time.monotonic()

    def on_clip(done: int, total: int) -> None:
        nonlocal said_s
        if time.monotonic() - said_s > READING_S:
            said_s = time.monotonic()
            tell(f"reading {name}: {done:,} of {total:,}")

    return on_clip


def _work(job: Job, learner: Learner, heard: Mapping[str, Heard]) -> Work:
    recipe = job.recipe
    effects = chain(recipe.augmentation, where=f"{recipe.name}: augmentation")
    remedies = keeping.remedies(recipe.keep, where=f"{recipe.name}: keep")
    share = keeping.replayed(remedies)

    def making(clips: Sequence[Clip]) -> Making:
        return Making(clips, recipe.data, window_of(job, learner), learner.sample_rate, effects)

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
