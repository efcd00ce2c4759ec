"""An evaluation → ``metrics.json``, by ``schemas/metrics-1.json``, and back.

All figures of a run with what they rest on, but no trial: those stand in ``scores.tsv``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import earwitness
from earwitness.errors import ProtocolError
from earwitness.evaluation.records import (
    Breakdown,
    Direction,
    Evaluation,
    Group,
    Guard,
    Measure,
    Remark,
    Setup,
)
from earwitness.reporting.evaluations._counts import Counts, counted

SCHEMA_VERSION = 1
NAME = "metrics.json"
_RATES_OF_GROUP = ("eer", "miss_rate", "false_alarm_rate")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Recorded:
    """A run as its ``metrics.json`` tells it: all but the trials.

    Attributes:
        setup: what every figure is to be read with.
        counts: of the trials.
        measures: the figures.
        guard: what the sign and label guard found.
        breakdowns: figures by column.
        remarks: what to know beside the figures.
        files: of the run, relative to its folder.
    """

    setup: Setup
    counts: Counts
    measures: tuple[Measure, ...]
    guard: Guard
    breakdowns: tuple[Breakdown, ...] = ()
    remarks: tuple[Remark, ...] = ()
    files: tuple[str, ...] = ()

    def measure(self, name: str) -> Measure:
        """Find a figure by name.

        Raises:
            KeyError: there is no such figure.
        """
        return {one.name: one for one in self.measures}[name]


def recorded(evaluation: Evaluation, written: Iterable[str] = ()) -> Recorded:
    """Leave out the trials of an evaluation.

    Args:
        evaluation: all of it.
        written: the files of its run, relative to the folder.
    """
    return Recorded(
        evaluation.setup, counted(evaluation), evaluation.measures, evaluation.guard,
        evaluation.breakdowns, evaluation.remarks, tuple(written),
    )  # fmt: skip


def table(run: Recorded) -> dict[str, Any]:
    """Lay out a run as the schema wants it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "setup": _plain(asdict(run.setup)),
        "counts": asdict(run.counts),
        "measures": {one.name: _measure(one) for one in run.measures},
        "guard": _plain(asdict(run.guard) | {"direction": run.guard.direction.value}),
        "breakdowns": [_breakdown(one) for one in run.breakdowns],
        "remarks": [{"code": one.code, "facts": _plain(one.facts)} for one in run.remarks],
        "files": list(run.files),
        "version": earwitness.__version__,
    }


def text(run: Recorded) -> str:
    """Write ``metrics.json``: pure ASCII, for people to look into."""
    return json.dumps(table(run), indent=1, allow_nan=False) + "\n"


def read(path: Path) -> Recorded:
    """Read a run's ``metrics.json``.

    Args:
        path: of the file, or of the run's folder.

    Raises:
        ProtocolError: there is no such file, or it is not what ``evaluate`` writes.
    """
    file = path / NAME if path.is_dir() else path
    try:
        told = json.loads(file.read_text("utf-8"))
        version = told["schema_version"]
    except OSError as error:
        raise ProtocolError(f"{file}: cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError) as error:
        raise _stranger(file) from error
    if version != SCHEMA_VERSION:
        raise ProtocolError(
            f"{file}: schema version {version}, but this Earwitness reads {SCHEMA_VERSION}. "
            "Evaluate again with one version."
        )
    try:
        return _recorded(told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _stranger(file) from error


def schema() -> dict[str, Any]:
    """Read the schema that is shipped with the package."""
    place = files("earwitness.reporting").joinpath("schemas", f"metrics-{SCHEMA_VERSION}.json")
    found: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return found


def _stranger(file: Path) -> ProtocolError:
    return ProtocolError(f"{file}: this is not what 'earwitness evaluate --out' writes.")


def _measure(one: Measure) -> dict[str, Any]:
    told = _plain(asdict(one))
    del told["name"]
    return told


def _breakdown(one: Breakdown) -> dict[str, Any]:
    return {
        "column": one.column,
        "threshold": _finite(one.threshold),
        "threshold_is": one.threshold_is,
        "groups": [
            {"value": group.value, "n_bona_fide": group.n_bona_fide, "n_spoof": group.n_spoof}
            | {name: _measure(getattr(group, name)) for name in _RATES_OF_GROUP}
            for group in one.groups
        ],
    }


def _recorded(told: Mapping[str, Any]) -> Recorded:
    guard = {
        name: math.nan if value is None else value for name, value in told["guard"].items()
    } | {"direction": Direction(told["guard"]["direction"])}
    return Recorded(
        _made(Setup, told["setup"]),
        _made(Counts, told["counts"]),
        tuple(_read_measure(name, value) for name, value in told["measures"].items()),
        _made(Guard, guard),
        tuple(_read_breakdown(one) for one in told["breakdowns"]),
        tuple(Remark(one["code"], one["facts"]) for one in told["remarks"]),
        tuple(told["files"]),
    )


def _made(kind: Callable[..., Made], told: Mapping[str, Any]) -> Made:
    """Make a record; keys of a later version are passed over."""
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: value for name, value in told.items() if name in known})


def _read_measure(name: str, told: Mapping[str, Any]) -> Measure:
    return _made(Measure, {**told, "name": name})


def _read_breakdown(told: Mapping[str, Any]) -> Breakdown:
    threshold = math.nan if told["threshold"] is None else told["threshold"]
    groups = [
        _made(Group, one | {name: _read_measure(name, one[name]) for name in _RATES_OF_GROUP})
        for one in told["groups"]
    ]
    return Breakdown(told["column"], tuple(groups), threshold, told["threshold_is"])


def _finite(value: float | None) -> float | None:
    """Give a plain number; JSON knows no NaN and no infinity, so these become null."""
    return float(value) if value is not None and math.isfinite(value) else None


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _finite(v) if isinstance(v, float) else v for k, v in record.items()}
