"""What whoever serves the page may settle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from earwitness.errors import SettingsError


@dataclass(frozen=True)
class PageSettings:
    """How the page behaves.

    Attributes:
        model: the detector that is chosen at first; None for the one that came with the package.
        operating_point: that is chosen at first.
        threads: how many threads one window may use.
        most_mb: the largest upload, in megabytes.
        most_s: the longest recording, in seconds.
        most_files: how many recordings may be heard in one go.
        most_trials: how many recordings an evaluated archive may hold.
        most_unpacked_mb: how large they may be together.
        at_once: how many people are answered at the same time; others wait.
        most_waiting: how many may wait.
        keep_s: after so many seconds whatever was uploaded is removed.
        folder: in which a temporary folder for uploads is made, and removed at the end; None for
            where temporary folders are.
        examples: a folder with clips to try; None for the ones that came with the package or lie
            beside its source.
    """

    model: str | None = None
    operating_point: str = "balanced"
    threads: int = 1
    most_mb: int = 100
    most_s: float = 7200.0
    most_files: int = 20
    most_trials: int = 500
    most_unpacked_mb: int = 500
    at_once: int = 2
    most_waiting: int = 20
    keep_s: int = 1800
    folder: Path | None = None
    examples: Path | None = None

    def __post_init__(self) -> None:
        for name in (
            "threads", "most_mb", "most_s", "most_files", "most_trials", "most_unpacked_mb",
            "at_once", "most_waiting", "keep_s",
        ):  # fmt: skip
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} must be positive, but got {getattr(self, name)}.")
