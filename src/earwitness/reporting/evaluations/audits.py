"""An audit → a page, Markdown, JSON, figures, and lines for a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import earwitness
from earwitness.evaluation.audit.asking.records import Telling
from earwitness.evaluation.audit.records import AuditReport, CopySet
from earwitness.evaluation.records import Unread
from earwitness.reporting._words import columns, visible
from earwitness.reporting.evaluations import _audit_words as words
from earwitness.reporting.evaluations import _drawn_audit as drawn
from earwitness.reporting.evaluations._audit_remarks import remarks
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._page import (
    Markup,
    banner,
    facts,
    figure,
    folded,
    joined,
    page,
    prose,
    section,
    table,
)
from earwitness.reporting.evaluations._tables import Grid

SCHEMA_VERSION = 1
HTML, MARKDOWN, JSON, FIGURES = "audit.html", "audit.md", "audit.json", "figures"
WIDTH = 100
_MOST_LISTED = 200
_COPIES_HEAD = ("recording", "clip", "label", "partition", "alike")


def as_lines(report: AuditReport) -> Iterator[str]:
    """Write a table and remarks for a terminal of 100 columns."""
    yield words.heading(report)
    yield from _wrapped(words.basis(report))
    yield ""
    yield from _wrapped(str(words.verdict(report)))
    yield ""
    yield from _aligned(words.grid(report))
    yield f"({words.CAPTION.rstrip('.')}.)"
    told = list(remarks(report))
    if told:
        yield ""
    for one in told:
        yield from _wrapped(f"{'!!' if one.kind == 'bad' else '-'} {one}")


def as_html(report: AuditReport, drawings: Sequence[Drawing]) -> str:
    """Lay out the report as one self-contained page."""
    told = words.verdict(report)
    grid = words.grid(report)
    boxes = [banner(one.kind, one.title, _sentence(one.text)) for one in remarks(report)]
    parts = [
        banner("good" if told.kind == "note" else told.kind, told.title, _sentence(told.text)),
        section(
            "What gives the label away",
            *[figure(one) for one in drawings[:1]],
            table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption),
            *[figure(one) for one in drawings[1:]],
        ),
        *([section("What was found, and what to do", *boxes)] if boxes else []),
        *_copies_section(report),
        *_unread_section(report),
        section("How to read this", *[prose(one) for one in words.how_to_read(report)]),
        section("What was asked", facts(words.facts(report))),
    ]
    lead = words.basis(report)
    return page(words.heading(report), joined(parts), kicker="Audit of a data set", lead=lead)


def as_markdown(report: AuditReport, drawings: Sequence[Drawing]) -> str:
    """Write the same report as Markdown."""
    told = words.verdict(report)
    lines = [f"# {_text(words.heading(report))}", "", _text(words.basis(report)), ""]
    lines += [f"**{_text(told.title)}.** {' '.join(map(_text, _sentence(told.text)))}", ""]
    lines += ["## What gives the label away", "", words.CAPTION, "", *_rows(words.grid(report)), ""]
    for one in drawings:
        lines += [f"![{_text(one.title)}]({FIGURES}/{one.name}.png)", "", _text(one.told), ""]
    lines += ["## What was found, and what to do", ""]
    lines += [
        f"- **{_text(one.title)}.** {' '.join(map(_text, _sentence(one.text)))}".rstrip()
        for one in remarks(report)
    ] or ["Nothing."]
    if report.copies:
        lines += ["", "## Copies", "", *_rows(_copies_grid(report.copies))]
    if report.unread:
        lines += ["", "## Not read", "", *(f"- {_text(one.message)}" for one in report.unread)]
    lines += ["", "## How to read this", ""]
    for paragraph in words.how_to_read(report):
        lines += [paragraph, ""]
    lines += ["## What was asked", ""]
    lines += [f"- {name}: {_text(value)}" for name, value in words.facts(report)]
    return "\n".join(lines) + "\n"


def as_table(report: AuditReport) -> dict[str, Any]:
    """Lay an audit out for JSON; shares are fractions, and what is missing is null."""
    told = words.verdict(report)
    return {
        "schema_version": SCHEMA_VERSION,
        "level": report.level.value if report.level else None,
        "verdict": str(told),
        "setup": asdict(report.setup),
        "all_together": _telling(report.joint) if report.joint else None,
        "columns": [_telling(one) for one in report.tellings],
        "copies": [_copy_set(one) for one in report.copies],
        "retold": asdict(report.retold),
        "collisions": [{**asdict(one), "level": one.level.value} for one in report.collisions],
        "shared": [{**asdict(one), "level": one.level.value} for one in report.shared],
        "unread": [_unread(one) for one in report.unread],
        "remarks": [str(one) for one in remarks(report)],
        "version": earwitness.__version__,
    }


def files(report: AuditReport) -> dict[str, bytes]:
    """Make all files of a report, by their names in its folder; the page comes last."""
    drawings = drawn.drawings(report)
    figures = {f"{FIGURES}/{one.name}.png": one.png for one in drawings}
    figures |= {f"{FIGURES}/{one.name}.svg": one.svg for one in drawings}
    texts = {
        JSON: json.dumps(as_table(report), indent=1, allow_nan=False) + "\n",
        MARKDOWN: as_markdown(report, drawings),
        HTML: as_html(report, drawings),
    }
    return figures | {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def _telling(one: Telling) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "way": one.way.value,
        "auc": one.auc.value,
        "low": one.auc.low,
        "high": one.auc.high,
        "p": one.p,
        "p_groups": one.p_groups,
        "level": one.level.value if one.level else None,
        "contrast": asdict(one.contrast) if one.contrast else None,
        "shares": [asdict(share) for share in one.shares],
    }


def _copy_set(one: CopySet) -> dict[str, Any]:
    return {
        "level": one.level.value,
        "likeness": round(one.likeness, 4),
        "identical": one.is_identical,
        "across_labels": one.crosses_labels,
        "across_partitions": one.crosses_partitions,
        "clips": [
            {"id": trial.id, "label": trial.label.value, "partition": trial.partition}
            for trial in one.trials
        ],
    }


def _unread(one: Unread) -> dict[str, str]:
    return {"id": one.trial.id, "code": one.code, "message": one.message}


def _copies_section(report: AuditReport) -> Iterator[Markup]:
    if report.copies:
        grid = _copies_grid(report.copies)
        shown = table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption)
        summary = f"{len(report.copies):,} recordings that stand there more than once"
        yield section("Copies", folded(summary, shown))


def _unread_section(report: AuditReport) -> Iterator[Markup]:
    if report.unread:
        rows = [(one.trial.id, one.message) for one in report.unread[:_MOST_LISTED]]
        yield section("Not read", table(("clip", "why"), rows))


def _copies_grid(copies: Sequence[CopySet]) -> Grid:
    rows = [
        (
            str(number),
            trial.id,
            trial.label.value,
            trial.partition,
            "to the sample" if one.is_identical else f"{one.likeness:.3f}",
        )
        for number, one in enumerate(copies, 1)
        for trial in one.trials
    ]
    caption = (
        f"The first {_MOST_LISTED} clips; all are in {JSON}." if len(rows) > _MOST_LISTED else ""
    )
    return Grid(_COPIES_HEAD, tuple(rows[:_MOST_LISTED]), (0,), caption)


def _sentence(text: str) -> list[str]:
    return [f"{text.rstrip('.')}."] if text else []


def _rows(grid: Grid) -> Iterator[str]:
    marks = ["---:" if at in grid.numbers else "---" for at in range(len(grid.head))]
    for cells in (grid.head, marks, *grid.rows):
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(text: str) -> str:
    """Make text from outside safe in Markdown."""
    return visible(text).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _aligned(grid: Grid) -> Iterator[str]:
    rows = [[visible(cell) for cell in row] for row in (grid.head, *grid.rows)]
    widths = [max(columns(row[at]) for row in rows) for at in range(len(grid.head))]
    for row in rows:
        cells = [
            " " * (width - columns(cell)) + cell if at in grid.numbers
            else cell + " " * (width - columns(cell))
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]  # fmt: skip
        yield "  ".join(cells).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
