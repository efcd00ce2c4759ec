"""The network as Lightning fits it: one step, its loss over all processes, and the end of an epoch.

Notable: every step seeds all generators from (seed, epoch, step, rank), so that dropout does not
depend on what came before; and where a run stands is counted here, not by Lightning, so that a run
that goes on is a run of the rest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.utils.data import DataLoader

from earwitness.training import keeping
from earwitness.training.batches import Batch, Making, Ranks, StepDataset, loader
from earwitness.training.checkpointing import EpochRow, Reached
from earwitness.training.fitting_measuring import (
    Measured,
    Measuring,
    gathered,
    measure_part,
    no_number,
)
from earwitness.training.fitting_optimiser import new_optimiser, share_of_rate
from earwitness.training.losses import BuiltLoss
from earwitness.training.outputs import outputs_of
from earwitness.training.plan import Pool, Step, epoch_steps, seed_of
from earwitness.training.recipes import FinetuneSettings

LARGER = 2  # batches of a dev part: nothing is kept for a gradient


@dataclass(frozen=True)
class StepTold:
    """How far a run is, for whoever watches.

    Attributes:
        epoch, epochs: counted from 1.
        step, steps: of this epoch, counted from 1.
        loss: of this step.
        rows_per_s: clips a second, over all processes, since the run began or went on.
        remaining_s: how long the rest of all epochs will take at that rate.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    rows_per_s: float
    remaining_s: float


OnStep: TypeAlias = Callable[[StepTold], None]
OnEpoch: TypeAlias = Callable[["Fitting", Reached], None]


@dataclass(frozen=True)
class Work:
    """What a fit works with.

    Attributes:
        recipe: settings.
        loss: built from it.
        remedies: built from it.
        pool: what batches are drawn from.
        making: makes rows of it.
        dev: makes rows of the dev part.
        keep: of the keep set that is scored; None without one.
        held: of clips that remedies may listen to; None without any.
        ranks: which process this is.
        workers: processes that make batches.
    """

    recipe: FinetuneSettings
    loss: BuiltLoss
    remedies: tuple[keeping.Remedy, ...]
    pool: Pool
    making: Making
    dev: Making
    keep: Making | None = None
    held: Making | None = None
    ranks: Ranks = field(default_factory=Ranks)
    workers: int = 0

    def steps(self, epoch: int) -> list[Step]:
        """Draw the steps of an epoch, counted from 0."""
        recipe = self.recipe
        rows = recipe.data.batch * self.ranks.ranks * recipe.optimiser.accumulate
        return epoch_steps(self.pool, recipe.data, rows=rows, seed=recipe.seed, epoch=epoch)

    def measured(self, network: nn.Module, making: Making) -> Measured:
        """Measure a network on a part."""
        size = LARGER * self.recipe.data.batch
        how = Measuring(self.loss, size, self.ranks, self.recipe.precision)
        return measure_part(network, making, how)


