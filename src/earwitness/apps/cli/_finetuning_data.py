"""What ``--train``, ``--dev`` and ``--keep`` name → questions."""

from __future__ import annotations

from pathlib import Path

import click

from earwitness.errors import ProtocolError
from earwitness.evaluation.questions import Questions, questions
from earwitness.protocols import PROTOCOLS, recognise


def asked(named: str, wanted: str | None, *, protocol: str | None) -> Questions:
    """Open a data set, or one partition of it.

    Args:
        named: PATH or PATH:PARTITION.
        wanted: the partition that is meant where none is named and it is there; a data set of one
            partition needs no name for it.
        protocol: its name; None to find out.

    Raises:
        ProtocolError: there is no such data set or partition, or it lacks a label.
    """
    root, partition = _parted(named)
    if partition is None and wanted is not None:
        partition = _meant(root, wanted, protocol)
    return questions(root, protocol=protocol, partition=partition)


def dev_of(train: str, *, protocol: str | None) -> str:
    """Name the dev partition beside what is trained on.

    Raises:
        click.UsageError: there is none.
    """
    root, _ = _parted(train)
    if "dev" not in _partitions(root, protocol):
        raise click.UsageError(
            f"{root} has no partition dev to choose the epoch on: give --dev DATASET."
        )
    return f"{root}:dev"


def _parted(named: str) -> tuple[Path, str | None]:
    if Path(named).exists() or ":" not in named:
        return Path(named), None
    root, _, partition = named.rpartition(":")
    return Path(root), partition


def _meant(root: Path, wanted: str, protocol: str | None) -> str | None:
    there = _partitions(root, protocol)
    if wanted in there or not there:
        return wanted if there else None
    if len(there) > 1:
        raise ProtocolError(
            f"{root}: has no partition '{wanted}'. Write {root}:PARTITION, one of "
            f"{', '.join(there)}."
        )
    return there[0]


def _partitions(root: Path, protocol: str | None) -> tuple[str, ...]:
    name = recognise(root) if protocol is None else protocol
    return PROTOCOLS.get(name)().partitions(root)
