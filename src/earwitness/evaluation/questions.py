"""A data set as a user names it → the trials that are asked about, and how they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, recognise
from earwitness.records import Label, Trial

_PREFERRED = ("eval", "dev")


@dataclass(frozen=True)
class Questions:
    """What is asked about.

    Attributes:
        root: the folder or list, as the user gave it.
        protocol: its name.
        partition: of the trials.
        partitions: all that lie at the root.
        trials: with different identities, of both labels.
        kin: columns by which trials belong together, best first.
        groups: columns that are worth a breakdown, best first.
        remarks: what lies at the root and belongs to no trial, in sentences.
    """

    root: Path
    protocol: str
    partition: str
    partitions: tuple[str, ...]
    trials: tuple[Trial, ...]
    kin: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def questions(
    root: Path, *, protocol: str | None = None, partition: str | None = None
) -> Questions:
    """List what a data set asks.

    Args:
        root: a folder, or a list of trials.
        protocol: its name; None to find out.
        partition: None for "eval" if it is there, else "dev", else the only one.

    Raises:
        ProtocolError: there is no such corpus or partition, it is malformed, or one label is
            absent.
        UnknownName: there is no such protocol.
    """
    name = recognise(root) if protocol is None else protocol.replace("-", "_")
    known = PROTOCOLS.get(name)()
    there = known.partitions(root)
    if not there and not root.exists():
        raise ProtocolError(f"{root}: there is no such file or folder.")
    chosen = partition or default_partition(there, where=str(root), looks_for=known.looks_for)
    trials = tuple(known.trials(root, chosen))
    refuse_one_label(trials, where=f"{root}, {chosen}")
    remarks = known.remarks(root)
    return Questions(root, name, chosen, there, trials, known.kin, known.groups, remarks)


def default_partition(there: tuple[str, ...], *, where: str, looks_for: str) -> str:
    """Choose the partition that results are reported on.

    Raises:
        ProtocolError: there is none, or several of which none is meant for that.

    Example:
        >>> default_partition(("train", "dev"), where="corpus", looks_for="a manifest")
        'dev'
    """
    if not there:
        raise ProtocolError(f"{where}: is no such data set. Looked for: {looks_for}.")
    chosen = next((name for name in _PREFERRED if name in there), None)
    if chosen is None and len(there) > 1:
        raise ProtocolError(f"{where}: choose a --partition. There are: {', '.join(there)}.")
    return chosen or there[0]


def refuse_one_label(trials: tuple[Trial, ...], *, where: str) -> None:
    """See to it that there is something to tell apart.

    Raises:
        ProtocolError: no trial at all, or one label only.
    """
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in trials)
    spoof = len(trials) - bona_fide
    if not bona_fide or not spoof:
        raise ProtocolError(
            f"{where}: {bona_fide:,} bona fide and {spoof:,} spoof trials. Both are needed to say "
            "how well they are told apart; for answers without a key, use: earwitness detect."
        )
