"""A comparison → its sentences, tables and facts, whatever form they take then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.evaluation.breaking_down import WITHOUT
from earwitness.evaluation.comparing import (
    DISCRIMINATION,
    HEADLINE,
    MOST_FOR_ALL_PAIRS,
    Comparison,
    GroupDifference,
    Standing,
)
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.records import Direction, Scored
from earwitness.records import Answer
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _sentences
from earwitness.reporting.evaluations._numbers import decimal, plain, value_only, written
from earwitness.reporting.evaluations._remarks import Said, said
from earwitness.reporting.evaluations._sentences import listed
from earwitness.reporting.evaluations._tables import Grid, column_name

# Remarks of a run that bear on the comparison.
_CARRIED = ("overlap", "calibrated_on_these", "partial", "foreign")
_GRAVEST_FIRST = ("bad", "doubt", "note")

HOW_TO_READ = (
    "Every figure here was measured anew, on the recordings that all detectors scored. A "
    "difference is paired: both are measured on the same draws of the same recordings, so what is "
    "hard for both cancels. The brackets hold 95 % of what was found in 1,000 draws. Better or "
    "worse is said only where the whole interval lies on one side of zero; “not distinguishable” "
    "means that these recordings cannot tell, not that both are equally good. The intervals of "
    "two detectors may overlap although their difference is clear.",
    "Where many differences are looked at together, some leave zero by chance alone. So the pairs "
    "of detectors, and the values of each column, are counted together (Holm's procedure): what "
    "is called better or worse still stands among so many.",
    "Misses and false alarms are those of each detector's own line, with every inconclusive "
    "answer counted as half an error. Fewer of the one can be bought with more of the other: "
    "balanced accuracy weighs both.",
)


@dataclass(frozen=True)
class Finding:
    """What is said of a pair: by EER, and by the other measures."""

    headline: str
    others: str

    def __str__(self) -> str:
        return f"{self.headline} {self.others}"


def heading(found: Comparison) -> str:
    """Name what was compared."""
    setup = found.standings[0].run.setup
    names = [one.run.name for one in found.standings]
    who = listed(names) if len(names) < MOST_FOR_ALL_PAIRS else f"{len(names)} detectors"
    data = setup.data.replace("\\", "/").rstrip("/").rpartition("/")[2] or setup.data
    return visible(f"{who} on {data} ({setup.partition})")


def lead(found: Comparison) -> str:
    """Say on what everything was measured."""
    told = f"{found.n_bona_fide:,} bona fide and {found.n_spoof:,} spoofed recordings"
    return f"Which of them tells genuine speech from spoofs better, on the same {told}?"


def findings(found: Comparison) -> Iterator[Finding]:
    """Say of each pair which is better by EER, and how it goes by the other measures."""
    for pair in found.pairs():
        headline, *others = found.of_pair(*pair)
        told = [(_sentences.name(one.measure), one) for one in others if one.is_comparable]
        rest = len(others) - len(told)
        ending = f"; {rest} cannot be compared" if rest else ""
        yield Finding(
            _sentences.comparison(headline),
            f"By the other measures: {_sentences.tally(told)}{ending}.",
        )


def summary(found: Comparison) -> str:
    """Say which of three or more is better than all others; empty where not all were compared."""
    runs, pairs = len(found.standings), len(found.pairs())
    if runs < 3 or pairs < runs * (runs - 1) // 2:
        return ""
    return _sentences.best([one for one in found.differences if one.measure == HEADLINE])


def group_findings(found: Comparison) -> Iterator[str]:
    """Say of each pair and column how it goes, as far as the values can be told apart."""
    for (first, second), column, rows in _by_pair_and_column(found):
        told = _sentences.tally(
            [(_value(one.value), one.difference) for one in rows], preposition="on"
        )
        pair = visible(f"{second} against {first}")
        yield f"{pair}, EER by {visible(column_name(column))}: {told}."


def remarks(found: Comparison) -> list[Said]:
    """Give what must be known beside the figures, the gravest first."""
    told = [*_of_runs(found), *_of_trials(found)]
    return sorted(told, key=lambda one: _GRAVEST_FIRST.index(one.kind))


def figures(found: Comparison) -> Grid:
    """Lay out all measures, a column a run."""
    names = [one.name for one in found.standings[0].measures]
    return Grid(
        ("", *(one.run.name for one in found.standings)),
        tuple(
            (
                _sentences.name(name),
                *(written(one.measure(name)) for one in found.standings),
            )
            for name in names
        ),
        numbers=tuple(range(1, len(found.standings) + 1)),
    )


def differences(found: Comparison, first: str, second: str) -> Grid:
    """Lay out the pooled differences of a pair, and say what cannot be compared."""
    by_name = {one.run.name: one for one in found.standings}
    pooled = found.of_pair(first, second)
    lacking = [one for one in pooled if not one.is_comparable]
    caption = f"{second} against {first}."
    if lacking:
        told = listed([_sentences.name(one.measure) for one in lacking])
        caption += f" Not compared: {told} ({_sentences.why(lacking[0])})."
    return Grid(
        ("", second, first, "difference", "finding"),
        tuple(
            (
                _sentences.name(one.measure),
                value_only(by_name[second].measure(one.measure)),
                value_only(by_name[first].measure(one.measure)),
                _sentences.size(one),
                _sentences.verdict(one),
            )
            for one in pooled
            if one.is_comparable
        ),
        numbers=(1, 2, 3),
        caption=caption,
    )


def groups(found: Comparison) -> Iterator[tuple[str, Grid]]:
    """Lay out the differences in EER by each column, a column of the table for each pair."""
    for column in dict.fromkeys(one.column for one in found.groups):
        rows = [one for one in found.groups if one.column == column]
        pairs = dict.fromkeys((one.difference.first, one.difference.second) for one in rows)
        cells = {
            (one.value, one.difference.first, one.difference.second): one.difference for one in rows
        }
        values = {one.value: one.difference for one in rows}
        yield column, Grid(
            (
                column_name(column), "genuine", "spoofs",
                *(f"{second} against {first}" for first, second in pairs),
            ),
            tuple(
                (
                    _value(value), f"{any_of.n_bona_fide:,}", f"{any_of.n_spoof:,}",
                    *(_cell(cells[value, *pair]) for pair in pairs),
                )
                for value, any_of in values.items()
            ),
            numbers=(1, 2),
            caption=(
                "Differences in EER. A group that has no genuine recordings of its own (an attack) "
                "is told apart from all of them."
            ),
        )  # fmt: skip


def facts(found: Comparison) -> Grid:
    """Lay out what each run's figures are to be read with."""
    return Grid(
        ("", *(one.run.name for one in found.standings)),
        tuple(
            (name, *values)
            for name, *values in zip(
                _FACTS, *(_facts(one) for one in found.standings), strict=True
            )
        ),
    )  # fmt: skip


