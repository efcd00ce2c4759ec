"""What holds for the trials of every corpus: ids are unique, and there is audio."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from earwitness.errors import ProtocolError
from earwitness.records import Trial

ALL = "all"
Lister: TypeAlias = Callable[[Path, str], Iterable[Trial]]
Partitions: TypeAlias = Callable[[Path], tuple[str, ...]]


def checked(listed: Lister, partitions: Partitions) -> Callable[[Path, str], Iterator[Trial]]:
    """Make the ``trials`` of a protocol from a function that only lists them.

    Everything is read and checked before the first trial is given, so that a job fails at its
    start. The partition "all" stands for every partition that is there.
    """

    def trials(root: Path, partition: str) -> Iterator[Trial]:
        found = _together(listed, root, _wanted(partitions(root), partition))
        _refuse_silence(found, root)
        return iter(found)

    return trials


def keyed(listed: Lister, partitions: Partitions) -> Callable[[Path], Iterator[Trial]]:
    """Make the ``key`` of a protocol: all that is listed, wherever the audio may be."""

    def key(root: Path) -> Iterator[Trial]:
        return iter(_together(listed, root, _wanted(partitions(root), ALL)))

    return key


class Once:
    """Refuses an id that stands in a list twice.

    Args:
        path: of the list.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line_of: dict[str, int] = {}

    def see(self, name: str, number: int) -> None:
        """Remember that a trial stands on this line.

        Raises:
            ProtocolError: it stood on another line before.
        """
        first = self._line_of.setdefault(name, number)
        if first != number:
            raise ProtocolError(
                f"{self._path}, line {number}: '{name}' is on line {first} already."
            )


def _wanted(there: tuple[str, ...], partition: str) -> tuple[str, ...]:
    return there if partition == ALL and there and ALL not in there else (partition,)


def _together(listed: Lister, root: Path, partitions: tuple[str, ...]) -> list[Trial]:
    """List some partitions; one id may stand in the lists of two of them."""
    found = [trial for name in partitions for trial in listed(root, name)]
    seen: dict[str, Trial] = {}
    for trial in found:
        other = seen.setdefault(trial.id, trial)
        if other is not trial:
            raise ProtocolError(
                f"{root}: '{trial.id}' is in {other.partition} and in {trial.partition}. "
                "Ask for one partition."
            )
    return found


def _refuse_silence(found: list[Trial], root: Path) -> None:
    if found and not any(os.path.exists(trial.path) for trial in found):
        raise ProtocolError(
            f"{root}: none of its {len(found):,} recordings is there; the first was looked for at "
            f"{found[0].path}. Is the audio in another folder, or still packed?"
        )
