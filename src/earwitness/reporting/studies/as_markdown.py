"""A study → Markdown, with the figures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._tables import Grid
from earwitness.reporting.studies import _grids, _words, original
from earwitness.reporting.studies.records import StudyFigures


def text(found: StudyFigures, drawn: Sequence[Drawing], *, figures: str) -> str:
    """Write the report as Markdown.

    Args:
        found: all of it.
        drawn: its figures.
        figures: folder in which they lie, beside the text.
    """
    return "\n".join([*_head(found), *_body(found, drawn, figures), *_end(found)])


def _head(found: StudyFigures) -> Iterator[str]:
    yield f"# {_words.TITLE}"
    yield ""
    yield _text(_words.lead(found))
    yield ""
    for one in _words.notes(found):
        yield f"> **{_text(one.title)}.** {_text(one.text)}"
        yield ""
    yield from (f"- {name}: {_text(value)}" for name, value in _words.header(found))
    yield ""
    yield f"**{_text(_words.headline(found))}**"
    yield ""
    yield from (_text(one) for one in _words.under_headline(found))
    yield ""


def _body(found: StudyFigures, drawn: Sequence[Drawing], figures: str) -> Iterator[str]:
    shown = {one.name: one for one in drawn}
    yield from _section("What served for what", _grids.clips(found))
    yield from _section("Gained and lost", _grids.gained_lost(found))
    yield from _points(_words.rows(found))
    for name in ("changes", "pareto"):
        yield from _figure(shown[name], figures)
    for name, title in _words.SETS.items():
        yield from _section(title.capitalize(), _grids.arms(found, name))
        if f"det-{name}" in shown:
            yield from _figure(shown[f"det-{name}"], figures)
    yield from _section("Training", _grids.losses(found))
    for one in drawn:
        if one.name.startswith("training-"):
            yield from _figure(one, figures)
    yield from ("## What was chosen, and by what", "")
    for number, choice in enumerate(found.choices):
        yield from _grid(_grids.choice(choice))
        if f"choice-{number}" in shown:
            yield from _figure(shown[f"choice-{number}"], figures)


def _end(found: StudyFigures) -> Iterator[str]:
    yield from ("## Discussion", "")
    yield from _points(_words.discussion(found))
    yield from _section("What this study was asked to show", _grids.checks(found))
    yield from _section("The original study, put right", _grids.original_figures())
    yield from (original.ASSUMED, "")
    yield from _points(original.readings())
    yield from ("### Three defects of its published scripts", "")
    yield from _points(f"**{title}.** {told}" for title, told in original.DEFECTS)
    yield from ("## How to read this", "")
    for paragraph in _words.HOW_TO_READ:
        yield from (paragraph, "")
    yield from ("## How it was made", "")
    yield from (f"- {name}: {_text(value)}" for name, value in _words.made(found))
    yield ""


def _section(title: str, grid: Grid) -> Iterator[str]:
    yield from (f"## {_text(title)}", "")
    yield from _grid(grid)


def _grid(grid: Grid) -> Iterator[str]:
    if grid.caption:
        yield from (_text(grid.caption), "")
    marks = ["---:" if at in grid.numbers else "---" for at in range(len(grid.head))]
    for cells in (grid.head, marks, *grid.rows):
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"
    yield ""


def _points(sentences: Iterator[str]) -> Iterator[str]:
    for one in sentences:
        yield f"- {one if one.startswith('**') else _text(one)}"
    yield ""


def _figure(one: Drawing, figures: str) -> Iterator[str]:
    yield from (f"![{_text(one.title)}]({figures}/{one.name}.png)", "", _text(one.told), "")


def _text(words: str) -> str:
    """Make text from outside safe in Markdown."""
    return visible(words).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
