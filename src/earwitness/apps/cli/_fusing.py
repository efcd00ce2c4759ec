"""Score files → fused scores and the record beside them; no trial is fused by weights that saw it.

Weights fitted on a trial flatter it. So development trials are written only if that is asked for,
and then each with weights that were fitted without it.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from earwitness.apps.cli._writing import beside
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.fusing import Fusion, apply, fuse
from earwitness.evaluation.score_files import read_key, read_scores
from earwitness.protocols import PROTOCOLS, recognise
from earwitness.reporting.evaluations import as_metrics, fusions
from earwitness.reporting.evaluations.fusions import Circumstances, Origin

SCORES = "scores.tsv"
BESIDE = ".fusion.json"


@dataclass(frozen=True)
class Wishes:
    """The command's arguments and options, as they were given; see its help."""

    scores: tuple[Path, ...]
    dev: Path
    protocol: str | None = None
    apply: tuple[Path, ...] = ()
    cross_fitted: bool = False
    common: bool = False
    out: Path | None = None

    def command(self) -> str:
        """Write the command line that repeats this."""
        words = ["earwitness", "fuse", *map(str, self.scores), "--dev", str(self.dev)]
        words += ["--protocol", self.protocol] if self.protocol else []
        words += [word for file in self.apply for word in ("--apply", str(file))]
        words += ["--cross-fitted"] if self.cross_fitted else []
        words += ["--common"] if self.common else []
        words += ["--out", str(self.out)] if self.out else []
        return shlex.join(words)


@dataclass(frozen=True)
class Fused:
    """A fusion, the LLRs of what was to be fused, and what to read them with."""

    fusion: Fusion
    llrs: Mapping[str, float]
    around: Circumstances


def fused(wishes: Wishes) -> Fused:
    """Fit the weights, and fuse what is to be fused.

    Raises:
        ProtocolError: files cannot be read or do not match, or only trials are left to fuse that
            the weights were fitted on.
        SettingsError: too few trials.
    """
    files = [_file(path) for path in wishes.scores]
    _refuse_another_order(files, [_file(path) for path in wishes.apply])
    protocol = wishes.protocol or recognise(wishes.dev)
    key = read_key(wishes.dev, protocol)
    fusion = fuse(
        _names(files),
        [read_scores(file) for file in files],
        key,
        kin=PROTOCOLS.get(protocol)().kin,
        is_common_enough=wishes.common,
    )
    llrs = _llrs(wishes, fusion, {trial.id for trial in key})
    around = Circumstances(
        scores=tuple(map(_origin, files)),
        key=_origin(wishes.dev),
        applied_to=tuple(map(_origin, map(_file, wishes.apply))),
        trials=len(llrs),
        cross_fitted=len(llrs.keys() & fusion.llrs.keys()),
        command=wishes.command(),
        date=date.today().isoformat(),
    )
    return Fused(fusion, llrs, around)


def _refuse_another_order(fitted: Sequence[Path], applied: Sequence[Path]) -> None:
    """See to it that no detector gets another's weight, as far as runs say whose scores they hold.

    Raises:
        ProtocolError: they say so.
    """
    for one, other in zip(fitted, applied, strict=False):
        ours, theirs = _weights_behind(one), _weights_behind(other)
        if ours and theirs and ours != theirs:
            raise ProtocolError(
                f"{other}: holds the scores of other weights ({theirs[:8]}) than {one} "
                f"({ours[:8]}). Give --apply in the order of SCORES."
            )


def _weights_behind(file: Path) -> str | None:
    """Name the weights that scores come from, where a run's record lies beside them."""
    try:
        return as_metrics.read(file.with_name(as_metrics.NAME)).setup.weights_sha256
    except ProtocolError:
        return None


def _llrs(wishes: Wishes, fusion: Fusion, fitted_on: set[str]) -> dict[str, float]:
    """Fuse trials: new ones by all weights, development trials by weights that did not see them."""
    files = [read_scores(_file(path)) for path in wishes.apply or wishes.scores]
    asked = [trial for trial in files[0] if trial in fitted_on]
    if wishes.apply and asked and not wishes.cross_fitted:
        raise ProtocolError(
            f"{len(asked):,} of {len(files[0]):,} trials of --apply are in {wishes.dev}, and "
            "weights that were fitted on a trial flatter it. Take them out, or say --cross-fitted "
            "to fuse each of them with weights that did not see it."
        )
    new = [{name: s for name, s in file.items() if name not in fitted_on} for file in files]
    llrs: dict[str, float] = {}
    if any(new):
        llrs = apply(fusion, new, is_common_enough=wishes.common)
    if wishes.cross_fitted:
        llrs |= {name: fusion.llrs[name] for name in asked if name in fusion.llrs}
    if wishes.out is not None and not llrs:
        raise ProtocolError(
            f"All trials of the score files are in {wishes.dev}, and weights that were fitted on a "
            "trial flatter it. Give the scores of new trials with --apply, or say --cross-fitted "
            "to write these, each fused with weights that did not see it."
        )
    return llrs


def write(found: Fused, out: Path) -> None:
    """Write the fused scores, and beside them what they were fitted on.

    Raises:
        SettingsError: a file cannot be written, or something else is called like the record.
    """
    record = record_of(out)
    told = fusions.as_table(found.fusion, found.around)
    lines = ["filename\tcm-score", *(f"{name}\t{llr!r}" for name, llr in found.llrs.items())]
    try:
        with beside(record) as part:
            part.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        with beside(out) as part:
            part.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written ({error.strerror}).") from error


def record_of(out: Path) -> Path:
    """Name the record beside a file of fused scores."""
    return out.with_name(out.name + BESIDE)


def check(wishes: Wishes) -> None:
    """See to it that files differ, and that none is written over that was read or is no record.

    Raises:
        SettingsError: it says what.
    """
    given = [_file(path).resolve() for path in wishes.scores]
    if len(set(given)) < len(given):
        raise SettingsError("A score file was given twice: there is nothing to fuse in that.")
    if wishes.out is None:
        return
    read = {_file(path).resolve() for path in (*wishes.scores, wishes.dev, *wishes.apply)}
    if wishes.out.resolve() in read:
        raise SettingsError(f"{wishes.out}: is read from here, and would be written over.")
    record = record_of(wishes.out)
    if record.exists() and not _is_record(record):
        raise SettingsError(f"{record}: is there already, and is no record of a fusion.")


def _is_record(file: Path) -> bool:
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("kind") == fusions.KIND


def _file(path: Path) -> Path:
    """Take the scores of a run where a run's folder was named."""
    return path / SCORES if path.is_dir() and (path / SCORES).exists() else path


def _names(files: Sequence[Path]) -> list[str]:
    """Call detectors by file, or by the run's folder; by all of it where that is not enough."""
    names = [file.resolve().parent.name if file.name == SCORES else file.stem for file in files]
    times = Counter(names)
    return [
        name if times[name] == 1 else str(file) for name, file in zip(names, files, strict=True)
    ]


def _origin(path: Path) -> Origin:
    if path.is_dir():
        return Origin(str(path), "")
    with path.open("rb") as file:
        return Origin(str(path), hashlib.file_digest(file, "sha256").hexdigest())
