"""The countermeasure as Lightning fits it: loss, optimiser and the seeds of each epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.branches import Branches
from earwitness.training.settings import LossSettings, OptimiserSettings

OnStep: TypeAlias = Callable[[int, int, int, float], None]


class Fitting(LightningModule):  # type: ignore[misc]  # Lightning is not followed
    """Fit a network of branches to labels (1 bona fide, 0 spoof).

    Notable: dropout is seeded by (seed, epoch), so that a run resumed at an epoch's end goes on
    as if it had never stopped.

    Args:
        network: the countermeasure.
        optimiser: rates and schedule.
        loss: shares of the loss.
        steps: optimiser steps of the whole run, for the schedule.
        seed: of the run.
        on_step: told (epoch, step, steps of the epoch, loss) after each step.
    """

    def __init__(
        self,
        network: Branches,
        *,
        optimiser: OptimiserSettings,
        loss: LossSettings,
        steps: int,
        seed: int,
        on_step: OnStep | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.optimiser, self.loss = optimiser, loss
        self.steps, self.seed = steps, seed
        self.on_step = on_step

    def on_train_batch_start(self, batch: object, step: int) -> None:
        """Seed dropout for this epoch, at its first step.

        Not earlier: in each epoch but the first the loader takes one number from the same
        generator, yet not when a run has just been resumed. It is taken here in any case.
        """
        del batch
        if step == 0:
            torch.manual_seed(1_000_003 * self.seed + self.current_epoch)
            if self.current_epoch > 0:
                torch.empty((), dtype=torch.int64).random_()

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of one batch: samples (batch, samples), targets (batch,)."""
        samples, targets = batch
        value = loss_of(self.network.scores(samples), targets, self.loss)
        self.log(
            "loss", value, prog_bar=True, on_step=False, on_epoch=True, batch_size=len(targets)
        )
        return value

    def on_train_batch_end(self, outputs: Mapping[str, Tensor], batch: object, step: int) -> None:
        """Tell how far the epoch has come."""
        del batch
        if self.on_step is not None:
            steps = int(self.trainer.num_training_batches)
            self.on_step(self.current_epoch, step + 1, steps, float(outputs["loss"]))

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with two rates; the schedule advances every step."""
        rates = self.optimiser
        groups = [
            {"params": pretrained_parameters(self.network), "lr": rates.pretrained_rate},
            {"params": head_parameters(self.network), "lr": rates.head_rate},
        ]
        groups = [group for group in groups if group["params"]]
        adam = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=rates.weight_decay)
        descent = torch.optim.lr_scheduler.LambdaLR(adam, self._share_of_rate)
        return {"optimizer": adam, "lr_scheduler": {"scheduler": descent, "interval": "step"}}

    def _share_of_rate(self, step: int) -> float:
        warm_up = max(1.0, self.optimiser.warm_up_share * self.steps)
        cosine = 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / self.steps)))
        return min(1.0, (step + 1) / warm_up) * max(self.optimiser.last_share, cosine)


def loss_of(scores: Tensor, targets: Tensor, settings: LossSettings) -> Tensor:
    """Cross-entropy of the sum of branch scores, plus a share of each branch's own.

    Args:
        scores: (branches, batch).
        targets: (batch,), 1 for bona fide.
        settings: shares and smoothing.
    """
    soft = targets * (1.0 - 2.0 * settings.smoothing) + settings.smoothing
    value = functional.binary_cross_entropy_with_logits(scores.sum(dim=0), soft)
    if len(scores) > 1 and settings.branch_share > 0.0:
        each = functional.binary_cross_entropy_with_logits(scores, soft.expand_as(scores))
        value = value + settings.branch_share * len(scores) * each
    return value


def pretrained_parameters(network: Branches) -> list[nn.Parameter]:
    """Trainable parameters of the front ends: they start from pretrained values."""
    fronts = [branch.get_submodule("0") for branch in network.branches]
    return [p for front in fronts for p in front.parameters() if p.requires_grad]


def head_parameters(network: Branches) -> list[nn.Parameter]:
    """Trainable parameters of the back ends: they start from random values."""
    backs = [branch.get_submodule("1") for branch in network.branches]
    return [p for back in backs for p in back.parameters() if p.requires_grad]
