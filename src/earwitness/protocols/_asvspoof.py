"""What the lists of the ASVspoof challenges share: columns without a header, ids without a path."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols._checks import Once
from earwitness.protocols._labels import in_order, label_named, label_of, no_such_partition
from earwitness.protocols._search import files_named
from earwitness.protocols._tables import Fields, fields_of, first_line
from earwitness.records import Label

_ID = 1  # column of the utterance


def first_fields(path: Path) -> list[str]:
    """Give the columns of a list's first line; none where it cannot be read."""
    return first_line(path).split()


def lines_in(path: Path, *, key: int, columns: tuple[int, ...]) -> Iterator[tuple[Fields, Label]]:
    """Read a list, line by line, with the label: the second column is the id, ``key`` the label.

    Args:
        path: of the list.
        key: column of the label, from 0.
        columns: how many columns a line may have.

    Raises:
        ProtocolError: a line is malformed, a label unknown, or an id there twice.
    """
    once = Once(path)
    for line in fields_of(path, *columns):
        once.see(line.texts[_ID], line.number)
        label = label_named(line.texts[key])
        yield line, label or label_of(line.texts[key], where=line.where)


class Lists:
    """The lists of a corpus that has one a partition.

    Args:
        names: file name → partition, in order.
        letters: what an id begins with, before T, D or E and an underscore ("LA_", "").
        columns: how many there are.
    """

    def __init__(self, names: Mapping[str, str], *, letters: str, columns: int) -> None:
        self._names = names
        self._columns = columns
        self._partition_of = {
            f"{letters}T_": "train",
            f"{letters}D_": "dev",
            f"{letters}E_": "eval",
        }

    def partitions(self, root: Path) -> tuple[str, ...]:
        """List the partitions whose lists are at a root, which may be a list itself."""
        return in_order(set(self._found(root)))

    def choose(self, root: Path, partition: str) -> Path:
        """Find the list of a partition.

        Raises:
            ProtocolError: there is none, or more than one.
        """
        found = self._found(root)
        if not found:
            raise ProtocolError(self._none(root))
        if partition not in found:
            raise no_such_partition(root, partition, in_order(set(found)))
        return only(found[partition], root)

    def _found(self, root: Path) -> dict[str, list[Path]]:
        if os.path.isfile(root):
            partition = self._partition(first_fields(root))
            return {partition: [root]} if partition else {}
        found: dict[str, list[Path]] = {}
        for path in files_named(root, self._names):
            found.setdefault(self._names[path.name], []).append(path)
        return found

    def _partition(self, fields: list[str]) -> str | None:
        """Tell the partition by the id, for a list may have been renamed."""
        if len(fields) != self._columns:
            return None
        heads = self._partition_of
        return next((heads[head] for head in heads if fields[_ID].startswith(head)), None)

    def _none(self, root: Path) -> str:
        if not os.path.isfile(root):
            return f"{root}: has none of the lists {', '.join(self._names)} in it."
        fields = first_fields(root)
        if len(fields) != self._columns:
            return f"{root}, line 1: {len(fields)} columns, where {self._columns} are expected."
        heads = ", ".join(self._partition_of)
        return f"{root}, line 1: the id '{fields[_ID]}' begins with none of {heads}."


def only(paths: list[Path], root: Path) -> Path:
    """Refuse to choose between several lists.

    Raises:
        ProtocolError: there is not exactly one.
    """
    if len(paths) > 1:
        raise ProtocolError(
            f"{root}: holds several lists: {' and '.join(map(str, paths[:2]))}. Give the one that "
            "is meant, or the folder of one copy of the corpus."
        )
    return paths[0]
