"""What was scored already, one JSON line a trial, so that a killed evaluation goes on.

The first line says what was asked (settings of the detector, list of trials). Every answer is
handed to the operating system at once, so that a killed process loses at most the line it was
writing, and to the disk every few seconds. A recording that changed since (size or time of its
last change) and one that could not be read are listened to again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, TypeAlias

from earwitness.errors import SettingsError
from earwitness.evaluation.records import Scored, Unread
from earwitness.records import Answer, Reason, Trial

FORM = 1
NAME = "journal.jsonl"
_TO_DISK_EVERY_S = 5.0

Outcome: TypeAlias = Scored | Unread
Line: TypeAlias = Mapping[str, Any]
_SAID = ("raw_score", "llr", "answer", "reasons", "duration_s", "speech_s")
_KEYS = {"id", "file", *_SAID}


@dataclass(frozen=True)
class Asked:
    """What an evaluation asks; answers to another question are worth nothing here.

    Attributes:
        model: name of the detector, for messages.
        settings: hash of all that can change an answer.
        trials: hash of the list of trials.
    """

    model: str
    settings: str
    trials: str


def hash_of_trials(trials: Iterable[Trial]) -> str:
    """Hash what is asked about, in its order: identity and label of each trial."""
    digest = hashlib.sha256()
    for trial in trials:
        digest.update(f"{trial.id}\t{trial.label}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


class Journal:
    """Answers on disk; get one from ``opened``."""

    def __init__(self, file: FileIO, lines: Mapping[str, Line]) -> None:
        self._file = file
        self._lines = lines
        self._on_disk_s = time.monotonic()

    def recall(self, trial: Trial) -> Scored | None:
        """Give what was said of a trial before; None if it has to be heard (again)."""
        line = self._lines.get(trial.id)
        if line is None or "error" in line or line["file"] != _state(trial.path):
            return None
        return _scored(trial, line)

    def keep(self, outcome: Outcome) -> None:
        """Write down what was said of a trial."""
        line = _line(outcome)
        try:
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if time.monotonic() - self._on_disk_s > _TO_DISK_EVERY_S:
                self.to_disk()
        except OSError as exc:
            raise SettingsError(f"{self._file.name}: cannot be written ({exc.strerror}).") from exc

    def to_disk(self) -> None:
        """Wait until nothing of it can be lost any more, if the power fails, either."""
        os.fsync(self._file.fileno())
        self._on_disk_s = time.monotonic()


@contextmanager
def opened(path: Path, asked: Asked, *, restart: bool = False) -> Iterator[Journal]:
    """Open a journal to go on with, or begin one.

    Args:
        path: its file.
        asked: what is asked now; must be what was asked when the journal was begun.
        restart: forget what stands in it, whatever it was asked.

    Raises:
        SettingsError: the journal is of another evaluation, cannot be read, or is in use.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b", buffering=0)  # what was written is on its way
    except OSError as exc:
        raise SettingsError(f"{path}: cannot be written ({exc.strerror}).") from exc
    with file:
        _claim(file, path)
        file.seek(0)
        text = b"" if restart else file.read()
        whole = text[: text.rfind(b"\n") + 1]
        lines = dict(_lines(whole, path, asked))
        file.truncate(len(whole))  # a torn last line was never an answer
        if not whole:
            file.write(_json({"journal": FORM, **asdict(asked)}))
        journal = Journal(file, lines)
        try:
            yield journal
        finally:
            journal.to_disk()


def _lines(text: bytes, path: Path, asked: Asked) -> Iterator[tuple[str, Line]]:
    for number, raw in enumerate(text.splitlines(), start=1):
        try:
            line = json.loads(raw)
        except ValueError:
            line = None
        if number == 1:
            _check(line, path, asked)
        elif isinstance(line, dict) and ("error" in line or line.keys() >= _KEYS):
            yield line["id"], line
        else:
            raise SettingsError(
                f"{path}, line {number}: is no line of a journal. Begin again with --restart."
            )


def _check(first: object, path: Path, asked: Asked) -> None:
    now = {"journal": FORM, **asdict(asked)}
    if not isinstance(first, dict) or first.keys() != now.keys():
        raise SettingsError(f"{path}: is no journal of an evaluation. Name another folder.")
    what = {"model": "detector", "settings": "settings", "trials": "list of trials"}
    for key, name in what.items():
        if first[key] != now[key]:
            raise SettingsError(
                f"{path}: belongs to an evaluation with another {name} ({first[key]}, and now "
                f"{now[key]}). Name another folder, or begin again with --restart."
            )


def _claim(file: FileIO, path: Path) -> None:
    """Keep other processes from writing into the same journal, where the system can."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise SettingsError(
            f"{path}: another evaluation is writing into this folder. Wait, or name another one."
        ) from exc


def _line(outcome: Outcome) -> bytes:
    trial = outcome.trial
    if isinstance(outcome, Unread):
        return _json({"id": trial.id, "error": outcome.code, "message": outcome.message})
    said = {name: getattr(outcome, name) for name in _SAID}
    return _json({"id": trial.id, "file": _state(trial.path), **said})


def _scored(trial: Trial, line: Line) -> Scored:
    said = {name: line[name] for name in _SAID}
    said["answer"] = said["answer"] and Answer(said["answer"])
    said["reasons"] = tuple(map(Reason, said["reasons"]))
    return Scored(trial, **said)


def _state(path: Path) -> list[int]:
    """Give what changes when a file is written anew."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def _json(table: Line) -> bytes:
    return json.dumps(table).encode() + b"\n"
