"""A list of your own: CSV or TSV with a header, one recording a line.

Columns: ``path`` (or file, filename, file_name, audio_path) relative to the list, absolute, or
with ``$ROOT`` for the list's folder; ``label`` (or key, class, cm_label) in any of the field's
words, or ``is_bonafide`` or ``is_spoof`` with 0 and 1. Optional: ``partition`` (or split, subset,
proportion; without it all is "eval") and ``id`` (else the path). Every further column can be used
for breakdowns. Case, dashes and underscores in column names do not matter.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import Once, checked
from earwitness.protocols._labels import (
    in_order,
    label_named,
    label_of,
    no_such_partition,
    partition_named,
)
from earwitness.protocols._tables import Row, header_of, rows_of
from earwitness.records import Label, Trial

_PATHS = ("path", "file", "filename", "file_name", "audio_path", "audio_file", "trial_anon")
_LABELS = ("label", "key", "class", "cm_label")
_PARTITIONS = ("partition", "split", "subset", "proportion")
_NONE = "-"  # what AntiDeepfake's lists write where a corpus has no partitions
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
_ROOT = re.compile(r"^\$(ROOT|\{ROOT\})/+")


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the list."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        kin=("page", "speaker", "source", "speaker_id", "source_corpus"),
        groups=("attack", "attack_type", "system", "codec", "language", "speaker", "source"),
        key=_read,
        is_general=True,
        title="a list of your own",
        looks_for="a CSV or TSV file whose header has path (or file …) and label (or key …)",
    )


def partitions(root: Path) -> tuple[str, ...]:
    """List the partitions that the list names; () where it is no such list."""
    if not os.path.isfile(root) or _columns(header_of(root)) is None:
        return ()
    try:
        return in_order({trial.partition for trial in _read(root)})
    except ProtocolError:  # told where the trials are asked for
        return ("eval",)


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    found = list(_read(root))
    there = in_order({trial.partition for trial in found})
    if partition not in there:
        raise no_such_partition(root, partition, there)
    return (trial for trial in found if trial.partition == partition)


def _read(path: Path) -> Iterator[Trial]:
    header = header_of(path)
    columns = _columns(header)
    once = Once(path)
    for row in rows_of(path):
        if columns is None:
            raise ProtocolError(f"{path}: {_lacking(header)}")
        trial = _trial(row, *columns)
        once.see(trial.id, row.number)
        yield trial


def _columns(header: tuple[str, ...]) -> tuple[str, str] | None:
    """Find the columns of path and label; None if one is missing."""
    path = next((name for name in _PATHS if name in header), None)
    label = next((name for name in (*_LABELS, *header) if name in header and _is_key(name)), None)
    return None if path is None or label is None else (path, label)


def _is_key(column: str) -> bool:
    return column in _LABELS or label_named(column.removeprefix("is_")) is not None


def _lacking(header: tuple[str, ...]) -> str:
    wanted = "path" if not set(_PATHS) & set(header) else "label"
    return f"the header has no column '{wanted}' (it has: {', '.join(header)})."


def _trial(row: Row, path_column: str, label_column: str) -> Trial:
    cells = {name: text.strip() for name, text in row.cells.items()}
    told = cells.pop(path_column)
    if not told:
        raise ProtocolError(f"{row.where}: the column '{path_column}' is empty.")
    label = _label(cells.pop(label_column), label_column, row)
    partition_column = next((name for name in _PARTITIONS if name in cells), None)
    partition = _NONE if partition_column is None else cells.pop(partition_column)
    if not partition:
        raise ProtocolError(f"{row.where}: the column '{partition_column}' is empty.")
    told = _plain(told, row.path.parent)
    name = cells.pop("id", "") or told
    partition = "eval" if partition == _NONE else partition_named(partition) or partition
    return Trial(name, row.path.parent / told, label, partition, cells)


def _label(word: str, column: str, row: Row) -> Label:
    if column in _LABELS:
        return label_of(word, where=row.where)
    meant = label_of(column.removeprefix("is_"), where=row.where)
    if word.casefold() in _TRUE:
        return meant
    if word.casefold() in _FALSE:
        return next(label for label in Label if label is not meant)
    raise ProtocolError(f"{row.where}: {word!r} in the column '{column}' is neither 0 nor 1.")


def _plain(told: str, folder: Path) -> str:
    """Spell a path in one way: forward slashes, and relative to the list where it lies below it."""
    path = Path(os.path.normpath(_ROOT.sub("", told.replace("\\", "/"))))
    top = folder.absolute()
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()
