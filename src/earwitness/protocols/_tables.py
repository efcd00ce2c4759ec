"""Tables of text → rows with their line numbers: the one place that opens lists of trials."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earwitness.errors import ProtocolError

_MARKS = "\t|;,"


@dataclass(frozen=True)
class Row:
    """One line of a table with a header.

    Attributes:
        path: of the file.
        number: of the line, from 1.
        cells: column → text; columns in lower case with underscores ("CM-Label" → "cm_label").
    """

    path: Path
    number: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        """Name file and line, for messages."""
        return f"{self.path}, line {self.number}"


@dataclass(frozen=True)
class Fields:
    """One line of a list without a header: its columns, and where it stands."""

    path: Path
    number: int
    texts: list[str]

    @property
    def where(self) -> str:
        """Name file and line, for messages."""
        return f"{self.path}, line {self.number}"


def text_of(path: Path, *, keeps_bytes: bool = False) -> str:
    """Read a text file.

    Args:
        path: of the file.
        keeps_bytes: take bytes that are no UTF-8, and ends of lines, as they are: for names of
            files that are no text.

    Raises:
        ProtocolError: it cannot be read, or is not UTF-8.
    """
    try:
        errors, newline = ("surrogateescape", "") if keeps_bytes else ("strict", None)
        with path.open(encoding="utf-8-sig", errors=errors, newline=newline) as file:
            return file.read()
    except OSError as exc:
        raise ProtocolError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except UnicodeDecodeError as exc:
        raise ProtocolError(f"{path}: is not UTF-8 (byte {exc.start}).") from exc


def first_line(path: Path) -> str:
    """Give the first line of a text file; an empty one where it cannot be read as text."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(_LONGEST_HEADER)
    except (OSError, UnicodeDecodeError):
        return ""


_LONGEST_HEADER = 10_000  # a recording that is looked at as text may have no line end for long


def fields_of(path: Path, *columns: int) -> Iterator[Fields]:
    """Read a list whose columns are separated by blanks or tabs, and that has no header.

    Args:
        path: of the list.
        columns: how many columns a line may have.

    Raises:
        ProtocolError: it cannot be read, or a line has another number of columns.
    """
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        texts = line.split()
        if texts and len(texts) not in columns:
            expected = " or ".join(map(str, columns))
            raise ProtocolError(
                f"{path}, line {number}: {len(texts)} columns, where {expected} are expected."
            )
        if texts:
            yield Fields(path, number, texts)


def header_of(path: Path) -> tuple[str, ...]:
    """Give the columns that a table's first line names; () where it cannot be read as text."""
    line = first_line(path)
    return tuple(_name(cell) for _, cells in _records(line) for cell in cells)


def rows_of(path: Path, *required: str) -> Iterator[Row]:
    """Read a table with a header: tabs, bars, semicolons, commas or blanks, as the header has.

    Quotation marks hold a cell together, except between tabs, where they are letters.

    Args:
        path: of the table.
        required: columns that it must have.

    Raises:
        ProtocolError: it cannot be read, has no header, lacks a column, or a line does not fit
            the header.
    """
    records = _records(text_of(path))
    try:
        names = [_name(cell) for cell in next(records, (0, []))[1]]
        _check_header(path, names, required)
        for number, cells in records:
            if len(cells) != len(names):
                raise ProtocolError(
                    f"{path}, line {number}: {len(cells)} columns, where the header has "
                    f"{len(names)}."
                )
            yield Row(path, number, dict(zip(names, cells, strict=True)))
    except csv.Error as exc:
        raise ProtocolError(f"{path}: is no table ({exc}). Is a quotation mark open?") from exc


def _check_header(path: Path, names: list[str], required: tuple[str, ...]) -> None:
    if not names:
        raise ProtocolError(f"{path}: is empty. Its first line must name the columns.")
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ProtocolError(f"{path}: the header names the column '{twice}' twice.")
    missing = next((name for name in required if name not in names), None)
    if missing is not None:
        raise ProtocolError(f"{path}: the header has no column '{missing}'.")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Split a table into the number and the cells of each line that is not empty."""
    header = text.partition("\n")[0].strip("\r")
    mark = next((mark for mark in _MARKS if mark in header), " ")
    if mark == "\t":
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield number, line.rstrip("\r").split("\t")
        return
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    for cells in lines:
        if any(cells):
            yield lines.line_num, cells


def _name(cell: str) -> str:
    return re.sub(r"[-\s]+", "_", cell.strip()).casefold()
