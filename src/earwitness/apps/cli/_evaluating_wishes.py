"""What was asked of ``evaluate``, and which of it can go together."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from earwitness.runtimes import Device, Precision

_OF_A_DETECTOR = (
    "model",
    "operating_point",
    "workers",
    "threads",
    "device",
    "precision",
    "segments",
)
_OF_SCORES = ("key", "llr", "threshold", "partial")
_NOT_OF_A_CLAIM = (
    "dataset", "scores", "protocol", "partition", "out", "by", "asv_scores", "accept_inverted",
    "restart", "no_audio", *_OF_A_DETECTOR, *_OF_SCORES,
)  # fmt: skip


@dataclass(frozen=True)
class Wishes:
    """The command's arguments and options, as they were given; see its help."""

    dataset: Path | None = None
    protocol: str | None = None
    partition: str | None = None
    model: str | None = None
    operating_point: str | None = None
    out: Path | None = None
    by: tuple[str, ...] = ()
    accept_inverted: bool = False
    restart: bool = False
    no_audio: bool = False
    scores: Path | None = None
    key: Path | None = None
    llr: bool = False
    threshold: float | None = None
    partial: bool = False
    asv_scores: Path | None = None
    claim: str | None = None
    segments: Path | None = None
    workers: int | None = None
    threads: int | None = None
    device: Device | None = None
    precision: Precision | None = None
    as_json: bool = False
    quiet: bool = False

    def check(self) -> None:
        """Refuse what cannot go together.

        Raises:
            click.UsageError: it says what.
        """
        if self.claim is not None:
            self._refuse(_NOT_OF_A_CLAIM, "--claim")
        elif self.scores is not None:
            self._refuse(("dataset", *_OF_A_DETECTOR), "--scores")
            if self.key is None:
                raise click.UsageError("--scores needs the labels: give --key FILE, too.")
            if self.threshold is not None and not math.isfinite(self.threshold):
                raise click.UsageError(f"--threshold {self.threshold}: is no finite number.")
        else:
            self._refuse(_OF_SCORES, "a DATASET", "belong to --scores")
            if self.dataset is None:
                raise click.UsageError(
                    "Give a DATASET (a folder with Real/ and Fake/ in it, a corpus, or a list), "
                    "or --scores with --key, or --claim."
                )

    def command(self, **resolved: str) -> str:
        """Write the command line that repeats this.

        Args:
            resolved: what was found out where nothing was asked for: protocol, partition.
        """
        words = ["earwitness", "evaluate"]
        if self.dataset is not None:
            words.append(str(self.dataset))
        for name, value in self._given(resolved):
            flag = _flag(name)
            for one in value if isinstance(value, tuple) else (value,):
                words += [flag] if one is True else [flag, str(one)]
        return shlex.join(words)

    def _given(self, resolved: dict[str, str]) -> Iterator[tuple[str, object]]:
        for field in fields(self):
            value = resolved.get(field.name, getattr(self, field.name))
            is_asked = value is not None and value is not False
            if is_asked and field.name not in ("dataset", "restart", "quiet", "as_json"):
                yield field.name, value

    def _refuse(self, names: tuple[str, ...], beside: str, why: str = "") -> None:
        for name in names:
            value = getattr(self, name)
            if value is None or value is False or value == ():
                continue
            flag = "a DATASET" if name == "dataset" else _flag(name)
            raise click.UsageError(f"{flag} cannot be given together with {beside}{_because(why)}.")


def _because(why: str) -> str:
    return f": it {why.replace('belong', 'belongs')}" if why else ""


def _flag(name: str) -> str:
    return "--json" if name == "as_json" else f"--{name.replace('_', '-')}"
