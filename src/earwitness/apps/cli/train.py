"""earwitness train: from a recipe and a corpus to a detector's folder."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from earwitness.apps.cli.options import quiet_option

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("recipe", type=FILE)
@click.option("--corpus", type=FOLDER, required=True, help="Root with manifest.tsv and audio/.")
@click.option(
    "--folds", type=FILE, default=Path("recipes/folds.tsv"), show_default=True,
    help="Which clip is in which fold; everything is chosen on out-of-fold scores.",
)  # fmt: skip
@click.option("--encoder", type=FILE, help="Whisper encoder that scripts/fetch_encoder fetched.")
@click.option("--out", type=FOLDER, required=True, help="Folder of the run; run again to resume.")
@click.option("--epochs", type=click.IntRange(min=1), help="Instead of the recipe's.")
@click.option("--limit", type=click.IntRange(min=1), help="Use so many clips only, to try it out.")
@click.option(
    "--part", "parts", multiple=True,
    help="Fit this fold only, or 'full', and stop: several processes can share a run's folder.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--workers", type=click.IntRange(min=0), default=1, show_default=True)
@quiet_option
def train(
    recipe: Path,
    corpus: Path,
    folds: Path,
    encoder: Path | None,
    out: Path,
    epochs: int | None,
    limit: int | None,
    parts: tuple[str, ...],
    threads: int,
    workers: int,
    quiet: bool,
) -> None:
    """Train a detector by RECIPE on a corpus, and write its folder.

    One network a fold is trained first; calibration, operating points and limits are chosen on the
    scores of clips that a network did not see. Then one network is trained on everything. Every
    step that is done is kept in the run's folder, so the same command goes on after a stop.
    """
    from earwitness.config import load
    from earwitness.errors import MissingExtra

    try:
        from earwitness.training.fit import Workplace
        from earwitness.training.run import Job
        from earwitness.training.run import train as run
        from earwitness.training.settings import TrainingSettings
    except ModuleNotFoundError as exc:
        raise MissingExtra("Training", extra="train") from exc
    settings = load(TrainingSettings, recipe)
    settings = settings if epochs is None else replace(settings, epochs=epochs)
    told = _Teller(quiet=quiet)
    place = Workplace(out, threads=threads, workers=workers, on_step=told.step)
    job = Job(settings, corpus, folds, encoder, place, limit, parts)
    click.echo(run(job, tell=told.line))


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
        if time.monotonic() - self._said > 30 or step == steps:
            self._said = time.monotonic()
            self.line(f"  epoch {epoch + 1}, step {step} of {steps}, loss {self._loss:.3f}")
