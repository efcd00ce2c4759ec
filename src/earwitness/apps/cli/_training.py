"""``train`` by a recipe with branches: the pipeline of folds, from a corpus to a detector."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import click

from earwitness.config import load
from earwitness.errors import MissingExtra

EVERY_S = 30.0


@dataclass(frozen=True)
class Pipeline:
    """The options that belong to it; see the help of ``train``."""

    recipe: Path
    corpus: Path
    folds: Path
    out: Path
    encoder: Path | None = None
    epochs: int | None = None
    limit: int | None = None
    parts: tuple[str, ...] = ()
    threads: int = 2
    workers: int = 1
    quiet: bool = False


def run(asked: Pipeline) -> None:
    """Train, and name the folder of the detector."""
    try:
        from earwitness.training.fit import Workplace
        from earwitness.training.run import Job, train
        from earwitness.training.settings import TrainingSettings
    except ModuleNotFoundError as exc:
        raise MissingExtra("Training", extra="train") from exc
    settings = load(TrainingSettings, asked.recipe)
    settings = settings if asked.epochs is None else replace(settings, epochs=asked.epochs)
    told = _Teller(quiet=asked.quiet)
    place = Workplace(asked.out, threads=asked.threads, workers=asked.workers, on_step=told.step)
    job = Job(
        settings, asked.corpus, asked.folds, asked.encoder, place, asked.limit, asked.parts
    )  # fmt: skip
    click.echo(train(job, tell=told.line))


class _Teller:
    """Says on stderr what happens, at most every half minute."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said = time.monotonic()
        self._loss = 0.0

    def line(self, text: str) -> None:
        """Say one thing."""
        if not self._quiet:
            click.echo(text, err=True)

    def step(self, epoch: int, step: int, steps: int, loss: float) -> None:
        """Say how far an epoch has come; the loss is a running mean."""
        self._loss = loss if step == 1 else 0.95 * self._loss + 0.05 * loss
        if time.monotonic() - self._said > EVERY_S or step == steps:
            self._said = time.monotonic()
            self.line(f"  epoch {epoch + 1}, step {step} of {steps}, loss {self._loss:.3f}")
