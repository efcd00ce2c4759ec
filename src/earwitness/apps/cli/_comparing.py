"""What ``evaluate --out`` left in a folder → a run to compare; and the folder of a comparison."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from earwitness.apps.cli._writing import beside
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.comparing import Comparison, Run
from earwitness.evaluation.records import Scored, Setup
from earwitness.evaluation.score_files import META, read_rows
from earwitness.metrics.eer import eer
from earwitness.records import Answer, Label, Trial
from earwitness.reporting.evaluations import as_metrics, comparisons

if TYPE_CHECKING:
    from earwitness.evaluation._score_forms import ScoreRow

SCORES = "scores.tsv"
_ROUNDING = 1e-9
_A_FIGURE = re.compile(rf"{comparisons.FIGURES}/[\w-]+\.(png|svg)")


def runs(folders: Sequence[Path]) -> list[Run]:
    """Read runs, and give each a short name of its own.

    Raises:
        ProtocolError: a folder is not what ``evaluate --out`` leaves.
    """
    told = [as_metrics.read(folder) for folder in folders]
    names = _names(folders, [one.setup.model for one in told])
    return [_run(folder, name, one) for folder, name, one in zip(folders, names, told, strict=True)]


def _names(folders: Sequence[Path], models: Sequence[str]) -> list[str]:
    """Call runs by their detector; where one was run twice, by their folders, too."""
    times = Counter(models)
    names = [
        model if times[model] == 1 else f"{model} ({folder.resolve().name})"
        for folder, model in zip(folders, models, strict=True)
    ]
    if len(set(names)) == len(names):
        return names
    return [f"{model} ({folder})" for folder, model in zip(folders, models, strict=True)]


def _run(folder: Path, name: str, told: as_metrics.Recorded) -> Run:
    rows = read_rows(folder / SCORES)
    labels = {row.id: _label(row, folder) for row in rows}
    columns = _columns_of(rows, told)
    scored = tuple(
        _scored(row, labels[row.id], told.setup, columns) for row in rows if not _is_unread(row)
    )
    _refuse_if_changed(folder, scored, told)
    return Run(
        name=name,
        folder=str(folder),
        setup=told.setup,
        labels=labels,
        scored=scored,
        columns=tuple(one.column for one in told.breakdowns),
        remarks=told.remarks,
        accepts_inverted=told.guard.is_accepted,
    )


def _label(row: ScoreRow, folder: Path) -> Label:
    if row.label is None:
        raise ProtocolError(
            f"{folder / SCORES}: has no label for '{row.id}'. It is not what 'earwitness evaluate "
            "--out' writes; evaluate the scores with --key and --out, then compare."
        )
    return row.label


def _columns_of(rows: Sequence[ScoreRow], told: as_metrics.Recorded) -> dict[str, str]:
    """Find where the columns stand that the run was broken down and clustered by."""
    wanted = [told.setup.clustered_by, *(one.column for one in told.breakdowns)]
    there = set(rows[0].more)
    spelled = {name: META + re.sub(r"[-\s]+", "_", name).casefold() for name in wanted if name}
    return {name: column for name, column in spelled.items() if column in there}


def _is_unread(row: ScoreRow) -> bool:
    return bool(row.more.get("error"))


def _scored(row: ScoreRow, label: Label, setup: Setup, columns: dict[str, str]) -> Scored:
    meta = {name: row.more[column] for name, column in columns.items()}
    trial = Trial(row.id, Path(row.id), label, setup.partition, meta)
    answer, duration = row.more.get("answer"), row.more.get("duration_s")
    return Scored(
        trial,
        raw_score=None if setup.is_calibrated else row.score,
        llr=row.score if setup.is_calibrated else None,
        answer=Answer(answer) if answer else None,
        duration_s=float(duration) if duration else None,
    )


def _refuse_if_changed(folder: Path, scored: Sequence[Scored], told: as_metrics.Recorded) -> None:
    """See to it that both files of a run are of the same run."""
    heard = [one for one in scored if one.score is not None]
    scores = np.array([one.score for one in heard], np.float64)
    key = np.array([one.is_bona_fide for one in heard], np.bool_)
    # An EER does not see a score that stays on its side of the threshold; the mean does.
    found = {
        "eer": eer(scores, key),
        "mean_score_bona_fide": float(scores[key].mean()),
        "mean_score_spoof": float(scores[~key].mean()),
    }
    stated = {one.name: one.value for one in told.measures}
    for name, value in found.items():
        said = stated.get(name)
        if said is None or not math.isclose(value, said, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
            raise ProtocolError(
                f"{folder}: {SCORES} gives {name} = {value:.6f}, {as_metrics.NAME} says {said}. "
                "One of the two was changed. Evaluate again."
            )


def refuse_to_overwrite(out: Path) -> None:
    """See to it that nothing but an older comparison is written over.

    Raises:
        SettingsError: something else lies there.
    """
    if not out.exists():
        return
    there = sorted(path.name for path in out.iterdir()) if out.is_dir() else [out.name]
    if there and comparisons.JSON not in there:
        raise SettingsError(
            f"{out}: holds other things ({', '.join(there[:3])}). Name a folder that is not there, "
            "or is empty."
        )


def write(found: Comparison, out: Path) -> None:
    """Write the report of a comparison; each file appears when it is complete.

    Raises:
        SettingsError: the folder cannot be written.
    """
    contents = comparisons.files(found)
    former = set(_figures_before(out))
    try:
        (out / comparisons.FIGURES).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            with beside(out / name) as part:
                part.write_bytes(content)
        for name in former - set(contents):
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


def _figures_before(out: Path) -> list[str]:
    """List the figures that an older comparison says it left; anybody can change that list."""
    try:
        told = list(json.loads((out / comparisons.JSON).read_text("utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in told if isinstance(name, str) and _A_FIGURE.fullmatch(name)]
