"""A comparison → a page, Markdown, JSON, and lines for a terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import earwitness
from earwitness.evaluation.comparing import Comparison, Standing
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import columns, visible
from earwitness.reporting.evaluations import _comparison_words as words
from earwitness.reporting.evaluations import _drawn_comparisons as drawn
from earwitness.reporting.evaluations._drawn_groups import figure_name
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
from earwitness.reporting.evaluations._tables import Grid, column_name

SCHEMA_VERSION = 1
HTML, MARKDOWN, JSON, FIGURES = (
    "comparison.html", "comparison.md", "comparison.json", "figures",
)  # fmt: skip
WIDTH = 100
_RUNS_ABREAST = 3
_OPEN_PAIRS = 3


def draw(found: Comparison) -> tuple[Drawing, ...]:
    """Draw all figures."""
    rests_on = f"{found.n_bona_fide:,} bona fide + {found.n_spoof:,} spoof, the same for all"
    return drawn.drawings(found, f"{words.heading(found)}  ·  {rests_on}")


def as_html(found: Comparison, drawings: Sequence[Drawing]) -> str:
    """Lay out the report as one self-contained page."""
    shown = {one.name: one for one in drawings}
    parts = [
        *_banners(found, is_note=False),
        *_headlines(found),
        section(
            "One against the other, and each alone",
            figure(shown["differences"]),
            figure(shown["eers"]),
        ),
        *_banners(found, is_note=True),
        section(
            "All measures", _markup(words.figures(found)), *_pooled(found), figure(shown["det"])
        ),
        *_group_sections(found, shown),
        section("How to read this", *[prose(one) for one in words.HOW_TO_READ]),
        section("What was compared", facts(_facts(found)), _markup(words.facts(found))),
    ]
    lead = words.lead(found)
    return page(words.heading(found), joined(parts), kicker="Comparison", lead=lead)


def as_markdown(found: Comparison, drawings: Sequence[Drawing]) -> str:
    """Write the same report as Markdown."""
    lines = [f"# {_text(words.heading(found))}", "", _text(words.lead(found)), ""]
    for one in words.remarks(found):
        lines += [f"> **{_text(one.title)}.** {' '.join(map(_text, _sentence(one.text)))}", ""]
    lines += [
        "## Which is better",
        "",
        *(f"- {_text(str(one))}" for one in words.findings(found)),
        "",
    ]
    lines += ["## All measures", "", *_rows(words.figures(found)), ""]
    for pair in found.pairs():
        grid = words.differences(found, *pair)
        title, _, lacking = grid.caption.partition(". ")
        lines += [f"### {_text(title.rstrip('.'))}", "", *_rows(grid), ""]
        lines += [_text(lacking), ""] if lacking else []
    for column, grid in words.groups(found):
        lines += [f"## By {_text(column_name(column))}", "", grid.caption, "", *_rows(grid), ""]
    lines += [f"- {_text(one)}" for one in words.group_findings(found)] + [""]
    lines += ["## Figures", ""]
    for shown in drawings:
        lines += [f"![{shown.title}]({FIGURES}/{shown.name}.png)", "", _text(shown.told), ""]
    lines += ["## How to read this", ""]
    for paragraph in words.HOW_TO_READ:
        lines += [paragraph, ""]
    lines += ["## What was compared", ""]
    lines += [f"- {name}: {_text(value)}" for name, value in _facts(found)]
    lines += ["", *_rows(words.facts(found)), ""]
    return "\n".join(lines)


def as_lines(found: Comparison) -> Iterator[str]:
    """Write a table and sentences for a terminal of 100 columns."""
    yield words.heading(found)
    yield from _wrapped(
        f"{found.n_bona_fide:,} bona fide + {found.n_spoof:,} spoof, the same for all; 95 % "
        f"intervals by drawing {words.resampled(found)}"
    )
    told = words.remarks(found)
    for one in told:
        if one.kind == "bad":
            yield from _wrapped(f"!! {one}")
    yield from _table(words.figures(found))
    yield ""
    told_of_pairs = map(str, words.findings(found))
    for sentence in (words.summary(found), *told_of_pairs, *words.group_findings(found)):
        yield from _wrapped(sentence)
    for one in told:
        if one.kind != "bad":
            yield from _wrapped(f"- {one}")


def as_table(found: Comparison, written: Iterable[str] = ()) -> dict[str, Any]:
    """Lay a comparison out for JSON; rates are fractions, and what is missing is null.

    Args:
        found: what was compared.
        written: the files of its report, relative to the folder.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "n_bona_fide": found.n_bona_fide,
        "n_spoof": found.n_spoof,
        "asked": found.asked,
        "left_out": dict(found.left_out),
        "resampled": {"column": found.kin.column, "clusters": found.kin.clusters},
        "runs": [_run(one) for one in found.standings],
        "differences": [_difference(one) for one in found.differences],
        "groups": [
            {"column": one.column, "group": one.value, **_difference(one.difference)}
            for one in found.groups
        ],
        "summary": words.summary(found) or None,
        "findings": [*map(str, words.findings(found)), *words.group_findings(found)],
        "remarks": [str(one) for one in words.remarks(found)],
        "files": list(written),
        "version": earwitness.__version__,
    }


