"""Findings → the form that was asked for, written as they come; and what the exit code will be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TextIO

import click

from earwitness.apps.cli import _drawing, _exits
from earwitness.apps.cli._progress import Shown
from earwitness.records import Answer, Failure
from earwitness.reporting import FORMS, Finding, as_table, no_calibration, visible

# The forms in which a person reads what is wrong with a file.
IN_WORDS = ("table", "details", "timeline")


class Watch:
    """Looks at findings as they pass by, for what has to be said or done at the end.

    Args:
        shown: counts them, too.
        fail_on: answers and reasons that end the command with ``_exits.FOUND``.
        is_told: the results show on screen what is wrong, in words; else standard error has to.
        is_quiet: nothing but errors has to be told.
    """

    def __init__(
        self, shown: Shown, *, fail_on: Iterable[str], is_told: bool, is_quiet: bool
    ) -> None:
        self.tally = as_table.Tally()
        self._shown = shown
        self._fail_on = set(fail_on)
        self._is_told = is_told
        self._remarks_left = 0 if is_quiet or is_told else 1
        self._has_failures = self._is_found = False

    def over(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Let the findings pass, one by one."""
        for finding in findings:
            self.tally.add(finding)
            self._shown.answered()
            found = finding.found
            if isinstance(found, Failure):
                self._has_failures = True
                self._tell("" if self._is_told else found.message)
            elif self._fail_on & {found.answer.value, *(r.value for r in found.reasons)}:
                self._is_found = True
            elif found.answer is Answer.UNCALIBRATED and self._remarks_left:
                self._remarks_left -= 1
                self._tell(f"{no_calibration(found.model)}.")
            yield finding

    @property
    def exit_code(self) -> int:
        """What a script has to know."""
        if self._is_found:
            return _exits.FOUND
        return _exits.UNREADABLE if self._has_failures else _exits.DONE

    def _tell(self, text: str) -> None:
        if text:
            with self._shown.aside():
                click.echo(f"earwitness: {visible(text)}", err=True)


@dataclass(frozen=True)
class Names:
    """What is known beforehand of the names in the table.

    Attributes:
        width: columns of the longest one.
        folder: the one folder that was asked about, which each of them need not repeat.
    """

    width: int
    folder: str = ""


def write(
    findings: Iterable[Finding], stream: TextIO, *, form: str, names: Names, shown: Shown
) -> None:
    """Write findings in a form, each as soon as it is known.

    Args:
        findings: what was found.
        stream: where to.
        form: its name, without ``as_``.
        names: lay out the table.
        shown: steps aside meanwhile.
    """
    lines = (
        partial(as_table.aligned, name_width=names.width, folder=names.folder)
        if form == "table"
        else FORMS.get(f"as_{form}")
    )
    if form not in IN_WORDS or not (stream is sys.stdout and stream.isatty()):
        for line in lines(findings):
            with shown.aside():
                stream.write(f"{line}\n")
                stream.flush()
        return
    console = _drawing.console_on(stream)
    pieces = (
        _drawing.table(findings, width=console.width, names=names.width, folder=names.folder)
        if form == "table"
        else _drawing.coloured(lines, findings)
    )
    for piece in pieces:
        with shown.aside():
            console.print(piece)
