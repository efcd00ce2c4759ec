"""What is asked of a study."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from earwitness.study.arms import RATES


@dataclass(frozen=True)
class Wishes:
    """What is asked of a study.

    Attributes:
        target: folder of for-2seconds.
        custom: the custom set.
        model: name or folder of the starting detector.
        out: the study's folder.
        seeds: how many runs each arm has.
        processes: how many steps at a time, each with a thread.
        arms: names; () for all.
        rates: learning rates that are tried for plain.
        wandb: whether trainings are logged to Weights & Biases, too.
        accepts_counts: for-2seconds has other counts than published, and that is meant.
        links: what the report's header shows beside the commit, as (name, address).
    """

    target: Path
    custom: Path
    model: str
    out: Path
    seeds: int = 3
    processes: int = 2
    arms: tuple[str, ...] = ()
    rates: tuple[float, ...] = RATES
    wandb: Literal["online", "offline", "off"] = "off"
    accepts_counts: bool = False
    links: tuple[tuple[str, str], ...] = ()

    def command(self) -> str:
        """Write the command line that repeats this."""
        words = ["earwitness", "study", "--for-2seconds", str(self.target), "--custom",
                 str(self.custom), "--model", self.model, "--out", str(self.out), "--seeds",
                 str(self.seeds), "--processes", str(self.processes)]  # fmt: skip
        words += ["--arms", ",".join(self.arms)] if self.arms else []
        words += ["--wandb", self.wandb] if self.wandb != "off" else []
        words += ["--accept-counts"] if self.accepts_counts else []
        return shlex.join(words)
