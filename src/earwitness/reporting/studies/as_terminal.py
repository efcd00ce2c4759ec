"""A study → lines for a terminal of 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from earwitness.reporting.evaluations._tables import Grid
from earwitness.reporting.studies import _grids, _words
from earwitness.reporting.studies.records import StudyFigures

WIDTH = 100


def lines(found: StudyFigures) -> Iterator[str]:
    """Tell a study in short."""
    for one in _words.notes(found):
        yield from _wrapped(f"!! {one.title}. {one.text}")
    yield from _wrapped(_words.headline(found))
    yield ""
    yield from _table(_grids.gained_lost(found))
    yield ""
    for sentence in _words.discussion(found):
        yield from _wrapped(f"- {sentence}")


def _table(grid: Grid) -> Iterator[str]:
    rows = (grid.head, *grid.rows)
    widths = [max(len(row[at]) for row in rows) for at in range(len(grid.head))]
    for row in rows:
        cells = [
            cell.rjust(width) if at in grid.numbers else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
