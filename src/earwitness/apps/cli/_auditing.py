"""What ``audit`` does: list the trials, hear them, judge, write the report."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from earwitness import __version__
from earwitness.apps.cli import _exits
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import beside, only_our_words
from earwitness.errors import SettingsError
from earwitness.evaluation.audit.asking.records import Level
from earwitness.evaluation.audit.auditing import Question, audit
from earwitness.evaluation.audit.records import AuditReport
from earwitness.evaluation.questions import questions
from earwitness.records import Trial
from earwitness.reporting import visible
from earwitness.reporting.evaluations import audits

_ALL = "all"
_FOUND = {None: (), "leak": (Level.LEAK,), "warning": (Level.LEAK, Level.WARNING)}


@dataclass(frozen=True)
class Wishes:
    """What is asked; see the command's options."""

    dataset: Path
    protocol: str | None
    partition: str | None
    out: Path | None
    workers: int
    is_quiet: bool

    def command(self, protocol: str) -> str:
        """Write the command line that repeats this."""
        words = ["earwitness", "audit", str(self.dataset), "--protocol", protocol]
        words += ["--partition", self.partition] if self.partition is not None else []
        return shlex.join(words)


def run(wishes: Wishes) -> AuditReport:
    """Hear all clips and judge them."""
    _refuse_to_overwrite(wishes.out)
    found = questions(wishes.dataset, protocol=wishes.protocol, partition=wishes.partition or _ALL)
    question = Question(
        data=str(wishes.dataset),
        protocol=found.protocol,
        trials=found.trials,
        kin=found.kin,
        remarks=found.remarks,
        command=wishes.command(found.protocol),
        date=date.today().isoformat(),
        version=__version__,
    )
    with only_our_words(), Shown(len(found.trials), is_wanted=not wishes.is_quiet) as shown:

        def on_done(trial: Trial) -> None:
            del trial
            shown.counts()

        return audit(question, workers=wishes.workers, on_done=on_done)


def tell(report: AuditReport, wishes: Wishes, *, as_json: bool) -> None:
    """Write the report where it was asked for, and results to standard output."""
    for one in report.unread:
        click.echo(f"earwitness: {visible(one.message)}", err=True)
    if as_json:
        click.echo(json.dumps(audits.as_table(report), allow_nan=False))
    else:
        for line in audits.as_lines(report):
            click.echo(line)
    if wishes.out is not None:
        write(report, wishes.out)
        if not wishes.is_quiet:
            click.echo(f"earwitness: the report is in {wishes.out}.", err=True)


def exit_code(report: AuditReport, fail_on: str | None) -> int:
    """Say what a script has to know."""
    if report.level in _FOUND[fail_on]:
        return _exits.FOUND
    return _exits.UNREADABLE if report.unread else _exits.DONE


def write(report: AuditReport, out: Path) -> None:
    """Write the report of an audit; each file appears when it is complete.

    Raises:
        SettingsError: the folder cannot be written.
    """
    contents = audits.files(report)
    try:
        (out / audits.FIGURES).mkdir(parents=True, exist_ok=True)
        former = set((out / audits.FIGURES).glob("spreads.*"))
        for name, content in contents.items():
            with beside(out / name) as part:
                part.write_bytes(content)
        for path in former - {out / name for name in contents}:
            path.unlink(missing_ok=True)  # of an older audit that found more
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


def _refuse_to_overwrite(out: Path | None) -> None:
    """See to it that nothing but an older audit is written over, before all is heard.

    Raises:
        SettingsError: something else lies there.
    """
    if out is None or not out.exists():
        return
    there = sorted(path.name for path in out.iterdir()) if out.is_dir() else [out.name]
    if there and audits.JSON not in there:
        raise SettingsError(
            f"{out}: holds other things ({', '.join(there[:3])}). Name a folder that is not there, "
            "or is empty."
        )
