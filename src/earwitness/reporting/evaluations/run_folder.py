"""An evaluation → a folder: report as page and text, figures, metrics and scores.

All texts and figures are made before the first file is written, and each file appears whole. A
second run writes over what the first one wrote, takes away figures that it does not have, and
touches nothing else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from earwitness.errors import EarwitnessError, SettingsError
from earwitness.evaluation.curves import Curves
from earwitness.evaluation.records import Evaluation, Scored, Unread
from earwitness.evaluation.score_files import score_rows
from earwitness.records import Trial
from earwitness.reporting.evaluations import as_html, as_markdown, as_metrics
from earwitness.reporting.evaluations._drawn import drawings

PAGE, TEXT, METRICS, SCORES, FIGURES = (
    "report.html", "report.md", as_metrics.NAME, "scores.tsv", "figures",
)  # fmt: skip
# What a former run may have written: its list is read from a file that anybody can change.
_OURS = re.compile(
    rf"report\.html|report\.md|metrics\.json|scores\.tsv|{FIGURES}/[\w-]+\.(png|svg)"
)


def write(
    evaluation: Evaluation,
    curves: Curves,
    folder: Path,
    *,
    embed_audio: bool = True,
    asked: Sequence[Trial] = (),
) -> tuple[Path, ...]:
    """Write a run's folder, which is made if it is not there.

    Args:
        evaluation: all of it.
        curves: that its figures are drawn from.
        folder: of the run.
        embed_audio: put the sound of the worst-scored recordings into the page.
        asked: all trials in the protocol's order, for ``scores.tsv``; without it, those that could
            not be read come last.

    Returns:
        The files, the page first.

    Raises:
        SettingsError: something is in the way that no former run wrote, or it cannot be written.
    """
    rows = "".join(score_rows(_in_order(evaluation, asked), columns=_columns(evaluation)))
    contents = _contents(evaluation, curves, folder, rows, embed_audio=embed_audio)
    former = written_before(folder)
    _refuse_to_overwrite(folder, set(contents) - former)
    try:
        for name, content in contents.items():
            _write(folder / name, content)
        for name in former - set(contents):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror}).") from error
    return tuple(folder / name for name in contents)


def written_before(folder: Path) -> set[str]:
    """List the files that a former run says it wrote into a folder."""
    try:
        told = as_metrics.read(folder / METRICS).files
    except EarwitnessError:
        return set()
    return {METRICS, *(name for name in told if _OURS.fullmatch(name))}


def check(folder: Path) -> None:
    """Refuse a folder that cannot be written to, before an hour's work.

    Raises:
        SettingsError: something is in the way that no former run wrote.
    """
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder}: is no folder. Give --out a folder.")
    _refuse_to_overwrite(folder, {PAGE, TEXT, METRICS, SCORES} - written_before(folder))


def _contents(
    evaluation: Evaluation, curves: Curves, folder: Path, rows: str, *, embed_audio: bool
) -> dict[str, bytes]:
    drawn = drawings(evaluation, curves)
    texts = {
        PAGE: as_html.text(evaluation, drawn, embed_audio=embed_audio, folder=folder),
        TEXT: as_markdown.text(evaluation, drawn, figures=FIGURES),
        SCORES: rows,
    }
    figures = {f"{FIGURES}/{one.name}.png": one.png for one in drawn} | {
        f"{FIGURES}/{one.name}.svg": one.svg for one in drawn
    }
    names = [*texts, METRICS, *figures]
    # Written first: a run that is killed while it writes can then be repeated.
    first = {METRICS: as_metrics.text(as_metrics.recorded(evaluation, names))}
    told = {name: _encoded(words) for name, words in (first | texts).items()}
    return {name: (told | figures)[name] for name in [METRICS, *texts, *figures]}


def _in_order(evaluation: Evaluation, asked: Sequence[Trial]) -> list[Scored | Unread]:
    place = {trial.id: number for number, trial in enumerate(asked)}
    results: list[Scored | Unread] = [*evaluation.scored, *evaluation.unread]
    return sorted(results, key=lambda one: place.get(one.trial.id, len(place)))


def _columns(evaluation: Evaluation) -> tuple[str, ...]:
    """List the columns that runs are compared by later: kin, and what was broken down."""
    kin = evaluation.setup.clustered_by
    broken_down = (one.column for one in evaluation.breakdowns if one.column != "duration")
    return tuple(dict.fromkeys((*([kin] if kin else []), *broken_down)))


def _encoded(words: str) -> bytes:
    """A file name that is no text is written back as the bytes that it was."""
    return words.encode("utf-8", errors="surrogateescape")


def _refuse_to_overwrite(folder: Path, names: Iterable[str]) -> None:
    for name in sorted(names):
        if (folder / name).exists():
            raise SettingsError(
                f"{folder / name} is there already, and no former run wrote it. Give another "
                "folder with --out, or move it away."
            )


def _write(file: Path, content: bytes) -> None:
    """Let a file appear whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
