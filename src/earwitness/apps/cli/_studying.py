"""What ``study`` is asked → a study that is run, its report, and lines for the terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import click

from earwitness.reporting import visible
from earwitness.reporting.studies.as_table import table
from earwitness.reporting.studies.as_terminal import lines
from earwitness.reporting.studies.folder import write
from earwitness.study.gathering import gathered
from earwitness.study.running import run as run_study
from earwitness.study.wishes import Wishes

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Found:
    """What a study found, for programs and for people."""

    table: dict[str, Any]
    lines: tuple[str, ...]


def run(wishes: Wishes, *, is_quiet: bool) -> Found:
    """Do the study and write its report."""
    for name in _THREADS:  # processes beside each other, each with a thread of its own
        os.environ.setdefault(name, "1")

    def tell(text: str) -> None:
        if not is_quiet:
            click.echo(f"earwitness: {visible(text)}", err=True)

    figures = gathered(run_study(wishes, tell))
    page = write(figures, wishes.out)
    tell(f"The report: {page}")
    return Found(table(figures), tuple(lines(figures)))
