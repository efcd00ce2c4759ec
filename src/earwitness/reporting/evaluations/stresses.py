"""A stress test → a page, Markdown, JSON, its figure, and lines for a terminal."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

import earwitness
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.records import Measure
from earwitness.evaluation.stress.records import FamilyNote, Row, StressTest
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _stress_words as words
from earwitness.reporting.evaluations._drawn_stress import by_condition
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._numbers import percent
from earwitness.reporting.evaluations._page import (
    Markup,
    banner,
    facts,
    figure,
    fill,
    folded,
    joined,
    page,
    prose,
    section,
    table,
)

SCHEMA_VERSION = 1
HTML, MARKDOWN, JSON, FIGURES = "stress.html", "stress.md", words.JSON, "figures"
_COLUMNS = 100  # of a terminal
_HOW = (
    "Every condition is applied to the whole recording, mono and at the detector's sample rate, "
    "before the detector hears it, to both labels alike. A sound that would exceed full scale is "
    "turned down as a whole. All chance is drawn from the seed, the condition and the trial, so a "
    "run can be repeated to the bit."
)
_READ = (
    "EER: how often the detector errs where both mistakes are equally frequent, with its 95 % "
    "interval in brackets. The difference is to the same recordings as they are, and paired: what "
    "is hard both ways cancels. Where a condition cannot be met by all recordings, both are "
    "measured on those that can. An inconclusive answer counts with its score."
)
_DETAILS = (
    "n: bona fide + spoof. Then the clean EER of these trials, how far the mean {name} of each "
    "label moves, and the share of inconclusive answers (clean in brackets). A condition that "
    "moves both labels the same way leaves the EER alone, and still moves answers across a line "
    "that was drawn before."
)


def as_html(test: StressTest, drawn: Drawing | None = None) -> str:
    """Lay out the report as one self-contained page.

    Args:
        test: what was found.
        drawn: the figure, if it has been drawn already.
    """
    drawn = drawn or draw(test)
    boxes = [banner(one.kind, one.title, [f"{one.text}."]) for one in words.remarks(test)]
    parts = [
        *boxes,
        figure(drawn),
        section("All conditions", _families(test), lead=words.several(test)),
        section("Scores and answers", _details(test), lead=_told_of_details(test)),
        section("In words", folded("One sentence each", *_sentences(test))),
        *_left_out(test),
        section("How to read this", prose(_READ), prose(_HOW)),
        section("What was asked", facts(words.facts(test))),
    ]
    lead = words.headline(test)
    return page(words.heading(test), joined(parts), kicker="Stress test", lead=lead)


def remarks(test: StressTest) -> Iterator[str]:
    """Tell what must be known beside the figures, a sentence or three each."""
    yield from map(str, words.remarks(test))


def draw(test: StressTest) -> Drawing:
    """Draw the figure of all conditions."""
    setup = test.setup
    note = f"{setup.model} on {setup.data}, {setup.partition}: {words.taken(test)}"
    return by_condition(test, visible(note))


def as_markdown(test: StressTest) -> str:
    """Write the same report as Markdown."""
    lines = [f"# {words.heading(test)}", "", words.headline(test), ""]
    for one in words.remarks(test):
        lines += [f"> **{_text(one.title)}.** {_text(one.text)}.", ""]
    lines += [f"![{words.heading(test)}]({FIGURES}/stress.png)", "", words.several(test), ""]
    for family, rows in _by_family(test):
        cells = [words.figures(row) for row in rows]
        lines += [f"## {family.title}", "", family.told, ""]
        lines += [*_markdown(words.FIGURES_HEAD, cells, words.FIGURES_NUMBERS), ""]
        lines += [f"- {_text(words.sentence(row))}" for row in rows]
        lines += [""]
    cells = [words.details(row) for row in test.rows]
    lines += ["## Scores and answers", "", _told_of_details(test), ""]
    lines += [*_markdown(words.detail_head(test), cells, range(1, 6)), ""]
    lost = [*_lost(test)]
    if lost:
        lines += ["## Left out", "", *(f"- {_text(one)}" for one in lost), ""]
    lines += ["## How to read this", "", _READ, "", _HOW, "", "## What was asked", ""]
    lines += [f"- {name}: {_text(value)}" for name, value in words.facts(test)]
    return "\n".join(lines) + "\n"


def as_lines(test: StressTest) -> Iterator[str]:
    """Write a table that fits a terminal of 100 columns, and what to know of it."""
    yield f"{'condition':<34}{'EER':>20}{'difference, points':>23}  against clean"
    yield f"{'clean':<34}{percent(test.clean):>20}"
    for family, rows in _by_family(test):
        yield ""
        yield family.title
        for row in rows:
            title, eer, difference, finding = words.figures(row)
            yield f"  {title:<32}{eer:>20}{difference:>23}  {finding}"
    more = f"How {words.score_name(test)}s and inconclusive answers move: --json or --out DIR."
    yield ""
    for told in (words.headline(test), words.several(test), *_lost(test), more):
        yield from wrap(told, _COLUMNS, break_on_hyphens=False)


def as_table(test: StressTest) -> dict[str, Any]:
    """Lay a stress test out for JSON; rates are fractions, and what is missing is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "setup": asdict(test.setup),
        "seed": test.seed,
        "trials": {"available": test.available, "limit": test.limit},
        "clean": {**_measure(test.clean), "inconclusive": test.clean_inconclusive},
        "direction": test.guard and test.guard.direction.value,
        "conditions": [_row(row) for row in test.rows],
        "skipped": [asdict(one) for one in test.skipped],
        "unread": [
            {"id": one.trial.id, "code": one.code, "message": one.message} for one in test.unread
        ],
        "remarks": [{"code": one.code, "facts": dict(one.facts)} for one in test.remarks],
        "version": earwitness.__version__,
    }