def resampled(found: Comparison) -> str:
    """Say what was drawn again and again."""
    if found.kin.column is None:
        return "single recordings"
    return f"{found.kin.clusters:,} values of '{visible(found.kin.column)}', each as a whole"


def _value(value: str) -> str:
    return "none" if value == WITHOUT else value


def _cell(difference: Difference) -> str:
    told = _sentences.verdict(difference)
    return f"{_sentences.size(difference)}: {told}" if difference.is_comparable else told


def _by_pair_and_column(
    found: Comparison,
) -> Iterator[tuple[tuple[str, str], str, list[GroupDifference]]]:
    for pair in found.pairs():
        own = [one for one in found.groups if (one.difference.first, one.difference.second) == pair]
        for column in dict.fromkeys(one.column for one in own):
            yield pair, column, [one for one in own if one.column == column]


def _of_runs(found: Comparison) -> Iterator[Said]:
    for one in found.standings:
        if one.direction is not Direction.AS_EXPECTED:
            yield _wrong_way(one)
        for remark in one.run.remarks:
            if remark.code in _CARRIED:
                told = said(remark)
                yield Said(told.kind, f"{visible(one.run.name)}: {told.title}", told.text)
    raw = [one.run.name for one in found.standings if not one.run.setup.is_calibrated]
    if raw:
        yield Said(
            "note",
            f"Not calibrated: {listed(raw)}",
            "Raw scores have no line and say nothing of their size, so only how well the labels "
            f"are told apart is compared: {listed([_sentences.name(n) for n in DISCRIMINATION])}",
        )


def _wrong_way(one: Standing) -> Said:
    name, auc = visible(one.run.name), one.measure("auc")
    told = f"Its AUC is {decimal(auc)}; turned round it would be {plain(1 - (auc.value or 0), 3)}"
    if one.direction is Direction.DOUBTFUL:
        return Said("doubt", f"{name} is no better than chance", told)
    if one.run.accepts_inverted:
        return Said("doubt", f"{name} is inverted, and that was accepted", told)
    return Said(
        "bad",
        f"INVERTED: the scores of {name} point the wrong way",
        f"{told}. It is compared as it is, nothing was turned round: mend the labels or the sign "
        "before you compare it",
    )


def _of_trials(found: Comparison) -> Iterator[Said]:
    if found.left_out:
        told = listed([f"{n:,} of {name}" for name, n in found.left_out.items()])
        yield Said(
            "doubt",
            f"Compared on the {found.asked:,} trials that all runs were asked",
            f"Left out: {told}. The figures differ from those of each run's own report",
        )
    lost = found.asked - found.n_bona_fide - found.n_spoof
    if lost:
        told = listed([f"{one.unscored:,} by {one.run.name}" for one in found.standings])
        yield Said(
            "doubt",
            f"{lost:,} of {found.asked:,} trials are left out of all runs",
            f"They have no score in at least one of them (not scored: {told})",
        )
    if any(_is_silent(answer) for one in found.standings for answer in one.run.scored):
        yield Said(
            "note",
            "Inconclusive answers count as half an error",
            "The report of a single run leaves them out of its misses, false alarms and balanced "
            "accuracy, and gives these figures beside them",
        )
    if found.kin.column is None:
        yield Said(
            "note",
            "Recordings were drawn one by one",
            "Nothing says which of them belong together (a speaker, a page), or too few do. Where "
            "they do, the true intervals are wider",
        )


def _is_silent(one: Scored) -> bool:
    return one.score is not None and one.answer is Answer.INCONCLUSIVE


_FACTS = (
    "folder", "detector", "weights (SHA-256)", "settings hash", "scores", "line", "windows",
    "decoding", "data", "command", "date, version",
)  # fmt: skip


def _facts(one: Standing) -> tuple[str, ...]:
    setup = one.run.setup
    line = "none"
    if setup.threshold is not None:
        line = f"{setup.operating_point}: bona fide from {plain(setup.threshold, 3)} up"
    return (
        one.run.folder, setup.model, setup.weights_sha256 or "–", setup.settings_hash or "–",
        "calibrated LLRs" if setup.is_calibrated else "raw scores, not calibrated", line,
        setup.windows, setup.decoding, setup.data, setup.command,
        f"{setup.date}, Earwitness {setup.version}",
    )  # fmt: skip
