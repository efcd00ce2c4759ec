"""An evaluation → what its report tells, in order and in words, whatever form it takes then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earwitness.evaluation.records import (
    Breakdown,
    Direction,
    Evaluation,
    Guard,
    Remark,
    Setup,
)
from earwitness.reporting.evaluations._counts import Counts, counted
from earwitness.reporting.evaluations._numbers import percent, plain, trials
from earwitness.reporting.evaluations._remarks import Said, said
from earwitness.reporting.evaluations._tables import BLANK, DURATION, Chapter, Grid, chapters, grid

_OF_GUARD = {"inverted", "inverted_accepted", "doubtful"}
_ORDER = ("bad", "doubt", "note")

HOW_TO_READ = (
    (
        "Two kinds of recordings",
        "Genuine (bona fide) speech was spoken by a living person and left as it was. A spoof was "
        "synthesised, converted, replayed or edited to pass for such speech.",
    ),
    (
        "Two kinds of mistakes",
        "A miss is genuine speech taken for a spoof: somebody is wrongly accused. A false alarm "
        "(the field's word) is a spoof taken for genuine speech: a fake gets through. Drawing the "
        "line elsewhere makes fewer of the one and more of the other.",
    ),
    (
        "EER, the headline",
        "The equal error rate is read at the line where both mistakes are equally frequent. That "
        "line is found afterwards, on these very recordings, so the EER compares detectors; it is "
        "not how often one will be wrong in use.",
    ),
    (
        "Numbers in brackets",
        "Other recordings of the same kind would have given other figures. The brackets hold 95 % "
        "of what was found when these recordings were drawn again and again; where all draws were "
        "alike (no mistake, or nothing but mistakes), they hold what so few recordings allow. If "
        "the brackets of two figures overlap, do not call one of them better.",
    ),
    (
        "LLR",
        "The log-likelihood ratio says how much more likely the sound is from genuine speech than "
        "from a spoof: 0 says nothing, +2.3 is ten times as likely, −2.3 ten times less likely.",
    ),
    (
        "What these figures do not say",
        "They hold for these recordings and attacks, decoded and cut as stated below. New attacks, "
        "other languages or worse telephones can be much harder.",
    ),
)


def as_sentence(words: str) -> str:
    """End a text as a sentence ends.

    Example:
        >>> as_sentence("Why?"), as_sentence("So it is"), as_sentence("")
        ('Why?', 'So it is.', '')
    """
    ended = words.rstrip(". ")
    return ended if not ended or ended[-1] in "?!" else f"{ended}."


@dataclass(frozen=True)
class Story:
    """All that a report tells beside its figures and sounds."""

    title: str
    lead: str
    headline: str
    explained: tuple[str, ...]
    remarks: tuple[Said, ...]
    chapters: tuple[Chapter, ...]
    breakdowns: tuple[tuple[Breakdown, Grid], ...]
    counts: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    note: str


def story(evaluation: Evaluation) -> Story:
    """Tell an evaluation."""
    setup = evaluation.setup
    counts = counted(evaluation)
    return Story(
        title=f"{setup.model} on {_last(setup.data)} ({setup.partition})",
        lead=f"How well does '{setup.model}' tell genuine speech from spoofed speech?",
        headline=headline(evaluation),
        explained=tuple(_explained(evaluation)),
        remarks=tuple(_remarks(evaluation)),
        chapters=tuple(chapters(evaluation.measures)),
        breakdowns=tuple((one, grid(one)) for one in _best_first(evaluation.breakdowns)),
        counts=tuple(_told(counts)),
        unread=tuple((one.trial.id, one.message) for one in evaluation.unread),
        facts=tuple(_facts(setup, counts)),
        note=note(setup, counts),
    )


def headline(evaluation: Evaluation) -> str:
    """Give the headline: the EER with what it rests on."""
    setup, eer = evaluation.setup, evaluation.measure("eer")
    clusters = ""
    if setup.clustered_by is not None:
        clusters = f", {setup.clusters:,} {_plural(setup.clustered_by)}"
    return f"EER {percent(eer)} on {trials(eer)} trials{clusters}"


def note(setup: Setup, counts: Counts) -> str:
    """Say in one line what a figure rests on."""
    weights = f" (weights {setup.weights_sha256[:8]})" if setup.weights_sha256 else ""
    n = f"{counts.bona_fide:,} bona fide + {counts.spoof:,} spoof"
    return f"{setup.model}{weights}  ·  {_last(setup.data)}, {setup.partition}  ·  {n}"


def of_hundred(share: float) -> str:
    """Tell a share so that it can be pictured.

    Example:
        >>> of_hundred(0.176), of_hundred(0.002)
        ('about 18 of 100', 'about 2 of 1,000')
    """
    if share >= 0.0095:
        return f"about {100 * share:.0f} of 100"
    return f"about {1000 * share:.0f} of 1,000" if share >= 0.0005 else "fewer than 1 of 1,000"


def _explained(evaluation: Evaluation) -> Iterator[str]:
    guard = evaluation.guard
    if guard.direction is Direction.INVERTED and not guard.is_accepted:
        yield "The scores point the wrong way (see above): do not use this figure as it is."
        return
    eer = evaluation.measure("eer").value
    if eer is not None:
        others = "as many spoofs for genuine" if 0 < eer < 1 else _spoofs(eer)
        yield (
            "With the line drawn, afterwards, where both mistakes are equally frequent, it takes "
            f"{_genuine(eer)}, and {others}."
        )
    yield from _at_its_line(evaluation)


def _at_its_line(evaluation: Evaluation) -> Iterator[str]:
    setup = evaluation.setup
    found = {measure.name: measure.value for measure in evaluation.measures}
    miss, alarm = found.get("miss_rate"), found.get("false_alarm_rate")
    if setup.threshold is None:
        if not setup.is_calibrated:
            yield "Its scores are not calibrated, so it has no line of its own to be judged by."
    elif miss is not None and alarm is not None:
        unit = "LLR " if setup.is_calibrated else ""
        yield (
            f"With the line that was set beforehand ({setup.operating_point}: {unit}"
            f"{plain(setup.threshold, 1)}) it takes {_genuine(miss)}, and {_spoofs(alarm)}."
        )


def _genuine(share: float) -> str:
    """Say how many genuine recordings are taken for spoofs.

    Example:
        >>> _genuine(0.0), _genuine(0.18), _genuine(1.0)  # doctest: +NORMALIZE_WHITESPACE
        ('no genuine recording for a spoof', 'about 18 of 100 genuine recordings for spoofs',
        'every genuine recording for a spoof')
    """
    if 0 < share < 1:
        return f"{of_hundred(share)} genuine recordings for spoofs"
    return f"{'every' if share else 'no'} genuine recording for a spoof"


def _spoofs(share: float) -> str:
    """Say how many spoofs are taken for genuine speech.

    Example:
        >>> _spoofs(0.0), _spoofs(0.18), _spoofs(1.0)
        ('no spoof for genuine', 'about 18 of 100 spoofs for genuine', 'every spoof for genuine')
    """
    if 0 < share < 1:
        return f"{of_hundred(share)} spoofs for genuine"
    return f"{'every' if share else 'no'} spoof for genuine"


def _best_first(breakdowns: Sequence[Breakdown]) -> list[Breakdown]:
    """Put the length behind the column that matters most; a corpus may have many more."""
    by_length = [one for one in breakdowns if one.column == DURATION]
    others = [one for one in breakdowns if one.column != DURATION]
    return [*others[:1], *by_length, *others[1:]]


def _remarks(evaluation: Evaluation) -> Iterator[Said]:
    """Give what must be known beside the figures, the gravest first."""
    codes = {remark.code for remark in evaluation.remarks}
    guard = evaluation.guard
    added: list[Remark] = []
    if guard.direction is not Direction.AS_EXPECTED and not codes & _OF_GUARD:
        code = "inverted_accepted" if guard.is_accepted else guard.direction.value
        added.append(Remark(code, {"auc": guard.auc, "mirrored_auc": guard.mirrored_auc}))
    told = [
        _with_mirror(said(one), guard) if one.code in _OF_GUARD else said(one)
        for one in (*added, *evaluation.remarks)
    ]
    yield from sorted(told, key=lambda one: _ORDER.index(one.kind))


def _with_mirror(told: Said, guard: Guard) -> Said:
    auc = f"AUC {plain(guard.auc, 3)}, turned round {plain(guard.mirrored_auc, 3)}"
    eer = f"EER {plain(100 * guard.eer, 1)} %, turned round {plain(100 * guard.mirrored_eer, 1)} %"
    return Said(told.kind, told.title, f"{as_sentence(told.text)} As measured: {auc}; {eer}")


def _told(counts: Counts) -> Iterator[tuple[str, str]]:
    yield "Recordings asked about", f"{counts.trials:,}"
    yield "Scored", f"{counts.scored:,} ({counts.bona_fide:,} genuine, {counts.spoof:,} spoofs)"
    yield "Could not be read", f"{counts.unread:,}"
    yield "Nothing to score", f"{counts.unscored:,}"
    inconclusive = counts.inconclusive_bona_fide + counts.inconclusive_spoof
    told = f"{inconclusive:,}"
    if inconclusive:
        told += (
            f" ({counts.inconclusive_bona_fide:,} genuine, {counts.inconclusive_spoof:,} spoofs)"
        )
        reasons = (f"{name.replace('_', ' ')} {n:,}" for name, n in counts.inconclusive.items())
        told += f": {', '.join(reasons)}"
    yield "Answered inconclusive", told


def _facts(setup: Setup, counts: Counts) -> Iterator[tuple[str, str]]:
    yield "Data", setup.data
    yield "Protocol, partition", f"{setup.protocol}, {setup.partition}"
    yield "n", f"{counts.bona_fide:,} bona fide + {counts.spoof:,} spoof"
    yield "Detector", setup.model
    yield "Weights (SHA-256)", setup.weights_sha256 or BLANK
    yield "Settings hash", setup.settings_hash or BLANK
    yield "Scores", "calibrated LLRs" if setup.is_calibrated else "raw scores, not calibrated"
    if setup.threshold is not None:
        line = f"{setup.operating_point}: bona fide from {plain(setup.threshold, 3)} up"
        yield "Line, set beforehand", line
    else:
        yield "Line, set beforehand", "none"
    yield "Windows", setup.windows
    yield "Decoding", setup.decoding
    yield "95 % intervals", _intervals(setup)
    yield "Command", setup.command
    yield "Date, version", f"{setup.date}, Earwitness {setup.version}"


def _intervals(setup: Setup) -> str:
    alike = "; Wilson's interval where all draws are alike"
    if setup.clustered_by is None:
        return f"percentile bootstrap over single trials{alike}"
    return (
        f"percentile bootstrap over {setup.clusters:,} {_plural(setup.clustered_by)}: trials of "
        f"one {setup.clustered_by.replace('_', ' ')} are drawn together, and one by one where a "
        f"figure is of a single one{alike}"
    )


def _plural(noun: str) -> str:
    """Name several of a column's values.

    Example:
        >>> _plural("page"), _plural("source_corpus"), _plural("category"), _plural("series")
        ('pages', 'values of source corpus', 'categories', 'values of series')
    """
    words = noun.replace("_", " ")
    if words.endswith("s") or " " in words:
        return f"values of {words}"
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _last(data: str) -> str:
    """Give the last part of a path, which is enough to know a data set by."""
    return data.replace("\\", "/").rstrip("/").rpartition("/")[2] or data
