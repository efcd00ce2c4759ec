"""A study's report → files in its folder, each of which appears whole; the page comes last."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from earwitness.errors import SettingsError
from earwitness.reporting.studies import as_html, as_markdown, as_table
from earwitness.reporting.studies._drawn import drawings
from earwitness.reporting.studies.records import StudyFigures

PAGE, TEXT, METRICS, FIGURES = "report.html", "report.md", "metrics.json", "figures"


def files(found: StudyFigures) -> dict[str, bytes]:
    """Make all files, by their names in the folder."""
    drawn = drawings(found)
    figures = {f"{FIGURES}/{one.name}.png": one.png for one in drawn} | {
        f"{FIGURES}/{one.name}.svg": one.svg for one in drawn
    }
    texts = {
        METRICS: json.dumps(as_table.table(found), indent=1, allow_nan=False) + "\n",
        TEXT: as_markdown.text(found, drawn, figures=FIGURES),
        PAGE: as_html.text(found, drawn),
    }
    return figures | {name: told.encode("utf-8", "replace") for name, told in texts.items()}


def write(found: StudyFigures, folder: Path) -> Path:
    """Write the report over an older one; gives the page.

    Raises:
        SettingsError: the folder cannot be written.
    """
    made = files(found)
    try:
        for name, content in made.items():
            _write(folder / name, content)
    except OSError as exc:
        raise SettingsError(f"{folder}: cannot be written ({exc.strerror}).") from exc
    return folder / PAGE


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
