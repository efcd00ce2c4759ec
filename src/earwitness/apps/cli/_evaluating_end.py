"""Scored trials → figures on standard output, a report in a folder, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from earwitness.apps.cli import _evaluating_folder, _exits, _localising
from earwitness.apps.cli._evaluating_wishes import Wishes
from earwitness.errors import ProtocolError
from earwitness.evaluation.breaking_down import DURATION, MOST_GROUPS
from earwitness.evaluation.located import Localisation
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.questions import Questions
from earwitness.evaluation.records import Direction, Evaluation, Remark, Scored, Setup, Unread
from earwitness.evaluation.tandem import read_asv_scores
from earwitness.reporting import visible
from earwitness.reporting.evaluations import as_metrics, as_terminal
from earwitness.reporting.evaluations._remarks import said

_SHOWN_COLUMNS = 2


def plan_of(wishes: Wishes, asked: Questions) -> Plan:
    """Say how to measure; what cannot be, is refused before hours are spent.

    Raises:
        ProtocolError: no trial has a column that was asked for, or the ASV scores are malformed.
    """
    columns = {name for trial in asked.trials for name in trial.meta}
    for column in wishes.by:
        if column not in columns and column != DURATION:
            there = ", ".join(sorted(columns)) or "none"
            raise ProtocolError(f"--by {column}: there is no such column. There are: {there}.")
        values = len({trial.meta.get(column) for trial in asked.trials})
        if values > MOST_GROUPS:
            raise ProtocolError(
                f"--by {column}: it has {values:,} values. Up to {MOST_GROUPS:,} can be told apart."
            )
    groups = dict.fromkeys((*wishes.by, *asked.groups))
    return Plan(
        kin=asked.kin,
        groups=tuple(column for column in groups if column in columns),
        asv=None if wishes.asv_scores is None else read_asv_scores(wishes.asv_scores),
        accepts_inverted=wishes.accept_inverted,
    )


def conclude(
    wishes: Wishes,
    setup: Setup,
    scored: Sequence[Scored],
    unread: Sequence[Unread],
    plan: Plan,
    asked: Questions,
    located: Localisation | None = None,
) -> int:
    """Measure, tell and write; gives the exit code."""
    evaluation = evaluate(setup, scored, unread, plan)
    pages = [] if wishes.out is None else _write(wishes, wishes.out, evaluation, asked, located)
    _show(wishes, evaluation, located)
    for what, page in pages:
        tell(f"{what}: {page}", is_quiet=wishes.quiet)
    guard = evaluation.guard
    if guard.direction is Direction.INVERTED and not guard.is_accepted:
        tell_remark(next(one for one in evaluation.remarks if one.code == guard.direction.value))
        return _exits.INVERTED
    return _exits.UNREADABLE if unread else _exits.DONE


def _write(
    wishes: Wishes,
    out: Path,
    evaluation: Evaluation,
    asked: Questions,
    located: Localisation | None,
) -> list[tuple[str, Path]]:
    """Write the pages before anything is told: who reads that may stop reading (``| head``)."""
    embed_audio = not wishes.no_audio
    page = _evaluating_folder.write(evaluation, out, asked.trials, embed_audio=embed_audio)
    pages = [("The report", page)]
    if located is not None:
        pages.append(("Where the spoof is", _localising.write(located, out)))
    return pages


def tell(text: str, *, is_quiet: bool = False) -> None:
    """Say something on standard error."""
    if not is_quiet:
        click.echo(f"earwitness: {visible(text)}", err=True)


def tell_remark(remark: Remark, *, is_quiet: bool = False) -> None:
    """Say a remark on standard error; what makes figures useless is said even to the quiet."""
    told = said(remark)
    is_bad = told.kind == "bad"
    tell(f"{'!! ' if is_bad else ''}{told}", is_quiet=is_quiet and not is_bad)


def _show(wishes: Wishes, evaluation: Evaluation, located: Localisation | None) -> None:
    if wishes.as_json:
        table = as_metrics.table(as_metrics.recorded(evaluation)) | _localising.table(located)
        click.echo(json.dumps(table, allow_nan=False))
        return
    most = max(_SHOWN_COLUMNS, len(wishes.by))
    for line in (*as_terminal.lines(evaluation, most_columns=most), *_localising.lines(located)):
        click.echo(line)
