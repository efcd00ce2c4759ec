"""``finetune`` and ``train``: open what was named, fit, and say what was gained and lost."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import _exits
from earwitness.apps.cli._finetuned import Ends, Watched, conclude, listen_before
from earwitness.apps.cli._finetuning_data import asked, dev_of
from earwitness.apps.cli._finetuning_wishes import Wishes
from earwitness.errors import MissingExtra
from earwitness.evaluation.questions import Questions
from earwitness.reporting import clock, visible
from earwitness.reporting.finetunings import reports
from earwitness.runtimes.processor import keep_memory
from earwitness.training.fitting_inputs import limited
from earwitness.training.recipes import FinetuneSettings, read_recipe
from earwitness.weights.store import DEFAULT

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from earwitness.apps.cli._finetuning_few import Few
    from earwitness.training.finetuning import Finished, Job, StepTold

FEW = "few"  # the recipe of --few
EVERY_S = 30.0  # between two lines, where no terminal shows a bar


def run(wishes: Wishes) -> None:
    """Do all of it; ends with ``_exits.UNREADABLE`` if a clip could not be read."""
    recipe = _recipe(wishes)
    parts = _opened(wishes)
    few = _split(wishes, recipe, parts) if wishes.few else None
    if few is not None:
        recipe = few.recipe
    out = wishes.out or Path("finetuned") / recipe.name
    with _talking(wishes) as told:
        job = _job(wishes, recipe, parts, out, told)
        if not told.is_first:
            _fine_tuned(job, told)
            return
        ends = Ends(
            model=job.model, out=out, watched=_watched(parts), command=wishes.repeated(),
            threads=wishes.threads, is_quiet=wishes.quiet,
        )  # fmt: skip
        if not recipe.network:
            listen_before(ends)
        finished = _fine_tuned(job, told)
    _answer(wishes, ends, finished, recipe, few)
    if finished.unread:
        raise click.exceptions.Exit(_exits.UNREADABLE)


def _recipe(wishes: Wishes) -> FinetuneSettings:
    """Read the recipe, and put in what was asked for instead of it."""
    named = wishes.recipe or (FEW if wishes.few else None)
    recipe = FinetuneSettings() if named is None else read_recipe(named)
    if wishes.rate is not None:
        recipe = replace(recipe, optimiser=replace(recipe.optimiser, rate=wishes.rate))
    return replace(
        recipe,
        epochs=recipe.epochs if wishes.epochs is None else wishes.epochs,
        seed=recipe.seed if wishes.seed is None else wishes.seed,
        precision=wishes.precision or recipe.precision,
    )


def _split(wishes: Wishes, recipe: FinetuneSettings, parts: dict[str, Questions]) -> Few:
    """Split few clips, and fit the recipe to how many they are."""
    try:
        from earwitness.apps.cli._finetuning_few import split
    except ModuleNotFoundError as exc:
        raise MissingExtra("Training", extra="train") from exc
    model = wishes.model or recipe.model or DEFAULT
    few = split(parts["train"], recipe, model, epochs=wishes.epochs)
    parts |= {"train": few.learned, "dev": few.held}
    return few


def _opened(wishes: Wishes) -> dict[str, Questions]:
    """Open the data sets, as much of each as was asked for; few clips are split later."""
    assert wishes.train is not None
    parts = {"train": asked(wishes.train, "train", protocol=wishes.protocol)}
    if not wishes.few:
        dev = wishes.dev or dev_of(wishes.train, protocol=wishes.protocol)
        parts["dev"] = asked(dev, "dev", protocol=wishes.protocol)
    if wishes.keep is not None:
        parts["keep"] = asked(wishes.keep, None, protocol=wishes.protocol)
    return {name: _limited(part, wishes.limit) for name, part in parts.items()}


def _limited(part: Questions, limit: int | None) -> Questions:
    return replace(part, trials=tuple(limited(part.trials, limit, seed=0)))


def _watched(parts: dict[str, Questions]) -> tuple[Watched, ...]:
    roles = {"dev": Watched(parts["dev"], "target")}
    if "keep" in parts:
        roles["keep"] = Watched(parts["keep"], "keep")
    return tuple(roles.values())


def _job(
    wishes: Wishes, recipe: FinetuneSettings, parts: dict[str, Questions], out: Path, told: _Told
) -> Job:
    try:
        from earwitness.training.finetuning import Job
        from earwitness.training.finetuning import restart as forget
        from earwitness.training.fitting_ranks import own_ranks
        from earwitness.training.logging_curves import Loggers
    except ModuleNotFoundError as exc:
        raise MissingExtra("Training", extra="train") from exc
    loggers = Loggers(wandb=wishes.wandb)
    loggers.refuse_missing()
    if wishes.restart:
        if own_ranks().ranks > 1:
            raise click.UsageError(f"--restart is for one process: delete {out} instead.")
        forget(out)
    keep_memory()
    train = parts["train"]
    return Job(
        model=wishes.model or recipe.model or ("" if recipe.network else DEFAULT),
        recipe=recipe,
        train=train.trials,
        dev=parts["dev"].trials,
        # Epochs of few clips are short: to score a keep-set after each would take longer than all.
        keep=parts["keep"].trials if "keep" in parts and not wishes.few else (),
        out=out,
        named=(f"{train.protocol}/{train.partition}",),
        encoder=wishes.encoder,
        threads=wishes.threads,
        workers=wishes.workers,
        devices=wishes.devices,
        loggers=loggers,
        cache=wishes.cache,
        allow_overlap=wishes.allow_overlap,
        on_step=told.step,
    )


def _fine_tuned(job: Job, told: _Told) -> Finished:
    from earwitness.training.finetuning import finetune

    return finetune(job, told.line)


def _answer(
    wishes: Wishes, ends: Ends, finished: Finished, recipe: FinetuneSettings, few: Few | None
) -> None:
    """Say what came of it, on standard output."""
    if recipe.network:
        row = finished.curve[finished.chosen_epoch]
        table = {"detector": str(finished.detector), "chosen_epoch": row.epoch}
        figures = {"dev_loss": row.dev_loss, "dev_eer": row.dev_eer}
        lines = [
            f"{finished.detector}: epoch {row.epoch}, dev loss {row.dev_loss:.4f}, "
            f"dev EER {row.dev_eer:.1%}"
        ]
        click.echo(json.dumps({**table, **figures}) if wishes.as_json else "\n".join(lines))
        return
    told = conclude(ends, finished, recipe=recipe.name)
    if few is not None:
        from earwitness.apps.cli._finetuning_few import calibrate

        told = calibrate(told, few, ends, finished)
    if wishes.as_json:
        click.echo(json.dumps({"detector": str(finished.detector), **reports.as_table(told)}))
        return
    for line in reports.as_lines(told):
        click.echo(line)


@contextmanager
def _talking(wishes: Wishes) -> Iterator[_Told]:
    from earwitness.training.fitting_ranks import own_ranks

    told = _Told(is_quiet=wishes.quiet, is_first=own_ranks().is_first)
    try:
        yield told
    finally:
        told.stop()


class _Told:
    """Says on standard error what happens: a bar on a terminal, else a line now and then.

    Args:
        is_quiet: say nothing.
        is_first: this is the first of several processes; the others are silent.
    """

    def __init__(self, *, is_quiet: bool, is_first: bool) -> None:
        self.is_first = is_first
        self._is_quiet = is_quiet or not is_first
        self._has_terminal = sys.stderr.isatty()
        self._said_s = time.monotonic()
        self._bar: Bar | None = None

    def line(self, text: str) -> None:
        """Say one thing."""
        if not self._is_quiet:
            self.stop()
            click.echo(visible(text), err=True)

    def step(self, told: StepTold) -> None:
        """Say how far it is."""
        if self._is_quiet:
            return
        if self._has_terminal:
            self._show(told)
        elif time.monotonic() - self._said_s > EVERY_S:
            self._said_s = time.monotonic()
            click.echo(f"  {_where(told)}", err=True)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, told: StepTold) -> None:
        if self._bar is None:
            self._bar = _new_bar()
        total = told.epochs * told.steps
        done = (told.epoch - 1) * told.steps + told.step
        self._bar.update(
            self._bar.task_ids[0], total=total, completed=done, description=_where(told)
        )


def _where(told: StepTold) -> str:
    return (
        f"epoch {told.epoch} of {told.epochs}, step {told.step} of {told.steps}, "
        f"loss {told.loss:.3f}, {told.rows_per_s:.1f} clips/s, {clock(told.remaining_s)} left"
    )


def _new_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=None)
    bar.start()
    return bar
