"""An evaluation → ``report.html``: one page that a stranger understands and a researcher can check.

What must be known first stands first: banners, the headline in words, what the figures say, how to
read them; then figures and tables; then sounds; then what every number rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from earwitness.evaluation.records import Breakdown, Evaluation, Scored
from earwitness.records import Answer
from earwitness.reporting._words import length
from earwitness.reporting.evaluations import _page
from earwitness.reporting.evaluations._discussion import discussion
from earwitness.reporting.evaluations._drawn import name_of
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations._numbers import plain
from earwitness.reporting.evaluations._page import Markup
from earwitness.reporting.evaluations._remarks import Said
from earwitness.reporting.evaluations._story import HOW_TO_READ, Story, as_sentence, story
from earwitness.reporting.evaluations._tables import Grid, column_name
from earwitness.reporting.evaluations._worst import Clip, Worst, worst

MOST_UNREAD = 20
OPEN_BREAKDOWNS = 3
_ANSWERS = {
    Answer.BONA_FIDE: "answer: bona fide",
    Answer.SPOOF: "answer: spoof",
    Answer.INCONCLUSIVE: "answer: inconclusive",
}
_OWN_COLUMNS = ("attack", "attack_type", "system", "codec", "language", "speaker", "page")


@dataclass(frozen=True)
class _Player:
    """A clip as the page shows it."""

    name: str
    told: str
    sound: str
    note: str
    link: str | None


class _Numbered:
    """Figures by name; each is numbered when it is shown."""

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self._drawn = {one.name: one for one in drawings}
        self._shown = 0

    def show(self, name: str) -> list[Markup]:
        """Show a figure, if there is one of this name."""
        drawn = self._drawn.get(name)
        if drawn is None:
            return []
        self._shown += 1
        return [_page.figure(drawn, number=self._shown)]


def text(
    evaluation: Evaluation,
    drawings: Sequence[Drawing],
    *,
    embed_audio: bool = True,
    folder: Path | None = None,
) -> str:
    """Write the page.

    Args:
        evaluation: with its trials.
        drawings: its figures.
        embed_audio: put the sound of the worst-scored recordings into the page; off for corpora
            that may not be passed on.
        folder: where the page will lie, for links to the recordings; None for no links.
    """
    told = story(evaluation)
    heard = worst(evaluation, embed_audio=embed_audio, folder=folder)
    body = _page.joined(_body(evaluation, told, _Numbered(drawings), heard))
    return _page.page(told.title, body, lead=told.lead)


def _body(
    evaluation: Evaluation, told: Story, figures: _Numbered, heard: Worst
) -> Iterator[Markup]:
    yield from (_banner(one) for one in told.remarks if one.kind != "note")
    yield _part("headline", told.headline, told.explained)
    yield from _what_it_says(evaluation, told)
    how = [(name, words) for name, words in HOW_TO_READ]
    yield _page.section("How to read this", _page.facts(how))
    yield _page.section(
        "How well it tells genuine speech from spoofs",
        *figures.show("histogram"),
        *figures.show("det"),
    )
    yield _page.section("All measures", *_measures(told))
    if reliability := figures.show("reliability"):
        yield _page.section("Whether its LLRs are right", *reliability)
    yield from _breakdowns(told, figures)
    yield _page.section("What became of the recordings", *_counts(told))
    if heard.bona_fide or heard.spoof:
        yield _page.section("Where it was most wrong, or least sure", *_clips(evaluation, heard))
    yield _page.section(
        "What every number here rests on",
        _page.facts(told.facts),
        lead="No figure of this page means anything without these.",
    )


def _banner(remark: Said) -> Markup:
    sentences = [as_sentence(remark.text)] if remark.text else []
    return _page.banner(remark.kind, remark.title, sentences)


def _what_it_says(evaluation: Evaluation, told: Story) -> Iterator[Markup]:
    sentences = [*discussion(evaluation), *(str(one) for one in told.remarks if one.kind == "note")]
    if sentences:
        yield _page.section("What this says", _part("points", sentences))


def _measures(told: Story) -> Iterator[Markup]:
    for chapter in told.chapters:
        yield _part("heading", chapter.title)
        yield _part("measures", chapter.rows) if chapter.rows else _page.prose(chapter.lacking)


def _breakdowns(told: Story, figures: _Numbered) -> Iterator[Markup]:
    for number, (breakdown, grid) in enumerate(told.breakdowns):
        parts = [*figures.show(name_of(breakdown)), _table(grid)]
        if number >= OPEN_BREAKDOWNS:
            parts = [_page.folded("Figure and table", *parts)]
        yield _page.section(_title(breakdown), *parts)


def _title(breakdown: Breakdown) -> str:
    return f"By {column_name(breakdown.column)}"


def _table(grid: Grid) -> Markup:
    return _page.table(grid.head, grid.rows, numbers=grid.numbers, caption=grid.caption)


def _counts(told: Story) -> Iterator[Markup]:
    yield _page.facts(told.counts)
    if told.unread:
        shown = told.unread[:MOST_UNREAD]
        more = len(told.unread) - len(shown)
        caption = "Recordings that could not be read"
        if more:
            caption += f": the first {len(shown)}; {more:,} more are in scores.tsv"
        yield _page.table(("recording", "what happened"), shown, caption=caption)


def _clips(evaluation: Evaluation, heard: Worst) -> Iterator[Markup]:
    unit = "LLR" if evaluation.setup.is_calibrated else "raw score"
    for title, clips in (
        ("Genuine recordings with the lowest scores", heard.bona_fide),
        ("Spoofs with the highest scores", heard.spoof),
    ):
        if clips:
            yield _part("clips", title, [_player(clip, unit) for clip in clips])


def _player(clip: Clip, unit: str) -> _Player:
    sound = _page.data_uri(clip.flac, "audio/flac") if clip.flac else ""
    link = None if sound else clip.link
    told = "  ·  ".join(_of_clip(clip.scored, unit))
    return _Player(clip.scored.trial.id, told, sound, clip.note, link)


def _of_clip(one: Scored, unit: str) -> Iterator[str]:
    yield f"{unit} {plain(one.score or 0.0, 2)}"
    if one.answer in _ANSWERS:
        yield _ANSWERS[one.answer]
    if one.duration_s is not None:
        yield length(one.duration_s)
    yield from _meta(one.trial.meta)


def _meta(meta: Mapping[str, str]) -> Iterator[str]:
    for name in _OWN_COLUMNS:
        if meta.get(name, "-") not in ("", "-"):
            yield f"{column_name(name)}: {meta[name]}"


def _part(name: str, *values: object) -> Markup:
    return _page.part("report.html", name, *values)
