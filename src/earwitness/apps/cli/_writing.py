"""Where results go: standard output, line by line, or a file that appears when it is complete.

Standard error is kept for words of our own.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from earwitness.errors import SettingsError

_STDERR = 2


def refuse_to_overwrite(sources: Iterable[str], *targets: Path | None) -> None:
    """Refuse to write over what is to be listened to, or two things into one file.

    Raises:
        click.UsageError: a target is one of the recordings, or stands twice.
    """
    wanted = [target.resolve() for target in targets if target is not None and str(target) != "-"]
    if len(set(wanted)) < len(wanted):
        raise click.UsageError("--out and --plot name the same file. Give them two.")
    heard = {Path(source).resolve() for source in sources}
    for target in wanted:
        if target in heard and target.is_file():
            raise click.UsageError(f"{target.name} is a recording: it would be written over.")


@contextmanager
def results(out: Path | None) -> Iterator[TextIO]:
    """Open the place for results.

    Args:
        out: the file; None or ``-`` for standard output. An old file stays as it is until the new
            one is complete.

    Raises:
        SettingsError: the file cannot be written.
    """
    if out is None or str(out) == "-":
        _never_fail_at_a_name(sys.stdout)
        yield sys.stdout
        return
    try:
        with _beside(out) if _is_replaceable(out) else _into(out) as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


@contextmanager
def only_our_words() -> Iterator[None]:
    """Keep what C libraries write to standard error by themselves (libmpg123 does) away from it."""
    if not _is_standard_error(sys.stderr):
        yield
        return
    before, kept = sys.stderr, os.dup(_STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    before.flush()
    os.dup2(nowhere, _STDERR)
    try:
        with open(kept, "w", encoding=before.encoding, errors=before.errors, closefd=False) as ours:
            ours.reconfigure(line_buffering=True)
            sys.stderr = ours
            yield
    finally:
        sys.stderr = before
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Name a file beside ``out`` to write to, which takes its place when all went well."""
    place = out.resolve()
    # The name is known before the file is there, so that no interruption can leave it behind.
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        if place.exists():
            part.chmod(stat.S_IMODE(place.stat().st_mode))
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _beside(out: Path) -> Iterator[TextIO]:
    with (
        beside(out) as part,
        part.open("x", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        yield file


@contextmanager
def _into(out: Path) -> Iterator[TextIO]:
    """Write to what is no plain file (/dev/null, a named pipe), where nothing can be renamed."""
    with out.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        yield file


def _is_standard_error(stream: TextIO) -> bool:
    try:
        return stream.fileno() == _STDERR
    except (OSError, ValueError, AttributeError):
        return False


def _is_replaceable(out: Path) -> bool:
    return not out.exists() or stat.S_ISREG(out.stat().st_mode)


def _never_fail_at_a_name(stream: TextIO) -> None:
    """Write still where a file name is no text, or where a terminal does not know a sign."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        is_utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
        reconfigure(errors="surrogateescape" if is_utf8 else "replace")
