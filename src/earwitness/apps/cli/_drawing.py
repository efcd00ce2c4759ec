"""The table in a terminal: columns that fit its width, and colour. Words come from reporting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from earwitness.records import Answer
from earwitness.reporting import Finding, Form
from earwitness.reporting.as_table import HEAD, LLR_WIDTH, NOT_READ, VERDICT_WIDTH, Row, Tally, row

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

COLOURS = {
    Answer.BONA_FIDE.value: "green",
    Answer.SPOOF.value: "bold red",
    Answer.INCONCLUSIVE.value: "yellow",
    Answer.UNCALIBRATED.value: "yellow",
    NOT_READ: "magenta",
}
_TELLING = re.compile(r"^  (?:verdict|not read) +(.+)|( suspicious)$")
_TONES = {"bona fide": COLOURS["bonafide"], "spoof": COLOURS["spoof"], " suspicious": "bold red"}
_GAPS = 3 * 2
_WORDS = 26  # columns that the words need at least


def console_on(stream: TextIO) -> Console:
    """Give a console that changes nothing in what it is told to print, but for colour."""
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def table(
    findings: Iterable[Finding], *, width: int, names: int, folder: str
) -> Iterator[RenderableType]:
    """Draw a row for each finding, as it comes.

    Args:
        findings: what was found.
        width: columns of the terminal.
        names: columns that the longest name takes.
        folder: names inside of it are told without it.
    """
    names = _name_width(width, names)
    tally = Tally()
    yield _grid(Row(*HEAD, tone=""), names, style="bold")
    for finding in findings:
        tally.add(finding)
        yield _grid(row(finding, folder), names)
    yield "\n" + "\n".join(tally.lines())


def coloured(form: Form, findings: Iterable[Finding]) -> Iterator[RenderableType]:
    """Give the lines of a form, with the verdict in its colour."""
    from rich.text import Text

    for line in form(findings):
        text, telling = Text(line), _TELLING.search(line)
        if telling:
            at = 1 if telling[1] else 2
            text.stylize(_TONES.get(telling[at], "yellow"), *telling.span(at))
        yield text


def _name_width(total: int, longest: int) -> int:
    """Give the names what they need, but leave room for the words."""
    room = total - VERDICT_WIDTH - LLR_WIDTH - _GAPS
    return min(longest, max(room // 2, room - _WORDS))


def folded(name: str, width: int) -> str:
    r"""Break a long name where it has a joint, so that it can still be recognised.

    Example:
        >>> folded("bonafide_it_with_one_spliced_sentence.ogg", 20)
        'bonafide_it_with_\none_spliced_\nsentence.ogg'
    """
    lines, rest = [], name
    while len(rest) > width:
        joint = max(rest.rfind(sign, width // 2, width) for sign in "/_-. ") + 1
        lines.append(rest[: joint or width])
        rest = rest[joint or width :]
    return "\n".join([*lines, rest])


def _grid(cells: Row, name_width: int, style: str = "") -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=name_width, overflow="fold")
    grid.add_column(width=VERDICT_WIDTH, no_wrap=True)
    grid.add_column(width=LLR_WIDTH, justify="right", no_wrap=True)
    grid.add_column(ratio=1)
    tone = COLOURS.get(cells.tone, style)
    name = folded(cells.name, name_width)
    texts = ((name, style), (cells.verdict, tone), (cells.llr, style), (cells.says, style))
    grid.add_row(*(Text(text, style=tone) for text, tone in texts))
    return grid
