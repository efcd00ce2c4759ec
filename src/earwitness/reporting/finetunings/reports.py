"""A fine-tuning → a page, Markdown, JSON, and lines for a terminal; and its folder."""

from __future__ import annotations

import json
import secrets
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import earwitness
from earwitness.errors import SettingsError
from earwitness.evaluation.forgetting import BeforeAfter
from earwitness.reporting._words import columns, visible
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._page import (
    Markup,
    banner,
    facts,
    figure,
    folded,
    joined,
    page,
    part,
    prose,
    section,
    table,
)
from earwitness.reporting.evaluations._tables import Grid
from earwitness.reporting.finetunings import words
from earwitness.reporting.finetunings.drawn import drawings
from earwitness.reporting.finetunings.words import Finetuned

SCHEMA_VERSION = 1
HTML, MARKDOWN, JSON, FIGURES = "report.html", "report.md", "metrics.json", "figures"
WIDTH = 100
_OPEN_EPOCHS = 12
_ABREAST = 5  # columns of the table; how many trials there were is in the sentences


def as_html(told: Finetuned, drawn: Sequence[Drawing]) -> str:
    """Lay out the report as one self-contained page."""
    shown = {one.name: figure(one) for one in drawn}
    parts = [
        *_banners(told),
        part("report.html", "headline", words.headline(told.found), words.sentences(told.found)),
        section(
            "Gained and lost", *_some(shown, "gained-lost"), _markup(words.table(told.found)),
            *[prose(visible(one)) for one in told.told],
        ),
        *_course(told, shown),
        section("All measures", *_of_sets(told.found.rows)),
        section("How to read this", *[prose(one) for one in words.HOW_TO_READ]),
        section("What was done", facts(_facts(told))),
    ]  # fmt: skip
    lead = "What did it learn, and what did it forget? The same recordings, before and after."
    return page(told.title, joined(parts), kicker="Fine-tuning", lead=lead)


def as_markdown(told: Finetuned, drawn: Sequence[Drawing]) -> str:
    """Write the same report as Markdown."""
    lines = [f"# {_text(told.title)}", "", f"**{_text(words.headline(told.found))}**", ""]
    lines += [f"- {_text(one)}" for one in words.sentences(told.found)] + [""]
    for name, one in words.remarks(told.found):
        lines += [f"> **{_text(name)}: {_text(one.title)}.** {_text(_ended(one.text))}", ""]
    lines += ["## Gained and lost", "", *_rows(words.table(told.found)), ""]
    for sentence in told.told:
        lines += [_text(sentence), ""]
    if told.curve:
        lines += ["## Epoch by epoch", "", *_rows(words.epochs(told)), ""]
    if told.points:
        lines += ["## Between old and new", "", *_rows(words.mixtures(told.points)), ""]
    for row in told.found.rows:
        lines += [f"## {_text(row.name)}: all measures", "", *_rows(words.measures(row)), ""]
    lines += ["## Figures", ""]
    for shown in drawn:
        lines += [f"![{shown.title}]({FIGURES}/{shown.name}.png)", "", _text(shown.told), ""]
    lines += ["## How to read this", ""]
    for paragraph in words.HOW_TO_READ:
        lines += [paragraph, ""]
    lines += ["## What was done", ""]
    lines += [f"- {name}: {_text(value)}" for name, value in _facts(told)]
    return "\n".join([*lines, ""])


