"""What stands on the command line → requests: which recordings, which part of each."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import click

from earwitness.apps.cli._answering import Names
from earwitness.audio.suffixes import audio_files
from earwitness.records import Failure
from earwitness.reporting import Finding, Part, columns
from earwitness.reporting.as_details import heading
from earwitness.reporting.as_table import HEAD

Channel: TypeAlias = Literal["mix", "each"] | int

STDIN = "-"
_RANGE = re.compile(r"(?P<start>[\d:.]*)(?:,(?P<end>[\d:.]+))?")
_TIME = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d*)?)")


class Request:
    """One recording to be listened to.

    Args:
        part: what was asked; its channel is replaced where ``each`` was asked for.
        channel: "mix", "each" or a number.
    """

    def __init__(self, part: Part, channel: Channel) -> None:
        self.part = part
        self.channel = channel
        self.source = part.source or STDIN

    @property
    def time_range(self) -> tuple[float, float] | None:
        """Give the range as the detector takes it."""
        end_s = self.part.end_s
        return (
            (self.part.start_s, _NO_END if end_s is None else end_s)
            if self.part.has_range
            else None
        )


_NO_END = 1e9  # seconds: three decades


def requests(paths: tuple[str, ...], channel: Channel) -> list[Request | Finding]:
    """Expand files, folders, ``-`` and ranges, in the order in which they were given.

    Raises:
        click.UsageError: a range that cannot be read, or ``-`` twice.
    """
    if paths.count(STDIN) > 1:
        raise click.UsageError("standard input (-) can be listened to once only.")
    found: list[Request | Finding] = []
    for path in paths:
        name, start_s, end_s = _with_range(path)
        if name == STDIN and sys.stdin.isatty():
            raise click.UsageError("nothing is piped in; write: earwitness detect - < FILE")
        for item in _files(name) if Path(name).is_dir() else [name]:
            if isinstance(item, Failure):
                found.append(Finding(item))
            else:
                found.append(Request(Part(item, "mix", start_s, end_s), channel))
    return found


def _files(folder: str) -> Iterator[str | Failure]:
    """Search a folder to the bottom, in order; what is hidden stays hidden."""
    count = 0
    closed: list[OSError] = []
    for path in audio_files(folder, onerror=closed.append):
        count += 1
        yield path
    for error in closed:
        message = f"{error.filename}: cannot be searched ({error.strerror})."
        yield Failure(str(error.filename), "audio.unreadable", message)
    if not count and not closed:
        yield Failure(folder, "audio.empty", f"{folder}: {_NO_AUDIO}")


_NO_AUDIO = (
    "no file in this folder has the name of an audio or video format (.wav, .mp3, .m4a, …). "
    "Give a file itself to have it listened to whatever it is called."
)


def _with_range(path: str) -> tuple[str, float, float | None]:
    name, mark, wanted = path.rpartition("#t=")
    if not mark or os.path.lexists(path):
        return path, 0.0, None
    form = _RANGE.fullmatch(wanted)
    start, end = (form["start"], form["end"]) if form else ("", None)
    start_s, end_s = _seconds(start or "0"), _seconds(end) if end else None
    if not (start or end) or start_s is None or (end and end_s is None):
        raise click.UsageError(
            f"{path}: '{wanted}' is no range. Write FILE#t=10,20 or #t=1:10,1:20."
        )
    if end_s is not None and end_s <= start_s:
        raise click.UsageError(f"{path}: the range ends before it starts. Write FILE#t=FROM,TO.")
    return name, start_s, end_s


def _seconds(text: str) -> float | None:
    """Read seconds, m:ss or h:mm:ss."""
    form = _TIME.fullmatch(text)
    if form is None:
        return None
    hours, minutes, seconds = form.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def names(paths: tuple[str, ...], asked: Sequence[Request | Finding]) -> Names:
    """Look at the names beforehand, so that a table can be laid out for them."""
    folder = os.path.join(paths[0], "") if len(paths) == 1 and Path(paths[0]).is_dir() else ""
    longest = max(columns(_name(one).removeprefix(folder)) for one in asked)
    return Names(max(longest, len(HEAD[0])), folder)


def _name(one: Request | Finding) -> str:
    if isinstance(one, Finding):
        return heading(one)
    part = one.part if one.channel == "mix" else replace(one.part, channel=0)
    return heading(Finding(Failure("", "", ""), part))
