"""``--plot``: a picture of one recording beside its results, which stay as they are."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from earwitness.apps.cli import _writing
from earwitness.errors import SettingsError
from earwitness.records import Verdict
from earwitness.reporting import Finding, plots, visible


class Picture:
    """The picture that was asked for; what cannot be drawn is told before anybody listens.

    Args:
        file: is written when the recording has been heard.
        asked: the recordings.
        channel: which of its channels.

    Raises:
        click.UsageError: there is more than one recording, or more than one channel.
        SettingsError: the folder cannot be written to.
    """

    def __init__(self, file: Path, asked: Sequence[object], channel: str | int) -> None:
        if len(asked) > 1:
            raise click.UsageError("--plot draws one recording. Give one.")
        if channel == "each":
            raise click.UsageError("--plot draws one channel. Choose it: --channel mix, 0, 1 …")
        self._file = file
        self._finding: Finding | None = None
        try:
            tempfile.TemporaryFile(dir=file.resolve().parent).close()
        except OSError as error:
            raise _unwritable(file, error) from error

    def over(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Keep what is to be drawn as it passes by."""
        for finding in findings:
            self._finding = finding
            yield finding

    def draw(self, *, is_quiet: bool) -> None:
        """Draw, and say so on standard error.

        Args:
            is_quiet: say nothing.

        Raises:
            SettingsError: the file cannot be written.
        """
        said = "No picture was drawn: the recording could not be read."
        if self._finding is not None and isinstance(self._finding.found, Verdict):
            self._write(self._finding)
            said = f"Picture drawn: {visible(str(self._file))}"
        if not is_quiet:
            click.echo(said, err=True)

    def _write(self, finding: Finding) -> None:
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its caches
        try:
            with _writing.beside(self._file) as part:
                plots.draw(finding, part, form=self._file.suffix.lower().removeprefix("."))
        except OSError as error:
            raise _unwritable(self._file, error) from error


def _unwritable(file: Path, error: OSError) -> SettingsError:
    return SettingsError(f"{file}: cannot be written ({error.strerror}).")