def as_lines(told: Finetuned) -> Iterator[str]:
    """Write the gained / lost table and its sentences for a terminal of 100 columns."""
    yield from _wrapped(told.title)
    yield ""
    grid = words.table(told.found)
    rows = [row[:_ABREAST] for row in (grid.head, *grid.rows)]
    widths = [max(columns(row[at]) for row in rows) for at in range(_ABREAST)]
    for row in rows:
        cells = [
            " " * (width - columns(cell)) + cell
            if at in grid.numbers
            else cell + " " * (width - columns(cell))
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    yield ""
    for sentence in (words.headline(told.found), *words.sentences(told.found), *told.told):
        yield from _wrapped(sentence)
    for name, one in words.remarks(told.found):
        if one.kind == "bad":
            yield from _wrapped(f"!! {name}: {one}")


def as_table(told: Finetuned, written: Iterable[str] = ()) -> dict[str, Any]:
    """Lay a fine-tuning out for JSON; rates are fractions, and what is missing is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": told.title,
        "headline": words.headline(told.found),
        "gained_lost": [_set(row) for row in told.found.rows],
        "epochs": [
            {
                "epoch": one.epoch, "train_loss": one.train_loss, "dev_loss": one.dev_loss,
                "dev_eer": one.dev_eer, "keep_eer": one.keep_eer,
            }
            for one in told.curve
        ],
        "chosen_epoch": told.chosen_epoch,
        "mixtures": [asdict(one) for one in told.points],
        "told": list(told.told),
        "facts": dict(told.facts),
        "files": list(written),
        "version": earwitness.__version__,
    }  # fmt: skip


def files(told: Finetuned) -> dict[str, bytes]:
    """Make all files of a report, by their names in its folder; the page comes last."""
    drawn = drawings(told)
    figures = {f"{FIGURES}/{one.name}.png": one.png for one in drawn} | {
        f"{FIGURES}/{one.name}.svg": one.svg for one in drawn
    }
    table_of_all = as_table(told, [*figures, JSON, MARKDOWN, HTML])
    texts = {
        JSON: json.dumps(table_of_all, indent=1, allow_nan=False) + "\n",
        MARKDOWN: as_markdown(told, drawn),
        HTML: as_html(told, drawn),
    }
    return figures | {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def write(told: Finetuned, folder: Path) -> Path:
    """Write the report into a run's folder, over that of a former end of the same run.

    Returns:
        The page.

    Raises:
        SettingsError: it cannot be written.
    """
    contents = files(told)
    try:
        for name, content in contents.items():
            _write(folder / name, content)
    except OSError as exc:
        raise SettingsError(f"{folder}: cannot be written ({exc.strerror}).") from exc
    return folder / HTML


def _write(file: Path, content: bytes) -> None:
    """Let a file appear whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _course(told: Finetuned, shown: dict[str, Markup]) -> Iterator[Markup]:
    if told.curve:
        grid = _markup(words.epochs(told))
        rows = grid if len(told.curve) <= _OPEN_EPOCHS else folded("All epochs", grid)
        yield section("Epoch by epoch", *_some(shown, "curves"), rows)
    if "pareto" in shown or told.points:
        mixed = [_markup(words.mixtures(told.points))] if told.points else []
        yield section("What is learnt against what is kept", *_some(shown, "pareto"), *mixed)


def _some(shown: dict[str, Markup], name: str) -> list[Markup]:
    return [shown[name]] if name in shown else []


def _banners(told: Finetuned) -> Iterator[Markup]:
    lost = words.lost_of(told.found)
    if lost:
        yield banner("bad", f"Lost on {lost}", ["It errs more often there than it did before."])
    for name, one in words.remarks(told.found):
        if one.kind != "note":
            yield banner(one.kind, f"{name}: {one.title}", [_ended(one.text)] if one.text else [])


def _of_sets(rows: Sequence[BeforeAfter]) -> Iterator[Markup]:
    for row in rows:
        yield part("report.html", "heading", f"{visible(row.name)} ({words.ROLES[row.role]})")
        yield _markup(words.measures(row))


def _set(row: BeforeAfter) -> dict[str, Any]:
    before, after = row.comparison.standings
    return {
        "name": row.name,
        "role": row.role,
        "change": row.change.value,
        "sentence": words.sentence(row.name, row.role, row.difference("eer")),
        "n_bona_fide": row.comparison.n_bona_fide,
        "n_spoof": row.comparison.n_spoof,
        "resampled": {
            "column": row.comparison.kin.column, "clusters": row.comparison.kin.clusters,
        },
        "before": {one.name: asdict(one) for one in before.measures},
        "after": {one.name: asdict(one) for one in after.measures},
        "differences": [
            {**asdict(one), "value": one.value, "outcome": one.outcome.value}
            for one in row.comparison.differences
        ],
    }  # fmt: skip


def _facts(told: Finetuned) -> list[tuple[str, str]]:
    own = [(name, visible(value)) for name, value in told.facts]
    return [*own, ("Version", f"Earwitness {earwitness.__version__}")]


def _markup(grid: Grid) -> Markup:
    return table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption)


def _rows(grid: Grid) -> Iterator[str]:
    marks = ["---:" if at in grid.numbers else "---" for at in range(len(grid.head))]
    for cells in (grid.head, marks, *grid.rows):
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"


def _ended(text: str) -> str:
    return f"{text.rstrip('.')}." if text else ""


def _text(text: str) -> str:
    """Make text from outside safe in Markdown."""
    return visible(text).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(visible(text), WIDTH, subsequent_indent="  ", break_on_hyphens=False)
