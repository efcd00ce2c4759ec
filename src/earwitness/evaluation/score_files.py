"""Score files: a trial's id and one number, higher for bona fide; and the keys to join them with.

Read are the field's forms: a header with ``filename`` and ``cm-score`` (ASVspoof 5) and any further
columns, between tabs, commas or blanks; ``id score`` and ``id attack key score`` without a header.
Written is the first, which the ASVspoof 5 evaluation package takes as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from earwitness.errors import ProtocolError
from earwitness.evaluation._score_forms import ScoreRow, numbered_rows
from earwitness.evaluation.records import Scored, Unread
from earwitness.protocols import PROTOCOLS, recognise
from earwitness.records import Answer, Reason, Trial

COLUMNS = (
    *("filename", "cm-score", "label", "answer", "raw-score"),
    *("duration-s", "speech-s", "reasons", "error"),
)
"""What we write. Never a column called cm-label: the ASVspoof 5 package brings its own."""

META = "meta:"
"""How columns of the data set are called, which stand behind ours: by them trials are compared."""

Result: TypeAlias = Scored | Unread

_OURS = tuple(column.replace("-", "_") for column in COLUMNS)
_FEW = 3


def read_scores(path: Path) -> dict[str, float]:
    """Read the scores of a file by trial; a trial that is listed without a score is left out.

    Raises:
        ProtocolError: the file cannot be read, has no known form, a line is malformed, a score is
            not a finite number, or a trial is there twice.
    """
    return {row.id: row.score for row in read_rows(path) if row.score is not None}


def read_rows(path: Path) -> list[ScoreRow]:
    """Read all that a score file tells; the same faults are refused as by ``read_scores``."""
    line_of: dict[str, int] = {}
    rows = []
    for number, row in numbered_rows(path):
        first = line_of.setdefault(row.id, number)
        if first != number:
            raise ProtocolError(
                f"{path}, line {number}: '{row.id}' was scored on line {first} already. Were two "
                "runs written into one file?"
            )
        rows.append(row)
    if not rows:
        raise ProtocolError(f"{path}: holds no score.")
    return rows


def read_key(path: Path, protocol: str | None = None) -> list[Trial]:
    """Read the trials and labels that scores are joined with; no audio need be there.

    Args:
        path: a key (``filename`` and ``cm-label``), a list of trials of a known corpus, or a CSV or
            TSV with columns for path and label; or the folder of a corpus.
        protocol: how to read it; None finds out.

    Raises:
        ProtocolError: it is none of these, or malformed.
    """
    read = PROTOCOLS.get(protocol or recognise(path))()
    return list(read.trials(path, "all") if read.key is None else read.key(path))


def join(path: Path, trials: Sequence[Trial], *, partial: bool = False) -> tuple[Result, ...]:
    """Give each trial what a score file says of it, in the order of the trials.

    Scores that no answer stands beside are taken as raw. Of a file that we wrote, answers, LLRs and
    errors come back.

    Args:
        path: the score file.
        trials: what it should have scored.
        partial: leave out what only one of the two has.

    Raises:
        ProtocolError: the file is malformed, has other trials than the key, or labels one
            otherwise.
    """
    rows = {row.id: row for row in read_rows(path)}
    missing = [trial.id for trial in trials if trial.id not in rows]
    wanted = {trial.id for trial in trials}
    strange = [name for name in rows if name not in wanted]
    if len(missing) == len(trials) or ((missing or strange) and not partial):
        raise ProtocolError(
            f"{path}: scores {len(rows):,} trials, where the key has {len(trials):,}."
            + _listed(missing, "have no score")
            + _listed(strange, "are not in the key")
        )
    return tuple(_result(rows[trial.id], trial, path) for trial in trials if trial.id in rows)


def score_rows(results: Iterable[Result], *, columns: Sequence[str] = ()) -> Iterator[str]:
    """Write results as the lines of a ``scores.tsv``: a header, then one line a trial.

    Args:
        results: in the order in which they are to stand.
        columns: of the data set, to be written, too: what belongs together, what was broken down.
    """
    yield _line((*COLUMNS, *(f"{META}{column}" for column in columns)))
    for result in results:
        meta = result.trial.meta
        yield _line((*_cells(result), *(meta.get(column, "") for column in columns)))


def _cells(result: Result) -> tuple[str, ...]:
    name, label = result.trial.id, result.trial.label.value
    if isinstance(result, Unread):
        return (name, "", label, "", "", "", "", "", f"{result.code}: {result.message}")
    return (
        name,
        _number(result.score),
        label,
        "" if result.answer is None else result.answer.value,
        _number(result.raw_score),
        _number(result.duration_s),
        _number(result.speech_s),
        " ".join(reason.value for reason in result.reasons),
        "",
    )


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    # What may end a line is quoted where it stands in a cell; so both of them are named here.
    csv.writer(text, delimiter="\t", lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _listed(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    rest = ", …" if len(names) > _FEW else ""
    return f" {len(names):,} {what}: {', '.join(islice(names, _FEW))}{rest}."


def _result(row: ScoreRow, trial: Trial, path: Path) -> Result:
    if row.label not in (None, trial.label):
        raise ProtocolError(
            f"{path}: '{trial.id}' is {row.label} here, and {trial.label} in the key. One of them "
            "belongs to other trials, or names the labels the other way round."
        )
    if tuple(row.more)[: len(_OURS)] != _OURS:
        return Scored(trial, row.score, None)
    try:
        return _as_written(row, trial)
    except ValueError as exc:
        raise ProtocolError(
            f"{path}: the line of '{row.id}' is not as Earwitness wrote it ({exc})."
        ) from exc


def _as_written(row: ScoreRow, trial: Trial) -> Result:
    """Bring back what ``score_rows`` wrote."""
    more = row.more
    if more["error"]:
        code, _, message = more["error"].partition(": ")
        return Unread(trial, code, message)
    answer = Answer(more["answer"]) if more["answer"] else None
    # LLRs that came from a file have no answer, and no raw score either.
    is_raw = answer in (None, Answer.UNCALIBRATED) and more["raw_score"] != ""
    return Scored(
        trial,
        _float(more["raw_score"]),
        None if is_raw else row.score,
        answer,
        tuple(Reason(word) for word in more["reasons"].split()),
        _float(more["duration_s"]),
        _float(more["speech_s"]),
    )


def _float(text: str) -> float | None:
    return float(text) if text else None
