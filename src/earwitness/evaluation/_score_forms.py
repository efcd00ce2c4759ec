"""The forms of score files → rows: the one place that knows how others write them."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import label_named, text_of
from earwitness.records import Label

_IDS = ("filename", "file_name", "file", "id", "trial_id", "trialid", "trial_anon", "utt_id")
_MORE_IDS = ("utt", "utterance", "utterance_id", "path", "audio_path")
_SCORES = ("cm_score", "score", "llr")
_LABELS = ("label", "key", "cm_label")
OUR_HEAD = b"filename\tcm-score\tlabel\tanswer\traw-score\t"
_SHOWN = 80  # characters


@dataclass(frozen=True)
class ScoreRow:
    """One trial of a score file.

    Attributes:
        id: of the trial.
        score: None where the file lists the trial without a score: it could not be scored.
        label: of the trial, if the file tells it.
        more: the other columns, by name.
    """

    id: str
    score: float | None
    label: Label | None = None
    more: dict[str, str] = field(default_factory=dict)


def numbered_rows(path: Path) -> Iterator[tuple[int, ScoreRow]]:
    """Read a score file, giving each row with the number of its line.

    Raises:
        ProtocolError: it cannot be read, has no known form, a line is malformed, or a score is not
            a finite number.
    """
    try:
        yield from _rows(path, text_of(path, keeps_bytes=_is_ours(path)))
    except csv.Error as exc:
        raise ProtocolError(f"{path}: is no table ({exc}). Is a quotation mark open?") from exc


def _is_ours(path: Path) -> bool:
    """Say whether we wrote a file: then the names in it are those of files, text or not."""
    try:
        with path.open("rb") as file:
            return file.read(len(OUR_HEAD)) == OUR_HEAD
    except OSError:  # told where it is read
        return False


def _rows(path: Path, text: str) -> Iterator[tuple[int, ScoreRow]]:
    head = next((line for line in text.split("\n") if line.strip()), "")
    mark = next((mark for mark in "\t," if mark in head), " ")
    names = [re.sub(r"[-\s]+", "_", cell.strip()).casefold() for cell in _split(head, mark)]
    columns = _columns(names)
    records = _records(text, mark)
    if columns is not None:
        next(records)
        for number, cells in records:
            yield number, _with_header(cells, names, columns, where=f"{path}, line {number}")
        return
    first = _split(head, mark)
    if first and not _is_number(first[-1]):
        raise ProtocolError(
            f"{path}, line 1: neither '{head.strip()[:_SHOWN]}' names a column for the id "
            "(filename, id …) and one for the score (cm-score, score), nor is it an id and a score."
        )
    width = _width(first)
    for number, cells in records:
        yield number, _without_header(cells, width, where=f"{path}, line {number}")


def _split(line: str, mark: str) -> list[str]:
    return line.split() if mark == " " else next(csv.reader([line], delimiter=mark), [])


def _records(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    if mark == " ":
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield number, line.split()
        return
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    for cells in lines:
        if any(cells):
            yield lines.line_num, cells


def _columns(names: list[str]) -> tuple[int, int] | None:
    """Find where id and score stand; None where the line names neither."""
    name = next((names.index(one) for one in (*_IDS, *_MORE_IDS) if one in names), None)
    score = next((names.index(one) for one in _SCORES if one in names), None)
    return None if name is None or score is None else (name, score)


def _with_header(
    cells: list[str], names: list[str], columns: tuple[int, int], *, where: str
) -> ScoreRow:
    if len(cells) != len(names):
        raise ProtocolError(f"{where}: {len(cells)} columns, where the header has {len(names)}.")
    more = dict(zip(names, cells, strict=True))
    label = next((label_named(more[name]) for name in _LABELS if name in more), None)
    name, text = (cells[at] for at in columns)
    return ScoreRow(name, _score(text, where=where) if text else None, label, more)


def _width(cells: list[str]) -> int:
    """Tell the form of a file without a header by its first line: 4 with attack and key, or 2."""
    return 4 if len(cells) >= 4 and label_named(cells[-2]) else 2


def _without_header(cells: list[str], width: int, *, where: str) -> ScoreRow:
    """Read from the right: some ids have blanks in them ("OpenAI TTS-1 HD/1.wav")."""
    label = label_named(cells[-2]) if width == 4 and len(cells) >= 4 else None
    if len(cells) < width or (width == 4 and label is None):
        form = "id, attack, key and score" if width == 4 else "id and score"
        raise ProtocolError(f"{where}: expected {form}, but got '{' '.join(cells)}'.")
    name = " ".join(cells[: 1 - width])
    return ScoreRow(name, _score(cells[-1], where=where), label)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # which Python allows between digits, and nobody else


def _score(text: str, *, where: str) -> float:
    if not (_is_number(text) and math.isfinite(float(text))):
        raise ProtocolError(
            f"{where}: the score '{text}' is no finite number. One number a trial is expected, "
            "higher for bona fide."
        )
    return float(text)
