"""Reference segments from an RTTM file: where in which recording the spoof is.

A line reads ``SPEAKER name channel start duration <NA> <NA> label <NA> <NA>``, in seconds; the last
field may be missing. The label says bona fide or spoof in any usual spelling. Time that no line
speaks of is bona fide. Lines that begin with ``;;`` or ``#``, empty ones and ``SPKR-INFO`` say
nothing here.

RTTM has no place for blanks, folders or a file's ending as they stand in a data set, so a name is
looked for as the trial's id, the id without its ending, the file's name, and that without its
ending; blanks count as underscores. The first of these forms that fits decides, and it has to fit
one trial only.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from earwitness.errors import ProtocolError
from earwitness.metrics.localisation import Region, joined
from earwitness.protocols._labels import label_named
from earwitness.records import Label, Trial

_SILENT = ("SPKR-INFO",)
_FIELDS = (9, 10)


@dataclass(frozen=True)
class Turn:
    """One line of the file.

    Attributes:
        name: of the recording, as it stands there.
        channel: as it stands there.
        region: from when to when.
        label: what it is.
        line: its number, from 1.
    """

    name: str
    channel: str
    region: Region
    label: Label
    line: int


@dataclass(frozen=True)
class Reference:
    """What a file says of all recordings.

    Attributes:
        path: of the file.
        turns: for each name, in the order of the file.
    """

    path: Path
    turns: Mapping[str, tuple[Turn, ...]]


@dataclass(frozen=True)
class Marked:
    """A reference beside the trials of one partition.

    Attributes:
        spoof: trial id → its spoofed regions, in order; empty for bona fide recordings.
        others: names in the reference that are no trial here.
    """

    spoof: Mapping[str, tuple[Region, ...]]
    others: tuple[str, ...] = ()


def read_rttm(path: Path) -> Reference:
    """Read reference segments.

    Raises:
        ProtocolError: the file cannot be read, holds no segment, or a line is not what it should
            be; file and line are named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise ProtocolError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except UnicodeDecodeError as exc:
        raise ProtocolError(f"{path}: is not UTF-8 (byte {exc.start}).") from exc
    turns: dict[str, list[Turn]] = defaultdict(list)
    for turn in _turns(text, path):
        first = turns[turn.name][0] if turns[turn.name] else turn
        if turn.channel != first.channel:
            raise ProtocolError(
                f"{path}, line {turn.line}: '{turn.name}' has channel {turn.channel} here and "
                f"{first.channel} on line {first.line}. One channel of a recording is evaluated."
            )
        turns[turn.name].append(turn)
    if not turns:
        raise ProtocolError(f"{path}: there is no SPEAKER line in it.")
    return Reference(path, {name: tuple(found) for name, found in turns.items()})


def mark(reference: Reference, trials: Sequence[Trial]) -> Marked:
    """Give every trial its spoofed regions.

    Raises:
        ProtocolError: no name fits a trial, a name fits several, two names fit one, or key and
            segments contradict each other: spoof in what the key calls bona fide, or none in what
            it calls a spoof.
    """
    names: dict[str, str] = {}
    others: list[str] = []
    forms = _forms(trials)
    for name, turns in reference.turns.items():
        trial_id = _trial_of(name, forms, where=f"{reference.path}, line {turns[0].line}")
        if trial_id is None:
            others.append(name)
        elif trial_id in names:
            raise ProtocolError(
                f"{reference.path}, line {turns[0].line}: '{name}' and '{names[trial_id]}' both "
                f"name the trial '{trial_id}'."
            )
        else:
            names[trial_id] = name
    if not names:
        raise ProtocolError(
            f"{reference.path}: none of its {len(others)} recordings is among the "
            f"{len(trials)} trials (its first is '{others[0]}', theirs is '{trials[0].id}')."
            if trials
            else f"{reference.path}: there are no trials to find its segments in."
        )
    spoof = {t.id: _agreed(t, reference, names.get(t.id)) for t in trials}
    return Marked(spoof, tuple(others))


def _turns(text: str, path: Path) -> Iterator[Turn]:
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0].startswith((";;", "#")) or fields[0] in _SILENT:
            continue
        yield _turn(fields, number, where=f"{path}, line {number}")


def _turn(fields: Sequence[str], number: int, *, where: str) -> Turn:
    if fields[0] != "SPEAKER":
        raise ProtocolError(f"{where}: begins with '{fields[0]}', where SPEAKER is expected.")
    if len(fields) not in _FIELDS:
        raise ProtocolError(
            f"{where}: {len(fields)} fields, where RTTM has 10 (a name must not hold blanks)."
        )
    start_s, duration_s = (_seconds(field, where=where) for field in fields[3:5])
    if duration_s <= 0:
        raise ProtocolError(f"{where}: lasts {fields[4]} s; a segment has to last some time.")
    label = label_named(fields[7])
    if label is None:
        raise ProtocolError(
            f"{where}: label '{fields[7]}' is neither bona fide nor spoof. Write bonafide or spoof."
        )
    return Turn(fields[1], fields[2], Region(start_s, start_s + duration_s), label, number)


def _seconds(field: str, *, where: str) -> float:
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ProtocolError(f"{where}: '{field}' is no time in seconds.")
    return value


def _forms(trials: Iterable[Trial]) -> list[dict[str, list[str]]]:
    """Map every form that a name may have to the ids it may mean, best form first."""
    forms: list[dict[str, list[str]]] = [defaultdict(list) for _ in range(4)]
    for trial in trials:
        whole = PurePosixPath(trial.id)
        spelled = (trial.id, str(whole.with_suffix("")), whole.name, whole.stem)
        for form, name in zip(forms, spelled, strict=True):
            form[_one_word(name)].append(trial.id)
    return forms


def _trial_of(name: str, forms: Sequence[Mapping[str, list[str]]], *, where: str) -> str | None:
    for form in forms:
        fitting = form.get(_one_word(name), [])
        if len(fitting) > 1:
            raise ProtocolError(
                f"{where}: '{name}' may be '{fitting[0]}' or '{fitting[1]}'. Write the whole path."
            )
        if fitting:
            return fitting[0]
    return None


def _one_word(name: str) -> str:
    return re.sub(r"\s", "_", name)


def _agreed(trial: Trial, reference: Reference, name: str | None) -> tuple[Region, ...]:
    """Give a trial's spoofed regions, once they are in agreement with its key."""
    turns = reference.turns[name] if name is not None else ()
    spoofed = [turn for turn in turns if turn.label is Label.SPOOF]
    if spoofed and trial.label is Label.BONA_FIDE:
        raise ProtocolError(
            f"{reference.path}, line {spoofed[0].line}: there is spoof in '{trial.id}', whose key "
            f"says bonafide."
        )
    if not spoofed and trial.label is Label.SPOOF:
        raise ProtocolError(
            f"{reference.path}: there is no spoof in '{trial.id}', whose key says spoof. Where all "
            f"of it is spoofed, write a line from 0 to its end."
        )
    return joined(turn.region for turn in spoofed)
