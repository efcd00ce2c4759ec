"""Where the numbers of a run go: a CSV always, TensorBoard and Weights & Biases if asked for."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeAlias

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from earwitness.errors import MissingExtra
from earwitness.training.checkpointing import EpochRow, write_text

Wandb: TypeAlias = Literal["online", "offline", "off"]
PROJECT = "earwitness"
CURVE = "losses/metrics.csv"


@dataclass(frozen=True)
class Loggers:
    """What is told of a run beside the CSV.

    Attributes:
        tensorboard: write event files for it.
        wandb: "online" sends to Weights & Biases, "offline" keeps its file in the run's folder.
    """

    tensorboard: bool = True
    wandb: Wandb = "off"

    def refuse_missing(self) -> None:
        """See to it that what was asked for is installed, before anything is read.

        Raises:
            MissingExtra: it is not.
        """
        if self.wandb != "off" and find_spec("wandb") is None:
            raise MissingExtra("Logging to Weights & Biases", extra="wandb")
        if self.tensorboard and find_spec("tensorboard") is None:
            raise MissingExtra("Logging to TensorBoard", extra="train")

    def built(self, folder: Path, *, name: str, run: str, told: dict[str, Any]) -> list[Logger]:
        """Build them.

        Args:
            folder: of the run.
            name: of the recipe.
            run: what tells this run from all others; one that goes on has the same.
            told: settings that are kept with the numbers.
        """
        built: list[Logger] = []
        if self.tensorboard:
            built.append(TensorBoardLogger(folder, "tensorboard", ""))
        if self.wandb != "off":
            built.append(_wandb(folder, name, run, told, is_offline=self.wandb == "offline"))
        return built


def write_curve(folder: Path, curve: Sequence[EpochRow]) -> None:
    """Write a row for each epoch, all of them anew, so that no stop leaves a half one."""
    text = io.StringIO()
    rows = csv.DictWriter(text, [f.name for f in fields(EpochRow)], lineterminator="\n")
    rows.writeheader()
    rows.writerows(asdict(row) for row in curve)
    write_text(folder / CURVE, text.getvalue())


def _wandb(folder: Path, name: str, run: str, told: dict[str, Any], *, is_offline: bool) -> Logger:
    import wandb

    os.environ.setdefault("WANDB_SILENT", "true")
    settings = wandb.Settings(console="off", silent=True)
    logger = WandbLogger(
        name=name, save_dir=folder, project=PROJECT, id=run, offline=is_offline,
        config=told, resume="allow", settings=settings,
    )  # fmt: skip
    logger._wandb_init.pop("anonymous", None)  # Lightning says it, and wandb warns that it is said
    return logger
