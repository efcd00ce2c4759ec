"""A study → one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from earwitness.reporting.studies import _grids, _words, original
from earwitness.reporting.studies.records import StudyFigures


def text(found: StudyFigures, drawn: Sequence[Drawing]) -> str:
    """Lay out the page."""
    shown = {one.name: one for one in drawn}
    body = [
        *_banners(found),
        facts(_words.header(found)),
        part("report.html", "headline", _words.headline(found), list(_words.under_headline(found))),
        section("What served for what", _markup(_grids.clips(found))),
        section(
            "Gained and lost",
            _markup(_grids.gained_lost(found)),
            figure(shown["changes"]),
            figure(shown["pareto"]),
            folded(
                "Every change in a sentence", part("report.html", "points", [*_words.rows(found)])
            ),
        ),
        *_sets(found, shown),
        section("Training", _markup(_grids.losses(found)), *_curves(drawn)),
        section("What was chosen, and by what", *_choices(found, drawn)),
        section("Discussion", part("report.html", "points", [*_words.discussion(found)])),
        section("What this study was asked to show", _markup(_grids.checks(found))),
        section("The original study, put right", *_original()),
        section("How to read this", *[prose(one) for one in _words.HOW_TO_READ]),
        section("How it was made", facts(_words.made(found))),
    ]
    return page(_words.TITLE, joined(body), kicker="Study", lead=_words.lead(found))


def _banners(found: StudyFigures) -> Iterator[Markup]:
    for one in _words.notes(found):
        yield banner(one.kind, one.title, [one.text])


def _sets(found: StudyFigures, shown: dict[str, Drawing]) -> Iterator[Markup]:
    for name, title in _words.SETS.items():
        drawn = [figure(shown[f"det-{name}"])] if f"det-{name}" in shown else []
        yield section(title.capitalize(), _markup(_grids.arms(found, name)), *drawn)


def _curves(drawn: Sequence[Drawing]) -> Iterator[Markup]:
    return (figure(one) for one in drawn if one.name.startswith("training-"))


def _choices(found: StudyFigures, drawn: Sequence[Drawing]) -> Iterator[Markup]:
    shown = {one.name: one for one in drawn}
    for number, one in enumerate(found.choices):
        yield _markup(_grids.choice(one))
        if f"choice-{number}" in shown:
            yield figure(shown[f"choice-{number}"])


def _original() -> Iterator[Markup]:
    yield _markup(_grids.original_figures())
    yield prose(original.ASSUMED)
    yield part("report.html", "points", [*original.readings()])
    yield part("report.html", "heading", "Three defects of its published scripts")
    yield part("report.html", "points", [f"{title}. {told}" for title, told in original.DEFECTS])


def _markup(grid: Grid) -> Markup:
    return table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption)
