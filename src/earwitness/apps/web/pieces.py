"""The small parts of the live page, as HTML; names and sentences in them are escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence

from earwitness.reporting.evaluations import _page
from earwitness.reporting.evaluations._page import Markup


def top(*, keep_min: int) -> Markup:
    """Say what the page is, and what becomes of a recording."""
    return _part("top", keep_min)


def empty(text: str) -> Markup:
    """Say what will stand here."""
    return _part("empty", text)


def working(what: str, share: float | None = None) -> Markup:
    """Say what is being done, and how far it is, 0 to 1."""
    return _part("working", what, share)


def alert(text: str) -> Markup:
    """Say what is wrong."""
    return _part("alert", text)


def said(text: str) -> Markup:
    """Say something to those who hear the page; it is not seen."""
    return _part("said", text)


def small(text: str) -> Markup:
    """Explain in small letters."""
    return _part("point", text)


def pair(
    sentences: Sequence[str],
    names: Sequence[str],
    rows: Sequence[tuple[str, str, str]],
    verdicts: Sequence[Markup],
) -> Markup:
    """Set two recordings side by side.

    Args:
        sentences: what can be said of both, the most important one first.
        names: of the two.
        rows: a name, and its value for each of them.
        verdicts: one for each.
    """
    return _part("pair", list(sentences), list(names), list(rows), list(verdicts))


def sheet(headline: str, page: str) -> Markup:
    """Show a report as a page within the page; nothing in it can run."""
    # Escaped here: what the templates escape loses its line breaks.
    return _part("sheet", headline, Markup(html.escape(page)))


def joined(*parts: Markup) -> str:
    """Put parts one after the other."""
    return str(_page.joined(parts))


def _part(name: str, *values: object) -> Markup:
    return _page.part("page.html", name, *values)
