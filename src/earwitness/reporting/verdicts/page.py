"""Findings → HTML: pieces for a live page, and a report of one file that can be kept and sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earwitness.records import Verdict
from earwitness.reporting import Finding
from earwitness.reporting.evaluations import _page
from earwitness.reporting.evaluations._page import Markup
from earwitness.reporting.verdicts.sound import Sound
from earwitness.reporting.verdicts.timeline import timeline
from earwitness.reporting.verdicts.words import CAVEATS, Words, caveat, words

_TEMPLATE = "verdict.html"


@dataclass(frozen=True)
class Shown:
    """A finding with what a page shows beside it.

    Attributes:
        finding: what was found.
        sound: for the picture; None where there is none.
        audio: where a page gets the sound from; empty for a page that cannot play it.
        heard_at: the sample rate at which the detector listened, in Hz.
    """

    finding: Finding
    sound: Sound | None = None
    audio: str = ""
    heard_at: int | None = None

    def words(self) -> Words:
        """Tell it."""
        return words(self.finding, heard_at=self.heard_at)


def report(shown: Sequence[Shown], *, asked: Sequence[tuple[str, str]] = ()) -> str:
    """Write a page of its own: verdicts, pictures, what they do not cover.

    Args:
        shown: at least one recording; whatever plays sound is left out.
        asked: names and values of what was asked for.
    """
    title = shown[0].words().name if len(shown) == 1 else f"{len(shown)} recordings"
    parts = [_part("style"), _part("caution", caveat())]
    if len(shown) > 1:
        parts.append(summary(shown))
    parts += [verdict(_silent(one), level=2) for one in shown]
    parts.append(_page.section("What this does not say", _part("caveats", list(CAVEATS))))
    if asked:
        parts.append(_page.section("What was asked", _page.facts(asked)))
    return _page.page(title, _page.joined(parts), kicker="Verdict")


def results(shown: Sequence[Shown]) -> Markup:
    """Lay out recordings for a live page: one alone, several below a table."""
    if len(shown) == 1:
        return verdict(shown[0])
    return _page.joined([summary(shown), *_folded(shown)])


def verdict(shown: Shown, *, level: int = 3) -> Markup:
    """Lay out one recording.

    Args:
        shown: it.
        level: of its heading.
    """
    found = shown.finding.found
    drawn = timeline(found) if isinstance(found, Verdict) else None
    return _part("verdict", shown.words(), drawn, shown.sound, shown.audio, level)


def summary(shown: Sequence[Shown]) -> Markup:
    """Lay out several recordings as a table."""
    return _part("summary", [one.words() for one in shown])


def caveats() -> Markup:
    """List what a verdict does not cover."""
    return _part("caveats", list(CAVEATS))


def caution() -> Markup:
    """Say what a verdict does not cover, in a line."""
    return _part("caution", caveat())


def style() -> Markup:
    """Give the style of these pieces; they take their colours from the page."""
    return _part("style")


def _folded(shown: Sequence[Shown]) -> Iterator[Markup]:
    for at, one in enumerate(shown):
        yield _part("folded", one.words(), verdict(one), at == 0)


def _silent(shown: Shown) -> Shown:
    return Shown(shown.finding, shown.sound, "", shown.heard_at)


def _part(name: str, *values: object) -> Markup:
    return _page.part(_TEMPLATE, name, *values)
