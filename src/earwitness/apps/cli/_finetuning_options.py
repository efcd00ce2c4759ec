"""The options that ``finetune`` and ``train`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_FOLDER = click.Path(file_okay=False, path_type=Path)

_DATA = (
    click.option(
        "--train", metavar="DATASET",
        help="What is learned: PATH or PATH:PARTITION.  [partition: train, or the only one]",
    ),
    click.option(
        "--dev", metavar="DATASET",
        help="What chooses the epoch; never augmented.  [default: partition dev beside --train]",
    ),
    click.option(
        "--keep", metavar="DATASET",
        help="What must not be forgotten: scored before, during and after.",
    ),
    click.option(
        "--protocol", metavar="NAME", help="What kind of data sets they are.  [found out]"
    ),
    click.option(
        "--allow-overlap", is_flag=True, help="The same recordings may be in several of them."
    ),
)  # fmt: skip
_RUN = (
    click.option("--epochs", type=click.IntRange(min=1), help="Instead of the recipe's."),
    click.option(
        "--rate", type=click.FloatRange(min=0, min_open=True),
        help="Learning rate instead of the recipe's.",
    ),
    click.option("--seed", type=click.IntRange(min=0), help="Instead of the recipe's."),
    click.option(
        "--precision", type=click.Choice(["auto", "fp32", "bf16"]),
        help="In what is fitted.  [default: the recipe's]",
    ),
    click.option(
        "--devices", type=click.IntRange(min=1), default=1, show_default=True,
        help="Accelerators, or processes on the CPU, of this machine.",
    ),
    click.option(
        "--threads", type=click.IntRange(min=1), default=2, show_default=True,
        help="Threads for the network, on the CPU.",
    ),
    click.option(
        "--workers", type=click.IntRange(min=0), default=1, show_default=True,
        help="Processes that cut and augment, beside the one that fits.",
    ),
    click.option(
        "--limit", type=click.IntRange(min=2), help="Use so many clips of each data set only."
    ),
    click.option(
        "--cache", type=_FOLDER, metavar="FOLDER",
        help="Keep decoded sound there, for other runs, too.  [default: in --out]",
    ),
    click.option(
        "--wandb", type=click.Choice(["online", "offline", "off"]), default="off",
        show_default=True, help="Log to Weights & Biases, or to a file that it can read.",
    ),
    click.option(
        "--restart", is_flag=True, help="Forget what --out holds of a run, and begin again."
    ),
)  # fmt: skip


def _group(decorators: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for one in reversed(decorators):
            command = one(command)
        return command

    return decorate


data_options = _group(_DATA)
run_options = _group(_RUN)
