"""A corpus of clips from public pages: ``manifest.tsv`` beside ``audio/``.

Columns (tab-separated, with a header): path, split, label, attack_type, system, page,
source_corpus, language, year, licence, original_format, seconds. ``split`` is train or dev;
``page`` is OWNER/REPOSITORY; ``system`` the synthesiser as the page names it, ``-`` for bona fide.
"""

from __future__ import annotations

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
        ProtocolError: no manifest, a missing column, a malformed line, an unknown label, a path
            that is there twice, or no such partition.
    """
    manifest = root / "manifest.tsv"
    line_of: dict[str, int] = {}
    found: dict[str, list[Trial]] = {}
    for number, row in _rows(manifest):
        trial = _trial(root, row, where=f"{manifest}, line {number}")
        first = line_of.setdefault(trial.id, number)
        if first != number:
            raise ProtocolError(
                f"{manifest}, line {number}: '{trial.id}' is on line {first} already."
            )
        found.setdefault(trial.partition, []).append(trial)
    if partition not in found:
        there = " or ".join(sorted(found)) or "nothing: there is no trial in it"
        raise ProtocolError(f"{manifest}: there is no partition '{partition}'. Use {there}.")
    yield from found[partition]


def owner(trial: Trial) -> str:
    """Name the owner of the page that a trial comes from: clips of one owner belong together."""
    return trial.meta["page"].partition("/")[0]


def _rows(manifest: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Read line number and columns of each line behind the header."""
    try:
        header, *lines = manifest.read_text(encoding="utf-8").split("\n")
    except OSError as exc:
        raise ProtocolError(f"{manifest}: cannot be read ({exc.strerror}).") from exc
    except UnicodeDecodeError as exc:
        raise ProtocolError(f"{manifest}: is not UTF-8 (byte {exc.start}).") from exc
    names = header.split("\t")
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise ProtocolError(f"{manifest}: the header has no column '{missing[0]}'.")
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if line and len(cells) != len(names):
            raise ProtocolError(
                f"{manifest}, line {number}: {len(cells)} columns, where the header has "
                f"{len(names)}."
            )
        if line:
            yield number, dict(zip(names, cells, strict=True))


def _trial(root: Path, row: dict[str, str], *, where: str) -> Trial:
    try:
        label = Label(row["label"])
    except ValueError:
        raise ProtocolError(
            f"{where}: label {row['label']!r} is neither 'bonafide' nor 'spoof'."
        ) from None
    meta = {key: value for key, value in row.items() if key not in ("path", "split", "label")}
    return Trial(row["path"], root / row["path"], label, row["split"], meta)
