"""Where things lie in a study's folder."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earwitness.errors import SettingsError

CLAIM, KIN, SPLIT = "study.json", "kin.json", "split.tsv"
CUSTOM_EVAL, CUSTOM_ADAPT = "custom-eval.tsv", "custom-adapt.tsv"
BEFORE = "before"


@dataclass(frozen=True)
class Places:
    """The folder of a study."""

    out: Path

    @property
    def claim(self) -> Path:
        """What ties the folder to its inputs."""
        return self.out / CLAIM

    def run(self, name: str, seed: int) -> Path:
        """Where one training (or one blending) leaves everything."""
        return self.out / "runs" / name / f"seed-{seed}"

    def detector(self, name: str, seed: int) -> Path:
        """The detector that a run ended with."""
        return self.run(name, seed) / "detector"

    def scores(self, run: Path, asked: str) -> Path:
        """What a run's detector said of a set of trials."""
        return run / "scores" / f"{asked}.tsv"

    def before(self) -> Path:
        """Where the starting detector's scores are."""
        return self.out / BEFORE

    def choice(self, name: str) -> Path:
        """What was chosen, and by which figures."""
        return self.out / "choices" / f"{name}.json"


def write_json(path: Path, table: dict[str, Any]) -> None:
    """Let a file appear whole."""
    write_text(path, json.dumps(table, indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Let a file appear whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """Read what ``write_json`` wrote.

    Raises:
        SettingsError: it is not there, or damaged.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise SettingsError(f"{path}: cannot be read ({exc.strerror}).") from exc
    except ValueError as exc:
        raise SettingsError(
            f"{path}: is damaged ({exc}). Delete it, and run the study again."
        ) from exc
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: is damaged. Delete it, and run the study again.")
    return table