def _row(row: Row) -> Mapping[str, Any]:
    return {
        "condition": row.condition,
        "family": row.family,
        "title": row.title,
        "eer": _measure(row.eer),
        "clean_eer": _measure(row.clean_eer),
        "difference": _difference(row.difference),
        "holds_among_all": row.holds,
        "mean_score_change": asdict(row.shift),
        "inconclusive": row.inconclusive,
        "clean_inconclusive": row.clean_inconclusive,
        "unscored": row.unscored,
        "unmet": row.unmet,
        "needs": row.needs,
        "sentence": words.sentence(row),
    }


def _measure(one: Measure) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name != "name"}
    return {name: value for name, value in told.items() if name != "why_not" or value}


def _difference(one: Difference) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "outcome": one.outcome.value}


def _by_family(test: StressTest) -> Iterator[tuple[FamilyNote, list[Row]]]:
    for family in test.families:
        rows = [row for row in test.rows if row.family == family.name]
        if rows:
            yield family, rows


def _families(test: StressTest) -> Markup:
    head, numbers = words.FIGURES_HEAD, words.FIGURES_NUMBERS
    made = [
        (family, table(head, [words.figures(row) for row in rows], numbers=numbers))
        for family, rows in _by_family(test)
    ]
    return fill("families.html", families=made)


def _details(test: StressTest) -> Markup:
    rows = [words.details(row) for row in test.rows]
    return table(words.detail_head(test), rows, numbers=range(1, 6))


def _told_of_details(test: StressTest) -> str:
    return _DETAILS.format(name=words.score_name(test))


def _sentences(test: StressTest) -> Iterator[Markup]:
    for row in test.rows:
        yield prose(words.sentence(row))


def _markdown(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Container[int]
) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "|".join(" ---: " if at in numbers else " --- " for at in range(len(head))) + "|"
    for row in rows:
        yield f"| {' | '.join(map(_text, row))} |"


def _left_out(test: StressTest) -> Iterator[Markup]:
    lost = list(_lost(test))
    if lost:
        yield section("Left out", folded(f"{len(lost):,} remarks", *map(prose, lost)))


def _lost(test: StressTest) -> Iterator[str]:
    for one in test.skipped:
        yield f"{one.title}: skipped. {one.why}"
    for row in test.rows:
        told = words.left_out(row)
        if told:
            yield told


def _text(value: str) -> str:
    """Keep a table or list of Markdown whole, whatever stands in a file's name."""
    safe = visible(value)
    return safe.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