class Fitting(LightningModule):  # type: ignore[misc]  # Lightning is not followed
    """Fit a network.

    Args:
        network: adapted by the remedies.
        start: as it was before, for their penalties.
        work: data and settings.
        reached: how far the run is.
        on_step: told of each step; on_reached: called after steps and epochs, to keep files.
    """

    def __init__(
        self,
        network: nn.Module,
        start: nn.Module,
        work: Work,
        *,
        on_step: OnStep | None = None,
        on_reached: OnEpoch | None = None,
    ) -> None:
        super().__init__()
        self.network, self.work = network, work
        self.reached = Reached()
        self.restored: Mapping[str, Any] = {}
        self._start = [start]  # in a list: it is no part of what is trained
        self._on_step, self._on_reached = on_step, on_reached
        self._penalty: keeping.Penalty | None = None
        self.steps = len(work.steps(0))
        self._sums = [0.0, 0.0]
        self._began, self._rows = time.monotonic(), 0

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Build the optimiser, or go on with that of a run that was stopped."""
        optimiser = new_optimiser(self.network, self.work.recipe.optimiser)
        if self.restored:
            own = self.network.state_dict()
            for name, value in self.restored["weights"].items():
                own[name].copy_(value)
            optimiser.load_state_dict(self.restored["optimiser"])
            self.restored = {}
        return optimiser

    def on_fit_start(self) -> None:
        """Prepare the penalties, and measure what there is before the first step."""
        start = self.start.to(self.device, self.dtype)
        held = self.work.held
        batches = None if held is None else self._kept_batches(held)
        self._penalty = keeping.penalty(start, self.work.remedies, batches)
        if not self.reached.curve:
            self._measure(epoch=0, train_loss=None)
        self._began = time.monotonic()

    def train_dataloader(self) -> DataLoader[Batch]:
        """Give what is left of the epoch that the run is in."""
        work, reached = self.work, self.reached
        dataset = StepDataset(
            work.making, work.steps(reached.epoch)[reached.step :],
            accumulate=work.recipe.optimiser.accumulate, ranks=work.ranks,
            weigh=work.loss.row_weights,
        )  # fmt: skip
        return loader(dataset, workers=work.workers)

    @property
    def start(self) -> nn.Module:
        """The network as it was before it was adapted."""
        return self._start[0]

    @property
    def has_optimiser(self) -> bool:
        """Say whether training has begun, so that there is something to go on from."""
        return bool(self.trainer.optimizers) and self.reached.epoch + self.reached.step > 0

    def on_train_epoch_start(self) -> None:
        """Turn dropout and batch norms on, but for those that are to stay as they are."""
        self.network.train()
        for module in self.network.modules():
            is_norm = isinstance(module, nn.modules.batchnorm._BatchNorm)
            if is_norm and self.work.recipe.norms == "frozen":
                module.eval()

    def on_train_batch_start(self, batch: Batch, number: int) -> None:
        """Seed every generator for this pass, and set the rate of this step."""
        del batch
        recipe, reached = self.work.recipe, self.reached
        turn = number % recipe.optimiser.accumulate
        seed = seed_of(recipe.seed, reached.epoch, reached.step, turn, self.work.ranks.rank)
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # what guests (transformers) draw from
        torch.manual_seed(seed)
        total = self.steps * recipe.epochs
        share = share_of_rate(self._step_of_run, total, recipe.optimiser)
        for group in self.optimizers(use_pl_optimizer=False).param_groups:
            group["lr"] = recipe.optimiser.rate * share

    def training_step(self, batch: Batch, number: int) -> Tensor:
        """Compute the loss of one pass.

        Lightning divides by the number of passes, and data-parallel training by that of processes;
        what is left is the sum over all rows of the step, by the sum of their weights.
        """
        del number
        work = self.work
        outputs = outputs_of(self.network, batch.samples)
        weights = work.loss.row_weights(batch.targets)
        added = (weights * work.loss.rows(outputs, batch.targets)).sum()
        self._sums[0] += float(added.detach())
        self._sums[1] += float(weights.sum())
        parts = work.ranks.ranks * work.recipe.optimiser.accumulate
        value: Tensor = added * (parts / batch.weight)
        if self._penalty is not None:
            step = self._step_of_run
            value = value + self._penalty(self.network, batch.samples, outputs, step)
        return value

    def on_train_batch_end(self, outputs: Mapping[str, Tensor], batch: Batch, number: int) -> None:
        """Count the step, once all of its passes are done."""
        del outputs
        accumulate = self.work.recipe.optimiser.accumulate
        self._rows += len(batch.targets) * self.work.ranks.ranks
        if (number + 1) % accumulate:
            return
        loss_sum, weight_sum = self._all_ranks(tuple(self._sums))
        self._sums = [0.0, 0.0]
        self._refuse_no_number(loss_sum)
        self.reached = self.reached.stepped(loss_sum, weight_sum)
        self._tell(loss_sum / weight_sum)
        self._keep_files()

    def on_train_epoch_end(self) -> None:
        """Measure on the dev part and the keep set, and stop if that is enough."""
        reached, recipe = self.reached, self.work.recipe
        self._measure(reached.epoch + 1, reached.loss_sum / reached.weight_sum)
        if self.reached.is_over(recipe.stopping, recipe.epochs):
            self.trainer.should_stop = True

    def _measure(self, epoch: int, train_loss: float | None) -> None:
        work = self.work
        dev = work.measured(self.network, work.dev)
        keep_eer = work.measured(self.network, work.keep).eer if work.keep is not None else None
        row = EpochRow(epoch, train_loss, dev.loss, dev.eer, keep_eer)
        self.reached = self.reached.measured(row)
        self._keep_files()

    @property
    def _step_of_run(self) -> int:
        return self.reached.epoch * self.steps + self.reached.step

    def _all_ranks(self, sums: tuple[float, ...]) -> tuple[float, ...]:
        parts = gathered(sums, self.work.ranks)
        return tuple(sum(column) for column in zip(*parts, strict=True))

    def _refuse_no_number(self, loss_sum: float) -> None:
        if not np.isfinite(loss_sum):
            at = f"epoch {self.reached.epoch + 1}, step {self.reached.step + 1}"
            raise no_number(f"The loss in {at}")

    def _tell(self, loss: float) -> None:
        recipe, reached = self.work.recipe, self.reached
        self.log_numbers({"step_loss": loss})
        if self._on_step is None:
            return
        rate = self._rows / max(1e-9, time.monotonic() - self._began)
        left = self.steps * recipe.epochs - self._step_of_run
        rows = recipe.data.batch * self.work.ranks.ranks * recipe.optimiser.accumulate
        self._on_step(
            StepTold(
                reached.epoch + 1, recipe.epochs, reached.step, self.steps, loss,
                rate, left * rows / rate,
            )
        )  # fmt: skip

    def log_numbers(self, numbers: Mapping[str, float]) -> None:
        """Hand numbers to all loggers."""
        for logger in self.loggers:
            logger.log_metrics(dict(numbers), step=self._step_of_run)

    def _keep_files(self) -> None:
        if self._on_reached is not None:
            self._on_reached(self, self.reached)

    def _kept_batches(self, held: Making) -> keeping.Batches:
        plans: dict[int, list[Step]] = {}

        def batch(number: int) -> tuple[Tensor, Tensor]:
            recipe = self.work.recipe
            size = min(recipe.data.batch, len(held.clips))
            trials = Pool([clip.trial for clip in held.clips])
            per_round = len(held.clips) // size
            turn = number // per_round
            if turn not in plans:
                plans.clear()
                plans[turn] = epoch_steps(
                    trials, recipe.data, rows=size, seed=recipe.seed, epoch=turn
                )
            samples, targets = held.stacked(plans[turn][number % per_round].rows)
            return samples.to(self.device, self.dtype), targets.to(self.device, self.dtype)

        return batch


def set_dropout(network: nn.Module, share: float) -> None:
    """Give every dropout of a network this share; guests keep some of theirs as numbers."""
    for module in network.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = share
        elif isinstance(getattr(module, "dropout", None), float):
            module.dropout = share  # type: ignore[assignment]  # attention of transformers
