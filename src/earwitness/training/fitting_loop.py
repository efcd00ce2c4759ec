"""The run of a fit: Lightning's trainer, on however many processes, from wherever it stopped."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins.environments import SLURMEnvironment
from lightning.pytorch.strategies import DDPStrategy

from earwitness.training.checkpointing import (
    Reached,
    RunFiles,
    link,
    load_state,
    save_state,
    write_weights,
)
from earwitness.training.fitting_module import Fitting
from earwitness.training.fitting_precision import settled
from earwitness.training.fitting_ranks import on_this_machine
from earwitness.training.keeping import folded
from earwitness.training.learner import Learner
from earwitness.training.logging_curves import write_curve
from earwitness.training.recipes import FitPrecision

_PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed", "fp64": "64-true"}


@dataclass(frozen=True)
class Keeper:
    """Keeps the files of a run while it goes on; only the first process writes.

    Attributes:
        files: of the run.
        learner: whose layout weights are written in.
        every: steps after which all is saved that a stopped run goes on from.
    """

    files: RunFiles
    learner: Learner
    every: int = 100

    def reached(self, fitting: Fitting, reached: Reached) -> None:
        """Keep what is due after a step or an epoch."""
        if not fitting.work.ranks.is_first:
            return
        is_new_epoch = not reached.step
        if is_new_epoch and reached.epoch:
            self._keep_epoch(fitting, reached)
        if is_new_epoch:
            write_curve(self.files.folder, reached.curve)
            fitting.log_numbers(_numbers(reached))
        if is_new_epoch or (reached.step % self.every == 0 and reached.step < fitting.steps):
            self._keep_state(fitting, reached)

    def _keep_epoch(self, fitting: Fitting, reached: Reached) -> None:
        whole = folded(fitting.network, fitting.work.remedies)
        path = self.files.epoch(reached.epoch)
        write_weights(path, self.learner.published(whole.state_dict()))
        link(path, self.files.last)
        if reached.chosen(fitting.work.recipe.stopping).epoch == reached.epoch:
            link(path, self.files.best)

    def _keep_state(self, fitting: Fitting, reached: Reached) -> None:
        if not fitting.has_optimiser:
            return  # before the first step: there is nothing to go on from
        state = fitting.network.state_dict()
        is_adapted = state.keys() != self.learner.names.keys()
        weights = (
            {"adapted": state} if is_adapted else {"state_dict": self.learner.published(state)}
        )
        optimiser = fitting.optimizers(use_pl_optimizer=False).state_dict()
        save_state(self.files.last_state, reached, weights, optimiser)


def restore(fitting: Fitting, keeper: Keeper) -> None:
    """Let a run go on where it stopped, if it had begun.

    Raises:
        WeightsCorrupt: what it left is damaged.
    """
    path = keeper.files.last_state
    if not path.exists():
        return
    fitting.reached, content = load_state(path)
    weights = content.get("adapted") or keeper.learner.ours(content["state_dict"])
    fitting.restored = {"weights": weights, "optimiser": content["optimiser"]}


def run(
    fitting: Fitting, loggers: Sequence[Logger], *, precision: FitPrecision, devices: int
) -> None:
    """Fit until all epochs are done or patience is at its end.

    Args:
        fitting: what is fitted; it knows how far it is.
        loggers: told of its numbers.
        precision: of large products.
        devices: how many accelerators, or processes on the CPU, on this machine.
    """
    recipe = fitting.work.recipe
    if fitting.reached.is_over(recipe.stopping, recipe.epochs):
        return
    with _quiet():
        trainer = _trainer(fitting, loggers, precision=precision, devices=devices)
        try:
            trainer.fit(fitting)
        except SystemExit as exc:  # what Lightning makes of an interrupt
            raise KeyboardInterrupt from exc


def _trainer(
    fitting: Fitting, loggers: Sequence[Logger], *, precision: FitPrecision, devices: int
) -> Trainer:
    recipe, ranks = fitting.work.recipe, fitting.work.ranks.ranks
    is_alone = ranks == 1
    devices = on_this_machine(devices)
    on_gpu = torch.cuda.is_available()
    parallel = DDPStrategy(
        process_group_backend="nccl" if on_gpu else "gloo",
        timeout=timedelta(hours=12),  # the first process listens and writes while others wait
    )
    is_slurm = SLURMEnvironment.detect() and not is_alone
    return Trainer(
        accelerator="auto" if on_gpu else "cpu",
        devices=devices,
        num_nodes=max(1, ranks // devices),
        strategy="auto" if is_alone else parallel,
        plugins=[SLURMEnvironment(auto_requeue=False)] if is_slurm else None,
        precision=_PRECISIONS[settled(precision)],
        max_epochs=recipe.epochs - fitting.reached.epoch,
        gradient_clip_val=recipe.optimiser.clip_norm or None,
        accumulate_grad_batches=recipe.optimiser.accumulate,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        logger=list(loggers) or False,
        limit_val_batches=0,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _numbers(reached: Reached) -> dict[str, float]:
    row = reached.curve[-1]
    numbers = {
        "epoch": row.epoch, "train_loss": row.train_loss, "dev_loss": row.dev_loss,
        "dev_eer": row.dev_eer, "keep_eer": row.keep_eer,
    }  # fmt: skip
    return {name: float(value) for name, value in numbers.items() if value is not None}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning's tips to itself: the library is silent."""
    loggers = [logging.getLogger(f"lightning.{part}") for part in ("pytorch", "fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
