"""A corpus of clips from public pages: ``manifest.tsv`` beside ``audio/``.

Columns (tab-separated, with a header): path, split, label, attack_type, system, page,
source_corpus, language, year, licence, original_format, seconds. ``split`` is train or dev;
``page`` is OWNER/REPOSITORY; ``system`` the synthesiser as the page names it, ``-`` for bona fide.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial

_REQUIRED = ("path", "split", "label", "attack_type", "system", "page")


@PROTOCOLS.add
def trials(root: Path, partition: str) -> Iterator[Trial]:
    """List the trials of one partition, in the manifest's order.

    Raises:
        ProtocolError: no manifest, a missing column, an unknown label, or no such partition.
    """
    manifest = root / "manifest.tsv"
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise ProtocolError(f"{manifest}: cannot be read ({exc.strerror}).") from exc
    rows = csv.DictReader(lines, delimiter="\t")
    missing = [name for name in _REQUIRED if name not in (rows.fieldnames or [])]
    if missing:
        raise ProtocolError(f"{manifest}: the header has no column '{missing[0]}'.")
    found = [
        _trial(root, row, where=f"{manifest}, line {number}")
        for number, row in enumerate(rows, start=2)
        if row["split"] == partition
    ]
    if not found:
        raise ProtocolError(f"{manifest}: there is no partition '{partition}'. Use train or dev.")
    yield from found


def owner(trial: Trial) -> str:
    """Name the owner of the page that a trial comes from: clips of one owner belong together."""
    return trial.meta["page"].partition("/")[0]


def _trial(root: Path, row: dict[str, str], *, where: str) -> Trial:
    try:
        label = Label(row["label"])
    except ValueError:
        raise ProtocolError(
            f"{where}: label {row['label']!r} is neither 'bonafide' nor 'spoof'."
        ) from None
    meta = {key: value for key, value in row.items() if key not in ("path", "split", "label")}
    return Trial(row["path"], root / row["path"], label, row["split"], meta)
