"""One training run: recipe and clips in, fitted network out. Lightning drives it.

A run writes ``last.ckpt`` after every epoch and ``network.safetensors`` at its end, both beside
its losses (``losses/metrics.csv``). Called again, it goes on where it stopped, or gives what it
has; batches, crops, augmentation and dropout are drawn from (seed, epoch), so a run that was
stopped ends where it would have ended.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from lightning.pytorch import LightningDataModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

from earwitness.augmentation import chain
from earwitness.errors import IncompatibleWeights
from earwitness.models.branches import Branches
from earwitness.training.clips import Clip
from earwitness.training.data import BatchDataset, Pair, loader
from earwitness.training.module import Fitting, OnStep
from earwitness.training.sampling import epoch_batches, weights_of
from earwitness.training.settings import TrainingSettings
from earwitness.training.warm import Pooled, fit_heads, heads_of

FITTED = "network.safetensors"
LAST = "last.ckpt"


@dataclass(frozen=True)
class Start:
    """What networks start from.

    Attributes:
        pretrained: name of a front end → its weights.
        pooled: clip → pooled views, for a warm start of the heads; empty for random heads.
    """

    pretrained: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    pooled: Mapping[str, Pooled] = field(default_factory=dict)


@dataclass(frozen=True)
class Workplace:
    """Where and with how much a run works.

    Attributes:
        folder: of the run; made if it is not there.
        threads: of the network's arithmetic.
        workers: processes that make batches (0: none besides this one).
        on_step: told (epoch, step, steps of the epoch, loss) after each step.
    """

    folder: Path
    threads: int = 2
    workers: int = 1
    on_step: OnStep | None = None


def fit(
    recipe: TrainingSettings, clips: Sequence[Clip], start: Start, place: Workplace
) -> Branches:
    """Fit the recipe's network to the clips, or go on with a run that was stopped.

    Args:
        recipe: what to build and how to fit it.
        clips: the training data; none of it may be held out from anything.
        start: what the network starts from.
        place: where to work.

    Returns:
        The network, in evaluation mode.
    """
    network = new_network(recipe, start)
    done = place.folder / FITTED
    if not done.exists():
        if start.pooled and not (place.folder / LAST).exists():
            fit_heads(recipe, heads_of(network), clips, start.pooled)
        if recipe.epochs:
            _run(recipe, clips, network, place)
        done.parent.mkdir(parents=True, exist_ok=True)
        partial = done.with_suffix(".partial")
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, partial)
        partial.replace(done)
    network.load_state_dict(load_file(done))
    return network.eval()


def new_network(recipe: TrainingSettings, start: Start) -> Branches:
    """Build the network, seeded, with its pretrained front ends filled in.

    Raises:
        IncompatibleWeights: what a front end is to start from has another shape.
    """
    torch.manual_seed(recipe.seed)
    network = Branches(recipe.branches)
    for branch, settings in zip(network.branches, recipe.branches, strict=True):
        if settings.frontend in start.pretrained:
            _fill(branch.get_submodule("0"), start.pretrained[settings.frontend], settings.frontend)
    return network


def _fill(front: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    places = len(front.state_dict().get("pos", ()))  # a front end for short windows has fewer
    fitting = {key: value[:places] if key == "pos" else value for key, value in weights.items()}
    try:
        front.load_state_dict(fitting)
    except RuntimeError as exc:
        first = str(exc).split("\n")[1].strip(" .\t")
        raise IncompatibleWeights(
            f"The pretrained weights do not fit the front end '{name}' of the recipe: {first}."
        ) from exc


class EpochData(LightningDataModule):  # type: ignore[misc]  # Lightning is not followed
    """Draws the batches of each epoch when it begins."""

    def __init__(self, recipe: TrainingSettings, clips: Sequence[Clip], workers: int) -> None:
        super().__init__()
        self._recipe, self._clips, self._workers = recipe, clips, workers
        self._steps = chain(recipe.augmentation, where=f"{recipe.name}: augmentation")
        sampling = recipe.sampling
        self._weights = weights_of([clip.trial for clip in clips], balance=sampling.balance)

    def dataset(self, epoch: int) -> BatchDataset:
        """Draw one epoch."""
        recipe = self._recipe
        batches = epoch_batches(
            self._weights, recipe.sampling,
            sample_rate=recipe.sample_rate, seed=recipe.seed, epoch=epoch,
        )  # fmt: skip
        return BatchDataset(
            self._clips, batches, self._steps,
            augmented_share=recipe.sampling.augmented_share, sample_rate=recipe.sample_rate,
        )  # fmt: skip

    def train_dataloader(self) -> DataLoader[Pair]:
        """Give the batches of the epoch that the trainer is in."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        return loader(self.dataset(epoch), workers=self._workers)


def _run(
    recipe: TrainingSettings, clips: Sequence[Clip], network: Branches, place: Workplace
) -> None:
    data = EpochData(recipe, clips, place.workers)
    fitting = Fitting(
        network, optimiser=recipe.optimiser, loss=recipe.loss, seed=recipe.seed,
        steps=recipe.epochs * max(1, len(data.dataset(0))), on_step=place.on_step,
    )  # fmt: skip
    keep = ModelCheckpoint(place.folder, "last", save_top_k=1, enable_version_counter=False)
    with _quiet():
        trainer = Trainer(
            accelerator="auto", devices=1, precision="bf16-mixed", max_epochs=recipe.epochs,
            gradient_clip_val=recipe.optimiser.clip_norm, reload_dataloaders_every_n_epochs=1,
            callbacks=[keep], logger=CSVLogger(place.folder, "losses", ""),
            enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=20,
        )  # fmt: skip
        last = place.folder / LAST
        resumed = last if last.exists() else None
        try:
            trainer.fit(fitting, data, ckpt_path=resumed, weights_only=False)
        except SystemExit as exc:  # what Lightning makes of an interrupt
            raise KeyboardInterrupt from exc


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning's tips to itself: the library is silent."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
