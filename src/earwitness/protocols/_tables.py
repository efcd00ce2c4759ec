"""Tables of text → rows with their line numbers: the one place that opens lists of trials."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earwitness.errors import ProtocolError


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        path: of the file.
        number: of the line, from 1.
        cells: column → text; columns in lower case with underscores ("Bona-Fide" → "bona_fide").
    """

    path: Path
    number: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        """Name file and line, for messages."""
        return f"{self.path}, line {self.number}"


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Read a text file, giving number and text of each line that is not empty.

    Raises:
        ProtocolError: it cannot be read, or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise ProtocolError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except UnicodeDecodeError as exc:
        raise ProtocolError(f"{path}: is not UTF-8 (byte {exc.start}).") from exc
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def fields_of(path: Path, *columns: int) -> Iterator[tuple[str, list[str]]]:
    """Read a list whose columns are separated by blanks or tabs, and that has no header.

    Args:
        path: of the list.
        columns: how many columns a line may have.

    Yields:
        where the line stands, for messages, and its columns.

    Raises:
        ProtocolError: it cannot be read, or a line has another number of columns.
    """
    for number, line in lines_of(path):
        fields = line.split()
        if len(fields) not in columns:
            expected = " or ".join(map(str, columns))
            raise ProtocolError(
                f"{path}, line {number}: {len(fields)} columns, where {expected} are expected."
            )
        yield f"{path}, line {number}", fields


def header_of(path: Path) -> tuple[str, ...]:
    """Give the columns that a table's first line names; () where it cannot be read as text."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return tuple(_name(cell) for cell in _split(file.readline()))
    except (OSError, UnicodeDecodeError):
        return ()


def rows_of(path: Path, *required: str) -> Iterator[Row]:
    """Read a table with a header: tabs, bars, semicolons or commas, whichever the header has.

    Quotation marks hold cells together except between tabs and bars, where they are letters.

    Args:
        path: of the table.
        required: columns that it must have.

    Raises:
        ProtocolError: it cannot be read, has no header, lacks a column, or a line does not fit
            the header.
    """
    lines = lines_of(path)
    _, first = next(lines, (1, ""))
    if not first:
        raise ProtocolError(f"{path}: is empty. Its first line must name the columns.")
    mark = _mark(first)
    names = [_name(cell) for cell in _split(first)]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ProtocolError(f"{path}: the header names the column '{twice}' twice.")
    missing = next((name for name in required if name not in names), None)
    if missing is not None:
        raise ProtocolError(f"{path}: the header has no column '{missing}'.")
    for number, line in lines:
        cells = _cells(line, mark)
        if len(cells) != len(names):
            raise ProtocolError(
                f"{path}, line {number}: {len(cells)} columns, where the header has {len(names)}."
            )
        yield Row(path, number, dict(zip(names, cells, strict=True)))


def _mark(header: str) -> str:
    return next((mark for mark in "\t|;" if mark in header), ",")


def _split(header: str) -> list[str]:
    return _cells(header, _mark(header))


def _cells(line: str, mark: str) -> list[str]:
    line = line.rstrip("\r\n")
    if mark in "\t|":
        return line.split(mark)
    return next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])


def _name(cell: str) -> str:
    return re.sub(r"[-\s]+", "_", cell.strip()).casefold()
