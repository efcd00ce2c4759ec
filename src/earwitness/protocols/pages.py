"""A corpus of clips from public pages: ``manifest.tsv`` beside ``audio/``.

Columns (tab-separated, with a header): path, split, label, attack_type, system, page,
source_corpus, language, year, licence, original_format, seconds. ``split`` is train or dev;
``page`` is OWNER/REPOSITORY; ``system`` the synthesiser as the page names it, ``-`` for bona fide.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import Once, checked, keyed
from earwitness.protocols._labels import in_order, no_such_partition
from earwitness.protocols._tables import Row, header_of, rows_of
from earwitness.records import Label, Trial

COLUMNS = ("path", "split", "label", "attack_type", "system", "page")
_MANIFEST = "manifest.tsv"
_COMPLETE = ("train", "dev")


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(trials, partitions),
        partitions=partitions,
        kin=("page",),
        groups=("attack_type", "system", "language", "source_corpus", "original_format"),
        key=keyed(trials, partitions),
        title="clips collected from public pages",
        looks_for=f"{_MANIFEST} with the columns {', '.join(COLUMNS)}",
        complete=_COMPLETE,
    )


def partitions(root: Path) -> tuple[str, ...]:
    """List the partitions that the manifest names; () if there is no such manifest."""
    if not set(COLUMNS) <= set(header_of(root / _MANIFEST)):
        return ()
    try:
        return in_order({row.cells["split"] for row in rows_of(root / _MANIFEST, *COLUMNS)})
    except ProtocolError:  # told where the trials are asked for
        return _COMPLETE


def trials(root: Path, partition: str) -> Iterator[Trial]:
    """List the trials of one partition, in the manifest's order; the audio may be elsewhere.

    Raises:
        ProtocolError: no manifest, a missing column, a malformed line, an unknown label, a path
            that is there twice, or no such partition.
    """
    manifest = root / _MANIFEST
    once = Once(manifest)
    found: dict[str, list[Trial]] = {}
    for row in rows_of(manifest, *COLUMNS):
        trial = _trial(root, row)
        once.see(trial.id, row.number)
        found.setdefault(trial.partition, []).append(trial)
    if partition not in found:
        raise no_such_partition(manifest, partition, in_order(set(found)))
    yield from found[partition]


def owner(trial: Trial) -> str:
    """Name the owner of the page that a trial comes from: clips of one owner belong together."""
    return trial.meta["page"].partition("/")[0]


def _trial(root: Path, row: Row) -> Trial:
    cells = dict(row.cells)
    path, split, word = (cells.pop(name) for name in ("path", "split", "label"))
    try:
        label = Label(word)
    except ValueError:
        raise ProtocolError(
            f"{row.where}: label {word!r} is neither 'bonafide' nor 'spoof'."
        ) from None
    return Trial(path, root / path, label, split, cells)
