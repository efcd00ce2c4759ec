"""The one map from what happened to exit codes, and the one place where errors become a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from earwitness import errors

DONE, ODD, USAGE, UNREADABLE = 0, 1, 2, 3
INVERTED = 6  # labels or scores, as an evaluation found them
FOUND = 10  # what --fail-on looks for
INTERRUPTED, PIPE_CLOSED = 130, 141

FAMILIES = (
    (errors.AudioError, UNREADABLE),
    (errors.ModelError, 4),
    (errors.SettingsError, 5),
    (errors.UnknownName, 5),
    (errors.ProtocolError, 6),
    (errors.MissingExtra, 7),
)


def exit_code(error: errors.EarwitnessError) -> int:
    """Give the exit code of an error's family."""
    return next((code for family, code in FAMILIES if isinstance(error, family)), ODD)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn what ends a command early into a line on standard error and an exit code."""
    try:
        yield
    except errors.EarwitnessError as error:
        from earwitness.reporting import visible

        click.echo(f"earwitness: {visible(str(error))}", err=True)
        raise click.exceptions.Exit(exit_code(error)) from error
    except KeyboardInterrupt as stop:
        click.echo("\nearwitness: stopped.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from stop
    except BrokenPipeError as gone:
        _forget_output()
        raise click.exceptions.Exit(PIPE_CLOSED) from gone


def _forget_output() -> None:
    """Let what is still buffered go nowhere: whoever read it (``| head``) has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