def files(found: Comparison) -> dict[str, bytes]:
    """Make all files of a report, by their names in its folder; the page comes last."""
    drawings = draw(found)
    figures = {f"{FIGURES}/{one.name}.png": one.png for one in drawings} | {
        f"{FIGURES}/{one.name}.svg": one.svg for one in drawings
    }
    told = as_table(found, [*figures, JSON, MARKDOWN, HTML])
    texts = {
        JSON: json.dumps(told, indent=1, allow_nan=False) + "\n",
        MARKDOWN: as_markdown(found, drawings),
        HTML: as_html(found, drawings),
    }
    return figures | {name: text.encode("utf-8", "replace") for name, text in texts.items()}


def _run(one: Standing) -> dict[str, Any]:
    return {
        "name": one.run.name,
        "folder": one.run.folder,
        "setup": asdict(one.run.setup),
        "direction": one.direction.value,
        "accepts_inverted": one.run.accepts_inverted,
        "unscored": one.unscored,
        "measures": {measure.name: _measure(measure) for measure in one.measures},
    }


def _measure(one: Measure) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "name"}


def _difference(one: Difference) -> dict[str, Any]:
    """Lay out a difference, second less first."""
    return {
        **asdict(one), "value": one.value, "outcome": one.outcome.value,
    }  # fmt: skip


def _headlines(found: Comparison) -> Iterator[Markup]:
    """Say it large: of a pair what was found, of more than two who is better than all others."""
    told = list(words.findings(found))
    if len(told) == 1:
        yield part("report.html", "headline", told[0].headline, [told[0].others])
        return
    if summary := words.summary(found):
        yield part("report.html", "headline", summary, [])
    yield section("Which is better", part("report.html", "points", list(map(str, told))))


def _banners(found: Comparison, *, is_note: bool) -> Iterator[Markup]:
    for one in words.remarks(found):
        if (one.kind == "note") is is_note:
            yield banner(one.kind, one.title, _sentence(one.text))


def _pooled(found: Comparison) -> Iterator[Markup]:
    """Show the differences of each pair; those of many pairs open at a click."""
    pairs = found.pairs()
    for first, second in pairs:
        grid = _markup(words.differences(found, first, second))
        yield grid if len(pairs) <= _OPEN_PAIRS else folded(f"{second} against {first}", grid)


def _group_sections(found: Comparison, shown: dict[str, Drawing]) -> Iterator[Markup]:
    told = list(words.group_findings(found))
    for column, grid in words.groups(found):
        name = column_name(column)
        about = [one for one in told if f"EER by {visible(name)}:" in one]
        drawn_as = shown[figure_name(column)]
        yield section(f"By {name}", *[prose(one) for one in about], figure(drawn_as), _markup(grid))


def _facts(found: Comparison) -> list[tuple[str, str]]:
    setup = found.standings[0].run.setup
    return [
        ("Protocol, partition", f"{setup.protocol}, {setup.partition}"),
        ("n", f"{found.n_bona_fide:,} bona fide + {found.n_spoof:,} spoof"),
        ("Drawn again and again", words.resampled(found)),
        ("Draws", "1,000, the same for all"),
        ("Version", f"Earwitness {earwitness.__version__}"),
    ]


def _markup(grid: Grid) -> Markup:
    return table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption)


def _sentence(text: str) -> list[str]:
    return [f"{text.rstrip('.')}."] if text else []


def _rows(grid: Grid) -> Iterator[str]:
    marks = ["---:" if at in grid.numbers else "---" for at in range(len(grid.head))]
    for cells in (grid.head, marks, *grid.rows):
        yield f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(text: str) -> str:
    """Make text from outside safe in Markdown."""
    return visible(text).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _table(grid: Grid) -> Iterator[str]:
    """Set runs side by side, a few at a time."""
    for start in range(1, len(grid.head), _RUNS_ABREAST):
        chosen = [0, *range(start, min(start + _RUNS_ABREAST, len(grid.head)))]
        rows = [[visible(row[at]) for at in chosen] for row in (grid.head, *grid.rows)]
        widths = [max(columns(row[at]) for row in rows) for at in range(len(chosen))]
        yield ""
        for name, *cells in rows:
            told = [
                " " * (width - columns(cell)) + cell
                for cell, width in zip(cells, widths[1:], strict=True)
            ]
            yield "  ".join([name + " " * (widths[0] - columns(name)), *told]).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
