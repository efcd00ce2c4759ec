"""A run's files: how far it is, the weights of each epoch, and all that a stopped one goes on from.

Every file appears complete, or not at all: it is written beside its place and renamed.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, overload

import torch
from torch import Tensor

from earwitness.errors import SettingsError, WeightsCorrupt
from earwitness.models import checkpoints
from earwitness.models.layouts import Weights
from earwitness.training.recipes import StoppingSettings

State: TypeAlias = Mapping[str, Tensor]
"""A network's ``state_dict()``."""


@dataclass(frozen=True)
class EpochRow:
    """What was measured after an epoch; epoch 0 is the start.

    Attributes:
        epoch: counted from 1.
        train_loss: mean over the epoch's rows, as they were fitted; None for epoch 0.
        dev_loss: of the dev part.
        dev_eer: of the dev part, a fraction.
        keep_eer: of the keep set, a fraction; None without one.
    """

    epoch: int
    train_loss: float | None
    dev_loss: float
    dev_eer: float
    keep_eer: float | None = None


@dataclass(frozen=True)
class Reached:
    """How far a run is.

    Attributes:
        epoch: epochs that are done.
        step: steps of the next one that are done.
        loss_sum, weight_sum: of the rows of these.
        curve: a row for the start, and for each epoch that is done.
    """

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    weight_sum: float = 0.0
    curve: tuple[EpochRow, ...] = ()

    def stepped(self, loss_sum: float, weight_sum: float) -> Reached:
        """Count one step."""
        return replace(
            self,
            step=self.step + 1,
            loss_sum=self.loss_sum + loss_sum,
            weight_sum=self.weight_sum + weight_sum,
        )

    def measured(self, row: EpochRow) -> Reached:
        """Count an epoch, or the start."""
        return Reached(epoch=row.epoch, curve=(*self.curve, row))

    def chosen(self, stopping: StoppingSettings) -> EpochRow:
        """Give the best epoch so far, the earliest of equals; the start is none."""
        rows = [row for row in self.curve if row.epoch > 0]
        return min(rows, key=lambda row: (_measure(row, stopping), row.epoch))

    def is_over(self, stopping: StoppingSettings, epochs: int) -> bool:
        """Say whether all epochs are done, or patience is at its end."""
        if self.epoch >= epochs or not self.epoch:
            return self.epoch >= epochs
        return 0 < stopping.patience <= self.epoch - self.chosen(stopping).epoch


def _measure(row: EpochRow, stopping: StoppingSettings) -> float:
    value = row.dev_loss if stopping.select == "loss" else row.dev_eer
    return math.inf if math.isnan(value) else value


@dataclass(frozen=True)
class RunFiles:
    """Where a run keeps what."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        """The folder of weights."""
        return self.folder / "checkpoints"

    @property
    def last_state(self) -> Path:
        """What a stopped run goes on from."""
        return self.checkpoints / "last.ckpt"

    @property
    def best(self) -> Path:
        """Weights of the chosen epoch, or what remedies made of them."""
        return self.checkpoints / "best.safetensors"

    @property
    def last(self) -> Path:
        """Weights of the last epoch."""
        return self.checkpoints / "last.safetensors"

    def epoch(self, number: int) -> Path:
        """Weights after an epoch, counted from 1."""
        return self.checkpoints / f"epoch-{number:02d}.safetensors"

    def tidy(self, *, every_epoch: bool, epochs: int) -> None:
        """Take away what a finished run has no use for."""
        self.last_state.unlink(missing_ok=True)
        for number in range(1, epochs + 1):
            if not every_epoch:
                self.epoch(number).unlink(missing_ok=True)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Name a file beside ``path`` to write to, which takes its place when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text that appears complete."""
    with beside(path) as part:
        part.write_text(text, encoding="utf-8")


def write_weights(path: Path, weights: Weights) -> None:
    """Write weights that appear complete, as safetensors."""
    with beside(path) as part:
        checkpoints.save(weights, part)


def link(source: Path, target: Path) -> None:
    """Give a file a second name, which may have been another's; where it cannot, copy it."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        part.write_bytes(source.read_bytes())
    part.replace(target)


def save_state(
    path: Path, reached: Reached, weights: Mapping[str, Any], optimiser: Mapping[str, Any]
) -> None:
    """Write all that a stopped run goes on from.

    Args:
        path: appears complete.
        reached: how far the run is.
        weights: ``state_dict`` under the names that a detector is loaded by, or ``adapted``.
        optimiser: its ``state_dict``.
    """
    with beside(path) as part:
        torch.save({**weights, "optimiser": optimiser, "reached": asdict(reached)}, part)


def load_state(path: Path) -> tuple[Reached, dict[str, Any]]:
    """Read what ``save_state`` wrote: how far the run was, and all of its content.

    Raises:
        WeightsCorrupt: it is damaged.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        table = content["reached"]
        curve = tuple(EpochRow(**row) for row in table.pop("curve"))
        return Reached(**table, curve=curve), content
    except (RuntimeError, EOFError, KeyError, TypeError, ValueError) as exc:
        raise WeightsCorrupt(
            f"{path}: cannot be gone on from ({str(exc).partition(chr(10))[0]}). Delete it, and "
            "the run begins again."
        ) from exc


class StoredEpochs(Sequence[State]):
    """Weights of all epochs of a run, read when they are asked for.

    Args:
        files: of the run.
        epochs: how many are done.
        ours: gives weights the names of the network.
    """

    def __init__(self, files: RunFiles, epochs: int, ours: Callable[[Weights], State]) -> None:
        self._files, self._epochs, self._ours = files, epochs, ours

    def __len__(self) -> int:
        return self._epochs

    @overload
    def __getitem__(self, number: int) -> State: ...
    @overload
    def __getitem__(self, number: slice) -> list[State]: ...
    def __getitem__(self, number: int | slice) -> State | list[State]:
        """Read the weights after an epoch, counted from 0."""
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        path = self._files.epoch(number % len(self) + 1)
        return self._ours(checkpoints.read_weights(path))


def claim(path: Path, ours: str) -> None:
    """Refuse a folder that holds a run of something else: its results would be taken for ours.

    Raises:
        SettingsError: it does.
    """
    theirs = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if not theirs:
        write_text(path, ours + "\n")
    elif theirs != ours:
        raise SettingsError(
            f"{path.parent}: holds a run of another model, recipe or data. Take another folder, "
            "or begin again with --restart."
        )
