"""In-the-Wild: ``meta.csv`` beside the recordings, with the columns file, speaker and label.

``0.wav,Alec Guinness,spoof``; bona fide is spelled ``bona-fide``. Ids are the file names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import Once, checked, keyed
from earwitness.protocols._labels import label_of, no_such_partition
from earwitness.protocols._tables import header_of, rows_of
from earwitness.records import Trial

_META = "meta.csv"
_COLUMNS = ("file", "speaker", "label")
_FOLDERS = ("", "release_in_the_wild")
_PARTITION = "eval"


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        kin=("speaker",),
        groups=("speaker",),
        key=keyed(_listed, partitions),
        title="In-the-Wild: politicians and celebrities",
        looks_for=f"{_META} with the columns file, speaker and label",
        complete=(_PARTITION,),
    )


def partitions(root: Path) -> tuple[str, ...]:
    """Say that there is one partition, "eval", if this is the corpus."""
    return (_PARTITION,) if _meta(root) else ()


def _meta(root: Path) -> Path | None:
    places = [root] if os.path.isfile(root) else [root / folder / _META for folder in _FOLDERS]
    return next((path for path in places if header_of(path) == _COLUMNS), None)


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    meta = _meta(root)
    if meta is None:
        raise ProtocolError(f"{root}: has no {_META} with the columns {', '.join(_COLUMNS)}.")
    if partition != _PARTITION:
        raise no_such_partition(meta, partition, (_PARTITION,))
    once = Once(meta)
    for row in rows_of(meta):
        name = row.cells["file"]
        once.see(name, row.number)
        label = label_of(row.cells["label"], where=row.where)
        speaker = {"speaker": row.cells["speaker"]}
        yield Trial(name, meta.parent / name, label, _PARTITION, speaker)
