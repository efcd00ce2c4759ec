"""The shell of every report: one HTML file that needs nothing from outside. jinja2's only door.

Autoescape is on: what comes from file names, protocols and command lines is text, never markup.
Only ``Markup`` passes unescaped, and only templates and ``inline`` make it. A content security
policy in the page's head forbids scripts and everything from the network.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from earwitness import __version__
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._figures import (
    BONA_FIDE,
    GRID,
    INK,
    PAPER,
    QUIET,
    SPOOF,
    Drawing,
)

if TYPE_CHECKING:
    from jinja2 import Environment

Kind: TypeAlias = Literal["bad", "doubt", "good", "note"]

# Colours of figures that follow the page from light to dark.
_FOLLOWING = {
    INK: "ink",
    PAPER: "paper",
    GRID: "line",
    QUIET: "quiet",
    BONA_FIDE: "bona-fide",
    SPOOF: "spoof",
}
_NOT_SVG = re.compile(r"\A.*?(?=<svg)|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_SIZES = re.compile(r' (?:width|height)="[^"]*"(?=[^<>]* viewBox)')
_WIDTH = re.compile(r'viewBox="0 0 ([\d.]+) ')
_REM_AN_INCH = 6.6
_UNITS = re.compile(r"(?<=\d) (?=%)")
_IDS = re.compile(r'(\bid="|(?:xlink:)?href="#|url\(#)')


class Markup(str):
    """HTML that is safe already. Joined to other text it is plain text again, and escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell jinja2 not to escape this."""
        return str(self)


def page(title: str, body: Markup, *, kicker: str = "Evaluation", lead: str = "") -> str:
    """Lay out a whole page.

    Args:
        title: heading and name of the page.
        body: sections, from ``fill`` or the parts below.
        kicker: what kind of report it is, in small letters over the title.
        lead: the sentence below the title.
    """
    values = {"title": title, "body": body, "kicker": kicker, "lead": lead, "version": __version__}
    return fill("base.html", **values) + "\n"


def fill(template: str, **values: Any) -> Markup:  # noqa: ANN401 - a template takes anything
    """Fill one of the templates in ``templates/``; its values are escaped."""
    return Markup(_environment().get_template(template).render(**values))


def banner(kind: Kind, title: str, sentences: Iterable[str] = ()) -> Markup:
    """Make a box that cannot be overlooked: red (bad), amber (doubt), green (good), blue (note)."""
    return _part("banner", kind, title, list(sentences))


def section(title: str, *parts: Markup, lead: str = "") -> Markup:
    """Make a section with a heading, which can be linked to."""
    return _part("section", title, lead, list(parts))


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Make a list of names and values."""
    return _part("facts", list(pairs))


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str | Markup]],
    *,
    numbers: Iterable[int] = (),
    caption: str = "",
) -> Markup:
    """Make a table, which scrolls sideways by itself on a narrow screen.

    Args:
        head: names of the columns.
        rows: cells; the first of each row is its heading.
        numbers: columns (from 0) that are set flush right.
        caption: what stands over it.
    """
    return _part("table", list(head), [list(row) for row in rows], set(numbers), caption)


def prose(*sentences: str) -> Markup:
    """Make a paragraph."""
    return _part("prose", " ".join(sentences))


def folded(summary: str, *parts: Markup) -> Markup:
    """Make a part that opens at a click (newer browsers print it open)."""
    return _part("folded", summary, list(parts))


def figure(drawn: Drawing, *, number: int | None = None) -> Markup:
    """Show a figure with its words below, in the page's own colours."""
    return _part("figure", drawn, inline(drawn), number)


def inline(drawn: Drawing) -> Markup:
    """Make a figure's SVG a part of the page: it follows light and dark, and ids stay its own.

    All figures are shown at one scale, so that their letters are of one size.
    """
    text = _NOT_SVG.sub("", drawn.svg.decode("utf-8"))
    points = float(_WIDTH.search(text)[1])  # type: ignore[index]  # matplotlib always writes it
    width = f'style="max-width:{points / 72 * _REM_AN_INCH:.2f}rem" aria-hidden="true"'
    text = _SIZES.sub("", text, count=2).replace("<svg ", f"<svg {width} ", 1)
    for colour, name in _FOLLOWING.items():
        text = re.sub(colour, f"var(--{name})", text, flags=re.IGNORECASE)
    text = _IDS.sub(rf"\g<1>{drawn.name}-", text)
    return Markup(text.strip())


def data_uri(content: bytes, media_type: str) -> str:
    """Make a file a part of the page."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def anchor(title: str) -> str:
    """Make a heading's name to link to.

    Example:
        >>> anchor("What was measured?")
        'what-was-measured'
    """
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def joined(parts: Iterable[Markup]) -> Markup:
    """Put parts one after the other."""
    return Markup("\n".join(parts))


def part(template: str, name: str, *values: Any) -> Markup:  # noqa: ANN401 - a macro takes anything
    """Call one of a template's macros; its values are escaped."""
    return Markup(getattr(_environment().get_template(template).module, name)(*values))


def _part(name: str, *values: Any) -> Markup:  # noqa: ANN401 - a macro takes anything
    return part("parts.html", name, *values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("earwitness.reporting.evaluations"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"anchor": anchor}
    made.finalize = _shown
    return made


def _shown(value: object) -> object:
    """Make text safe to show: no control codes, nothing that turns the line round.

    A number and its per cent sign are kept on one line.
    """
    return _UNITS.sub("\u00a0", visible(value)) if type(value) is str else value
