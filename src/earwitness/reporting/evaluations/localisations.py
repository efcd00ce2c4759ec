"""A localisation → a page, a section of one, Markdown, JSON, its figure, and terminal lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from earwitness.evaluation.located import Example, Kind, Localisation, Located
from earwitness.reporting._words import columns, visible
from earwitness.reporting.evaluations import _localisation_words as words
from earwitness.reporting.evaluations import _page
from earwitness.reporting.evaluations._drawn_localisation import timelines
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._page import Markup

HTML, MARKDOWN, JSON, FIGURES = (
    "localisation.html", "localisation.md", "localisation.json", "figures",
)  # fmt: skip
WIDTH = 100
_TITLE = "Where the spoof is"
_RULES = {
    "score": "mean of the windows that cover an instant",
    "frame_label": "spoof if any spoof lies in it",
    "frame_score": "lowest inside it",
    "found": "suspicious stretches cover at least half of the region",
    "false": "the stretch touches no spoof",
    "hour": "of bona fide sound, pauses included",
}


def draw(told: Localisation) -> Drawing | None:
    """Draw the figure of examples; None where no recording has both labels under its windows."""
    if not told.examples:
        return None
    setup = told.setup
    return timelines(told, visible(f"{setup.model} on {setup.data}, {setup.partition}"))


def as_html(told: Localisation, drawn: Drawing | None) -> str:
    """Lay out the report as one self-contained page."""
    boxes = [_page.banner(one.kind, one.title, [f"{one.text}."]) for one in words.remarks(told)]
    asked = _page.section("What was asked", _page.facts(words.facts(told)))
    body = _page.joined([*boxes, section(told, drawn), asked])
    return _page.page(
        words.heading(told), body, kicker="Localisation", lead=f"{words.basis(told)}."
    )


def section(told: Localisation, drawn: Drawing | None) -> Markup:
    """Make the section, for a page of its own or within a longer report."""
    parts = [
        _page.table(words.HEAD, [words.row(one) for one in told.figures], numbers=(1, 2)),
        *([_page.figure(drawn)] if drawn is not None else []),
        *([_kinds(told)] if told.kinds else []),
        *(_page.prose(f"{_sentence(note)}.") for note in words.notes(told)),
        *(_page.prose(text) for text in words.HOW),
        _page.prose(f"{words.intervals(told)}."),
    ]
    return _page.section(_TITLE, *parts, lead=words.headline(told))


def as_markdown(told: Localisation, drawn: Drawing | None) -> str:
    """Write the same report as Markdown."""
    lines = [f"# {_text(words.heading(told))}", "", f"{words.basis(told)}.", ""]
    for one in words.remarks(told):
        lines += [f"> **{_text(one.title)}.** {_text(one.text)}.", ""]
    lines += [words.headline(told), ""]
    lines += [*_markdown(words.HEAD, [words.row(one) for one in told.figures]), ""]
    if drawn is not None:
        lines += [f"![{_text(drawn.title)}]({FIGURES}/{drawn.name}.png)", "", drawn.told, ""]
    if told.kinds:
        lines += [*_markdown(words.kind_head(told), [words.kind_row(k) for k in told.kinds]), ""]
    lines += [f"- {_text(_sentence(note))}." for note in words.notes(told)]
    lines += ["", "## How to read this", "", *(f"{text}\n" for text in words.HOW)]
    lines += ["## What was asked", ""]
    lines += [f"- {name}: {_text(value)}" for name, value in words.facts(told)]
    return "\n".join(lines) + "\n"


def as_lines(told: Localisation) -> Iterator[str]:
    """Write a table for a terminal of about 100 columns, and what to know of it."""
    yield from _wrapped(f"{_TITLE}, by {visible(told.segments)}: {words.basis(told)}")
    given = [one for one in told.figures if one.measure.value is not None]
    yield from _aligned([words.HEAD, *(words.row(one) for one in given)])
    yield from _missing(told)
    if told.kinds:
        yield ""
        yield from _aligned([words.kind_head(told), *(words.kind_row(k) for k in told.kinds)])
    yield ""
    yield from _wrapped(words.headline(told))
    for note in words.notes(told):
        yield from _wrapped(f"- {note}")


def as_table(told: Localisation) -> dict[str, Any]:
    """Lay a localisation out for JSON; rates are fractions, and what is missing is null."""
    return {
        "segments": told.segments,
        "recordings": told.recordings,
        "spoofed_recordings": told.spoofed,
        "regions": told.regions,
        "bona_fide_s": told.bona_fide_s,
        "spoof_s": told.spoof_s,
        "unheard_spoof_s": told.unheard_spoof_s,
        "clustered_by": told.setup.clustered_by,
        "clusters": told.setup.clusters,
        "measures": {one.measure.name: _located(one) for one in told.figures},
        "column": told.column or None,
        "kinds": [_kind(one) for one in told.kinds],
        "examples": [_example(one) for one in told.examples],
        "not_here": list(told.others),
        "unread": [{"id": u.trial.id, "code": u.code, "message": u.message} for u in told.unread],
        "remarks": [{"code": one.code, "facts": dict(one.facts)} for one in told.remarks],
        "rules": _RULES,
    }


def as_json(told: Localisation) -> dict[str, Any]:
    """Lay out the file of a run folder: the table with what it is to be read with."""
    return {"schema_version": 1, "setup": asdict(told.setup), **as_table(told)}


def _missing(told: Localisation) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for one in told.figures:
        if one.measure.value is None:
            names.setdefault(one.measure.why_not, []).append(words.row(one)[0])
    for why, titles in names.items():
        yield from _wrapped(f"n/a ({why}): {', '.join(titles)}")


def _located(one: Located) -> dict[str, Any]:
    measure = {name: value for name, value in asdict(one.measure).items() if name != "name"}
    rest = {"hours": one.hours, "events": one.events, "of": one.of, "left_out_s": one.left_out_s}
    return {**measure, **rest}


def _kind(one: Kind) -> dict[str, Any]:
    return {
        "value": one.value,
        "recordings": one.recordings,
        "found_regions": _located(one.found),
        words.RATE: _located(one.false_an_hour),
    }


def _example(one: Example) -> dict[str, Any]:
    return {
        "id": one.timeline.trial.id,
        "contrast": one.contrast,
        "spoof": [[region.start_s, region.end_s] for region in one.spoof],
    }


def _kinds(told: Localisation) -> Markup:
    rows = [words.kind_row(kind) for kind in told.kinds]
    return _page.table(words.kind_head(told), rows, numbers=(1, 2, 3))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(_text, head))} |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield f"| {' | '.join(map(_text, row))} |"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Set rows in columns: names flush left, figures flush right, and what they rest on behind."""
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for row in rows:
        first, *rest = (
            cell + " " * room if at == 0 else " " * room + cell
            for at, (cell, room) in enumerate(
                (cell, width - columns(cell)) for cell, width in zip(row[:-1], widths, strict=True)
            )
        )
        yield "  ".join([first, *rest, row[-1]]).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _text(value: str) -> str:
    """Keep a table or list of Markdown whole, whatever stands in a file's name."""
    safe = visible(value)
    return safe.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
