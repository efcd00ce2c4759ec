"""The folder that ``evaluate --out`` leaves: may it be written into, and what is put there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli._writing import beside
from earwitness.errors import SettingsError
from earwitness.evaluation import journal

if TYPE_CHECKING:
    from earwitness.evaluation.records import Evaluation

_REPORT = "metrics.json"


def prepare(out: Path | None, *, restart: bool, has_journal: bool) -> None:
    """See to it that nothing foreign is written over, before hours are spent.

    Args:
        out: the folder; None if nothing is to be written.
        restart: an evaluation that lies there may be replaced.
        has_journal: this evaluation keeps one, and so can go on with its own.

    Raises:
        SettingsError: something else lies there.
    """
    if out is None:
        if restart:
            raise click.UsageError("--restart belongs to --out: without it nothing is kept.")
        return
    try:
        there = {path.name for path in out.iterdir()} if out.exists() else set()
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error
    is_ours = journal.NAME in there or _REPORT in there
    if there and not is_ours:
        some = ", ".join(sorted(there)[:3])
        raise SettingsError(
            f"{out}: holds other things ({some}). Name a folder that is not there, or is empty."
        )
    goes_on = has_journal and journal.NAME in there
    if there and not goes_on and not restart:
        raise SettingsError(
            f"{out}: holds another evaluation. Name another folder, or replace it with --restart."
        )


def write(evaluation: Evaluation, out: Path) -> None:
    """Write the report; each file appears when it is complete.

    Raises:
        SettingsError: the folder cannot be written.
    """
    try:
        _write(evaluation, out)
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


def _write(evaluation: Evaluation, out: Path) -> None:
    from earwitness.reporting.evaluations import as_metrics

    with beside(out / as_metrics.NAME) as part:
        part.write_text(as_metrics.text(as_metrics.recorded(evaluation)), encoding="utf-8")
