"""The folder that ``evaluate --out`` leaves: may it be written into, and what is put there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.errors import SettingsError
from earwitness.evaluation import journal

if TYPE_CHECKING:
    from earwitness.evaluation.records import Evaluation
    from earwitness.records import Trial

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
    if there:
        from earwitness.reporting.evaluations import run_folder

        run_folder.check(out)
    if restart and not has_journal:  # else an older one would go on, and write over this report
        (out / journal.NAME).unlink(missing_ok=True)


def write(
    evaluation: Evaluation, out: Path, asked: Sequence[Trial], *, embed_audio: bool = True
) -> Path:
    """Write the report, each file of it as a whole; gives the page.

    Args:
        evaluation: all of it.
        out: the folder.
        asked: all trials, in their order.
        embed_audio: put the sound of the worst-scored recordings into the page.

    Raises:
        SettingsError: the folder cannot be written.
    """
    from earwitness.evaluation.curves import trace
    from earwitness.reporting.evaluations import run_folder

    curves = trace(evaluation)
    run_folder.write(evaluation, curves, out, embed_audio=embed_audio, asked=asked)
    return out / run_folder.PAGE
