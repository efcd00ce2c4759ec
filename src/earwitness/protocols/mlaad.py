"""MLAAD: ``fake/LANGUAGE/MODEL/meta.csv`` beside the recordings that one model spoke.

Columns, with bars between them: path, original_file, language, is_original_language, duration,
training_data, model_name, architecture, transcript. The release holds spoofs only: the bona fide
recordings are M-AILABS, unpacked into ``original`` (``original/de_DE/by_book/female/…``). The
column "source" is the M-AILABS file whose words are spoken, which ties a recording to its copies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import Once, checked
from earwitness.protocols._folders import folders_in, label_folders, searched
from earwitness.protocols._labels import label_named, no_such_partition
from earwitness.protocols._tables import Row, rows_of
from earwitness.records import Label, Trial

_META = "meta.csv"
_FAKE = "fake"
_COLUMNS = ("path", "original_file", "language", "model_name", "architecture")
_KEPT = {"language": "language", "model_name": "attack", "architecture": "architecture"}
_PARTITION = "eval"


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        kin=("source",),
        groups=("attack", "language", "architecture"),
        title="MLAAD, with M-AILABS",
        looks_for=f"{_FAKE}/LANGUAGE/MODEL/{_META} beside original (M-AILABS)",
        complete=(_PARTITION,),
    )


def partitions(root: Path) -> tuple[str, ...]:
    """Say that there is one partition, "eval", if this is the corpus."""
    return (_PARTITION,) if next(_metas(_top(root)), None) else ()


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    top = _top(root)
    metas = list(_metas(top))
    if not metas:
        raise ProtocolError(f"{root}: has no {_FAKE}/LANGUAGE/MODEL/{_META}.")
    if partition != _PARTITION:
        raise no_such_partition(root, partition, (_PARTITION,))
    originals = label_folders(top).get(Label.BONA_FIDE, [])
    if not originals:
        raise ProtocolError(
            f"{root}: holds spoofs only. Unpack M-AILABS, which MLAAD was made from, into "
            f"{top / 'original'}."
        )
    for folder in originals:
        yield from _bona_fide(folder, top)
    for meta in metas:
        yield from _spoofs(meta, top)


def _top(root: Path) -> Path:
    """Start from the folder above, if ``fake`` itself was given."""
    return root.parent if root.name == _FAKE else root


def _metas(top: Path) -> Iterator[Path]:
    for language in folders_in(top / _FAKE):
        for model in folders_in(language):
            if os.path.isfile(model / _META):
                yield model / _META


def _bona_fide(folder: Path, top: Path) -> Iterator[Trial]:
    for path in searched(folder):
        below = path.relative_to(folder)
        language = below.parts[0].partition("_")[0] if len(below.parts) > 1 else "-"
        meta = {
            "language": language,
            "attack": "-",
            "architecture": "-",
            "source": below.as_posix(),
        }
        name = path.relative_to(top).as_posix()
        yield Trial(name, path, Label.BONA_FIDE, _PARTITION, meta)


def _spoofs(meta: Path, top: Path) -> Iterator[Trial]:
    once = Once(meta)
    for row in rows_of(meta, *_COLUMNS):
        name = _name(row, top)
        once.see(name, row.number)
        columns = {ours: row.cells[theirs] for theirs, ours in _KEPT.items()}
        columns |= _source(row.cells["original_file"])
        yield Trial(name, top / name, Label.SPOOF, _PARTITION, columns)


def _source(told: str) -> dict[str, str]:
    """Spell the original as the path below M-AILABS; some releases begin with its folder."""
    parts = PurePosixPath(told.replace("\\", "/")).parts
    if parts and label_named(parts[0]) is Label.BONA_FIDE:
        parts = parts[1:]
    return {"source": "/".join(parts)} if parts else {}


def _name(row: Row, top: Path) -> str:
    """Give the path below the corpus's root; some releases give it below the model's folder."""
    told = PurePosixPath(row.cells["path"].replace("\\", "/"))
    if _FAKE in told.parts:
        return PurePosixPath(*told.parts[told.parts.index(_FAKE) :]).as_posix()
    return (row.path.parent.relative_to(top) / told).as_posix()
