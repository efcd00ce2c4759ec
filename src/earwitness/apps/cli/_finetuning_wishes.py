"""What was asked of ``finetune`` or ``train``, and the command line that repeats it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from earwitness.training.recipes import FitPrecision

_SAYS_NOTHING = ("as_json", "quiet", "restart", "command")


@dataclass(frozen=True)
class Wishes:
    """The options, as they were given; see the help of both commands."""

    model: str | None = None
    recipe: str | None = None
    train: str | None = None
    dev: str | None = None
    keep: str | None = None
    protocol: str | None = None
    out: Path | None = None
    epochs: int | None = None
    rate: float | None = None
    seed: int | None = None
    precision: FitPrecision | None = None
    encoder: Path | None = None
    few: bool = False
    devices: int = 1
    threads: int = 2
    workers: int = 1
    limit: int | None = None
    cache: Path | None = None
    wandb: Literal["online", "offline", "off"] = "off"
    allow_overlap: bool = False
    restart: bool = False
    as_json: bool = False
    quiet: bool = False
    command: Literal["finetune", "train"] = "finetune"

    def check(self) -> None:
        """Refuse what lacks something.

        Raises:
            click.UsageError: it says what.
        """
        if self.train is None:
            raise click.UsageError(
                "Give --train DATASET: a folder with Real/ and Fake/ in it, a corpus or a list."
            )
        if self.few and self.dev is not None:
            raise click.UsageError("--few holds some clips of --train out itself: leave --dev out.")

    def repeated(self) -> str:
        """Write the command line that repeats this."""
        words = ["earwitness", self.command]
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name in _SAYS_NOTHING or value in (None, False) or value == one.default:
                continue
            flag = f"--{one.name.replace('_', '-')}"
            if one.name == "recipe" and self.command == "train":
                words.insert(2, str(value))
            else:
                words += [flag] if value is True else [flag, str(value)]
        return shlex.join(words)
