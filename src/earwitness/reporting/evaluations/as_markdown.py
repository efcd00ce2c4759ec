"""An evaluation → ``report.md``: what the page tells, as text for a paper or an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from earwitness.evaluation.records import Evaluation
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._discussion import discussion
from earwitness.reporting.evaluations._drawn import name_of
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._numbers import plain
from earwitness.reporting.evaluations._story import HOW_TO_READ, Story, as_sentence, story
from earwitness.reporting.evaluations._tables import Chapter, column_name
from earwitness.reporting.evaluations._worst import Clip, worst

_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")
_SIGNS = {"bad": "⛔", "doubt": "⚠️", "note": ""}
MOST_UNREAD = 20


def text(evaluation: Evaluation, drawings: Sequence[Drawing], *, figures: str = "figures") -> str:
    """Write the report.

    Args:
        evaluation: with its trials.
        drawings: its figures; those in the text are linked to as PNG.
        figures: folder of the figures' files, relative to the report.
    """
    return "\n".join(_lines(evaluation, drawings, figures)) + "\n"


def escaped(words: str) -> str:
    r"""Make text from outside safe in Markdown: one line, no markup, no end of a cell.

    Example:
        >>> escaped("a|b*c\n<d>")
        'a\\|b\\*c \\<d\\>'
    """
    return _MARKS.sub(r"\\\1", visible(" ".join(words.split())))


def grid(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()
) -> Iterator[str]:
    """Write a table, with an empty line before and after."""
    right = set(numbers)
    yield ""
    yield _row(head)
    yield _row(["---:" if n in right else "---" for n in range(len(head))], is_rule=True)
    yield from (_row(row) for row in rows)
    yield ""


def _lines(evaluation: Evaluation, drawings: Sequence[Drawing], figures: str) -> Iterator[str]:
    told = story(evaluation)
    drawn = {one.name: one for one in drawings}
    yield f"# {escaped(told.title)}"
    yield from _first(evaluation, told)
    yield from _section("How well it tells genuine speech from spoofs")
    for name in ("histogram", "det"):
        yield from _figure(drawn.get(name), figures)
    yield from _section("All measures")
    for chapter in told.chapters:
        yield from _chapter(chapter)
    if "reliability" in drawn:
        yield from _section("Whether its LLRs are right")
        yield from _figure(drawn["reliability"], figures)
    for breakdown, cells in told.breakdowns:
        yield from _section(f"By {column_name(breakdown.column)}")
        yield from _figure(drawn.get(name_of(breakdown)), figures)
        yield escaped(cells.caption)
        yield from grid(cells.head, cells.rows, cells.numbers)
    yield from _section("What became of the recordings")
    yield from grid(("", "recordings"), told.counts)
    if told.unread:
        yield from grid(("could not be read", "what happened"), told.unread[:MOST_UNREAD])
    yield from _worst(evaluation)
    yield from _section("How to read this")
    yield from (f"- **{escaped(name)}.** {escaped(words)}" for name, words in HOW_TO_READ)
    yield from _section("What every number here rests on")
    yield from grid(("", ""), told.facts)


def _first(evaluation: Evaluation, told: Story) -> Iterator[str]:
    yield from ("", escaped(told.lead), "")
    for remark in told.remarks:
        if remark.kind != "note":
            sign, words = _SIGNS[remark.kind], escaped(as_sentence(remark.text))
            yield f"> {sign} **{escaped(remark.title)}** {words}".rstrip()
            yield ""
    yield f"**{escaped(told.headline)}**"
    for sentence in told.explained:
        yield from ("", escaped(sentence))
    notes = [str(one) for one in told.remarks if one.kind == "note"]
    sentences = [*discussion(evaluation), *notes]
    if sentences:
        yield from _section("What this says")
        yield from (f"- {escaped(sentence)}" for sentence in sentences)


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield from ("", f"### {chapter.title}", "")
    if not chapter.rows:
        yield escaped(chapter.lacking)
        return
    rows = [(r.meaning.title, r.value, r.interval, r.n, r.meaning.told) for r in chapter.rows]
    yield from grid(
        ("measure", "value", "95 % interval", "n (bona fide + spoof)", "what it says"), rows, (1, 2)
    )


def _figure(drawn: Drawing | None, figures: str) -> Iterator[str]:
    if drawn is not None:
        yield from (f"![{escaped(drawn.title)}]({figures}/{drawn.name}.png)", "")
        yield from (escaped(drawn.told), "")


def _worst(evaluation: Evaluation) -> Iterator[str]:
    found = worst(evaluation, embed_audio=False)
    unit = "LLR" if evaluation.setup.is_calibrated else "raw score"
    for title, clips in (
        ("Genuine recordings with the lowest scores", found.bona_fide),
        ("Spoofs with the highest scores", found.spoof),
    ):
        if clips:
            yield from _section(title)
            yield from grid(("recording", unit), [_scored(clip) for clip in clips], (1,))


def _scored(clip: Clip) -> tuple[str, str]:
    return clip.scored.trial.id, plain(clip.scored.score or 0.0, 2)


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _row(cells: Iterable[str], *, is_rule: bool = False) -> str:
    told = [cell if is_rule else escaped(cell) for cell in cells]
    return f"| {' | '.join(told)} |"
