"""Measures and breakdowns → tables of text, the same for a page and for a text report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earwitness.evaluation.records import Breakdown, Group, Measure
from earwitness.reporting.evaluations._measures import GROUPS, Meaning, meaning
from earwitness.reporting.evaluations._numbers import (
    NOT_GIVEN,
    interval_only,
    percent,
    plain,
    trials,
    value_only,
)

MOST_GROUPS, FEW_GROUPS = 40, 10
FEWEST_IN_GROUP = 10  # trials of a label behind a rate that is drawn or talked of
BLANK = "–"
DURATION = "duration"


@dataclass(frozen=True)
class Row:
    """A measure in a table."""

    meaning: Meaning
    value: str
    interval: str
    n: str


@dataclass(frozen=True)
class Chapter:
    """Measures that belong together; ``lacking`` stands for them where there are none."""

    title: str
    rows: tuple[Row, ...]
    lacking: str = ""


@dataclass(frozen=True)
class Grid:
    """A plain table: names of columns, rows of cells, and which columns hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    caption: str = ""


def chapters(measures: Sequence[Measure]) -> Iterator[Chapter]:
    """Group measures as a report tells them; what is new comes last."""
    found = {measure.name: measure for measure in measures}
    grouped = {name for _, names in GROUPS for name in names}
    rest = tuple(name for name in found if name not in grouped)
    for title, names in (*GROUPS, ("Other measures", rest)):
        here = [found[name] for name in names if name in found]
        if here:
            yield _chapter(title, here)


def _chapter(title: str, measures: Sequence[Measure]) -> Chapter:
    """Make a table; of measures that all lack a value for one reason, a sentence tells it."""
    reasons = {None if one.value is not None else one.why_not for one in measures}
    if len(reasons) > 1 or None in reasons:
        return Chapter(title, tuple(_row(measure) for measure in measures))
    titles = "; ".join(meaning(measure.name).title for measure in measures)
    return Chapter(title, (), f"{titles}: {NOT_GIVEN} ({reasons.pop()}).")


def _row(measure: Measure) -> Row:
    n = _n(measure) if measure.value is not None else BLANK
    return Row(meaning(measure.name), value_only(measure), interval_only(measure), n)


def _n(measure: Measure) -> str:
    """Write both numbers of trials, shorter than in a sentence."""
    if measure.n_bona_fide and measure.n_spoof:
        return f"{measure.n_bona_fide:,} + {measure.n_spoof:,}"
    return trials(measure)


def is_telling(measure: Measure) -> bool:
    """Say whether a rate of a group rests on enough trials to be drawn and talked of."""
    return measure.value is not None and measure.n_bona_fide + measure.n_spoof >= FEWEST_IN_GROUP


def grid(breakdown: Breakdown) -> Grid:
    """Lay out a breakdown, the largest groups first; lengths ascend, and all of them are there."""
    shown = _largest(breakdown)
    more = len(breakdown.groups) - len(shown)
    is_frozen = breakdown.threshold_is == "operating point"
    line = "set beforehand" if is_frozen else "of the pooled EER, found on these recordings"
    caption = (
        f"All groups at one line, {line}: {plain(breakdown.threshold, 2)}. An attack's EER is "
        "taken against all genuine recordings. A dash stands where there are too few."
    )
    if more:
        caption += f" {more:,} smaller groups are in metrics.json."
    head = (column_name(breakdown.column), "genuine", "spoofs", "misses", "false alarms", "EER")
    rows = tuple(_cells(group) for group in shown)
    return Grid(head, rows, numbers=(1, 2, 3, 4, 5), caption=caption)


def _largest(breakdown: Breakdown) -> tuple[Group, ...]:
    if breakdown.column == DURATION:
        return breakdown.groups
    large = [one for one in breakdown.groups if one.n_bona_fide + one.n_spoof >= FEWEST_IN_GROUP]
    return breakdown.groups[: min(MOST_GROUPS, max(FEW_GROUPS, len(large)))]


def _cells(group: Group) -> tuple[str, ...]:
    rates = (group.miss_rate, group.false_alarm_rate, group.eer)
    return (
        value_of(group),
        f"{group.n_bona_fide:,}", f"{group.n_spoof:,}",
        *(percent(rate) if rate.value is not None else BLANK for rate in rates),
    )  # fmt: skip


def value_of(group: Group) -> str:
    """Name a group."""
    if group.value != "-":
        return group.value
    return "none" if group.n_spoof else "none (genuine)"


def column_name(column: str) -> str:
    """Name a column as people read it.

    Example:
        >>> column_name("attack_type"), column_name("duration")
        ('attack type', 'length of the recording')
    """
    return "length of the recording" if column == DURATION else column.replace("_", " ")
