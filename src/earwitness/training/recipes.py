"""What a fine-tuning, or a training from scratch, is told: the recipe, as frozen settings.

A recipe is a TOML file of at most 40 lines. The tables ``loss``, ``keep`` and ``augmentation``
belong to the rooms that they name and are fitted there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from earwitness import config
from earwitness.errors import SettingsError

FitPrecision: TypeAlias = Literal["auto", "fp32", "bf16", "fp64"]
"""In what the network is fitted. "auto": bf16 where this machine multiplies in it, else fp32."""

FOLDERS = (  # where recipes lie: beside the sources, and in an installed package
    Path(__file__).parents[3] / "recipes",
    Path(__file__).parents[1] / "recipes",
)


@dataclass(frozen=True)
class DataSettings:
    """How clips become batches.

    Attributes:
        batch: rows of one process and one pass; ``accumulate`` passes make a step.
        length_s: of a row; 0 for the model's window.
        crop: where a row is cut from a clip that is longer.
        padding: how a clip that is shorter is filled up.
        balance: "labels" draws both labels equally often, "none" every clip once an epoch.
        shuffle: draw a new order each epoch; False keeps that of the data set.
        augmented_share: of the rows that go through the augmentation.
        speech_only: cut rows from where speech is heard only.
    """

    batch: int = 16
    length_s: float = 0.0
    crop: Literal["random", "start"] = "random"
    padding: Literal["tile", "zeros"] = "tile"
    balance: Literal["labels", "none"] = "labels"
    shuffle: bool = True
    augmented_share: float = 1.0
    speech_only: bool = False

    def __post_init__(self) -> None:
        _refuse(self.batch < 1, f"batch ({self.batch}) must be at least 1.")
        _refuse(self.length_s < 0, f"length_s ({self.length_s}) must not be negative.")
        _refuse_no_share("augmented_share", self.augmented_share)


@dataclass(frozen=True)
class FitSettings:
    """The optimiser and its rate.

    Attributes:
        rate: the highest; "cosine" lets it fall to ``last_share`` of it, "constant" keeps it.
        warm_up_share: of all steps, in which the rate rises.
        clip_norm: of the gradient of all weights; 0 for no limit.
        accumulate: passes that make a step.
    """

    name: Literal["adam", "adamw", "sgd"] = "adam"
    rate: float = 1e-5
    weight_decay: float = 1e-4
    schedule: Literal["constant", "cosine"] = "constant"
    last_share: float = 0.0
    warm_up_share: float = 0.0
    clip_norm: float = 0.0
    accumulate: int = 1

    def __post_init__(self) -> None:
        _refuse(not self.rate > 0, f"rate ({self.rate}) must be positive.")
        _refuse(self.weight_decay < 0, f"weight_decay ({self.weight_decay}) is negative.")
        _refuse(self.clip_norm < 0, f"clip_norm ({self.clip_norm}) must not be negative.")
        _refuse(self.accumulate < 1, f"accumulate ({self.accumulate}) must be at least 1.")
        _refuse_no_share("warm_up_share", self.warm_up_share)
        _refuse_no_share("last_share", self.last_share)


@dataclass(frozen=True)
class StoppingSettings:
    """Which epoch is chosen on the dev part, and when to stop looking for a better one.

    Attributes:
        select: lowest loss or lowest EER; the earliest of equals.
        patience: epochs without a better one after which the run ends; 0 to run them all.
    """

    select: Literal["loss", "eer"] = "loss"
    patience: int = 0

    def __post_init__(self) -> None:
        _refuse(self.patience < 0, f"patience ({self.patience}) must not be negative.")


@dataclass(frozen=True)
class FinetuneSettings:
    """A recipe.

    Attributes:
        model: what is fine-tuned where the command line names nothing else.
        network: trained from scratch instead: the name of a published network ("AASIST").
        dropout: of the whole network; None leaves it as it is.
        norms: "frozen" leaves the statistics of batch norms as they are.
        loss: table of ``training.losses``.
        keep: tables of ``training.keeping``, in the order in which they are applied.
        augmentation: tables of ``augmentation``.
    """

    name: str = "plain"
    title: str = "Fine-tuned with the defaults"
    model: str = ""
    network: str = ""
    seed: int = 1
    epochs: int = 10
    precision: FitPrecision = "auto"
    dropout: float | None = None
    norms: Literal["trained", "frozen"] = "trained"
    data: DataSettings = field(default_factory=DataSettings)
    optimiser: FitSettings = field(default_factory=FitSettings)
    loss: dict[str, Any] = field(default_factory=lambda: {"name": "cross_entropy"})
    stopping: StoppingSettings = field(default_factory=StoppingSettings)
    keep: tuple[dict[str, Any], ...] = ()
    augmentation: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        _refuse(self.epochs < 1, f"epochs ({self.epochs}) must be at least 1.")
        _refuse(self.seed < 0, f"seed ({self.seed}) must not be negative.")
        _refuse("name" not in self.loss, "loss: 'name' is missing: which loss is it?")
        for number, table in enumerate(self.keep):
            _refuse("name" not in table, f"keep[{number}]: 'name' is missing: which remedy is it?")
        if self.dropout is not None:
            _refuse_no_share("dropout", self.dropout)


def is_pipeline(table: Mapping[str, Any]) -> bool:
    """Say whether a recipe is one of the pipeline with folds (``training.settings``)."""
    return "branches" in table


def find_recipe(name: str | Path) -> Path:
    """Find a recipe by the path of its file, or by name among those that came along.

    Raises:
        SettingsError: there is no such file or name.
    """
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        _refuse(not path.is_file(), f"{path}: there is no such recipe.")
        return path
    wanted = str(name).replace("-", "_")
    known = {file.stem: file for folder in FOLDERS for file in sorted(folder.glob("*.toml"))}
    if wanted not in known:
        there = ", ".join(sorted(known)) or "none on this machine"
        raise SettingsError(
            f"There is no recipe '{name}'. There are: {there}; or give the path of a .toml file."
        )
    return known[wanted]


def read_recipe(name: str | Path) -> FinetuneSettings:
    """Read a recipe by path or name.

    Raises:
        SettingsError: it is not there, does not fit, or is one of the pipeline with folds.
    """
    path = find_recipe(name)
    table = config.read_toml(path)
    _refuse(is_pipeline(table), f"{path}: builds a detector with folds: use earwitness train.")
    return config.settings(FinetuneSettings, table, where=str(path))


def _refuse_no_share(name: str, value: float) -> None:
    _refuse(not 0.0 <= value <= 1.0, f"{name} ({value}) must lie between 0 and 1.")


def _refuse(is_wrong: bool, message: str) -> None:  # noqa: FBT001
    if is_wrong:
        raise SettingsError(message)
