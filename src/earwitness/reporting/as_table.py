"""Findings → rows for people: name, verdict, LLR, and what the sound says in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from earwitness.records import Answer, Failure, Verdict
from earwitness.reporting import FORMS, Finding, _words
from earwitness.reporting.as_details import heading

HEAD = ("recording", "verdict", "LLR", "the sound speaks")
VERDICT_WIDTH = max(map(len, _words.ANSWERS.values()))
LLR_WIDTH = 7
NOT_READ = "not read"


@dataclass(frozen=True)
class Row:
    """One recording in the table; ``tone`` is the answer's name, for whoever draws in colour."""

    name: str
    verdict: str
    llr: str
    says: str
    tone: str


@dataclass
class Tally:
    """Counts what was answered, for the line under the table."""

    counts: Counter[str] = field(default_factory=Counter)
    line: str = ""

    def add(self, finding: Finding) -> None:
        """Count one more."""
        found = finding.found
        if isinstance(found, Failure):
            self.counts[NOT_READ] += 1
            return
        self.counts[_words.ANSWERS[found.answer]] += 1
        self.line = self.line or _words.line(found)

    def lines(self) -> list[str]:
        """Sum up, and say where the line was drawn."""
        total = self.counts.total()
        names = [*_words.ANSWERS.values(), NOT_READ]
        told = ", ".join(f"{self.counts[name]} {name}" for name in names if self.counts[name])
        summary = f"{total} recording{'' if total == 1 else 's'}: {told}."
        return [summary, f"The line: {self.line}."] if self.line else [summary]


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Answer as a table of one line for each recording."""
    return aligned(findings, name_width=40)


def aligned(findings: Iterable[Finding], *, name_width: int, folder: str = "") -> Iterator[str]:
    """Lay the table out for names of this width; a longer one pushes its own line only.

    Args:
        findings: what was found.
        name_width: columns for the names.
        folder: names inside of it are told without it.
    """
    tally = Tally()
    yield _line(Row(*HEAD, tone=""), name_width)
    for finding in findings:
        tally.add(finding)
        yield _line(row(finding, folder), name_width)
    yield ""
    yield from tally.lines()


def row(finding: Finding, folder: str = "") -> Row:
    """Give the row of one recording; inside the folder its name is told without it."""
    name, found = heading(finding).removeprefix(folder), finding.found
    if isinstance(found, Failure):
        return Row(name, NOT_READ, "–", _words.trouble(found), tone=NOT_READ)
    verdict = _words.ANSWERS[found.answer]
    says = _words.says(found).removeprefix("speaks ").removeprefix("says ")
    return Row(name, verdict, _llr(found), says, tone=found.answer.value)


def _llr(verdict: Verdict) -> str:
    """Write the LLR; in brackets where no answer rests on it."""
    text = _words.number(verdict.llr)
    is_aside = verdict.answer is Answer.INCONCLUSIVE and verdict.llr is not None
    return f"({text})" if is_aside else text


def _line(cells: Row, name_width: int) -> str:
    name = cells.name + " " * (name_width - _words.columns(cells.name))
    return (
        f"{name}  {cells.verdict:<{VERDICT_WIDTH}}  {cells.llr:>{LLR_WIDTH}}  {cells.says}".rstrip()
    )
