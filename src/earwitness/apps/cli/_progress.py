"""How far we are, on standard error, and only where a terminal shows it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from earwitness.reporting import clock, visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from earwitness.records import Progress

PATIENCE_S = 0.5  # what is quicker than this needs no bar
EVERY_S = 0.1


class Shown:
    """A progress bar that steps aside while results are written.

    Args:
        total: how many recordings there are.
        is_wanted: False for none at all.
    """

    def __init__(self, total: int, *, is_wanted: bool) -> None:
        self._total = total
        self._is_wanted = is_wanted and sys.stderr.isatty()
        self._done = 0
        self._bar: Bar | None = None
        self._lock = Lock()
        self._next_s = time.monotonic() + PATIENCE_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self.aside():
            self._is_wanted = False

    def hears(self, progress: Progress) -> None:
        """Show how far a recording has been heard."""
        share = progress.done_s / progress.total_s if progress.total_s else 0.0
        self._show(_where(progress), self._done + min(1.0, share))

    def counts(self) -> None:
        """Count one more recording, and show how many have been answered."""
        self.answered()
        self._show(f"{self._done:,} of {self._total:,}", self._done)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something is written."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            yield

    def answered(self) -> None:
        """Count one more recording."""
        self._done += 1

    def _show(self, words: str, completed: float) -> None:
        if not self._is_wanted or time.monotonic() < self._next_s:
            return
        with self._lock:
            self._next_s = time.monotonic() + EVERY_S
            bar = self._bar = self._bar or _new_bar()
            task = bar.task_ids[0]
            bar.update(task, total=self._total, completed=completed, description=words)
            bar.start()
            bar.refresh()


def _where(progress: Progress) -> str:
    name = visible(progress.source)
    name = name if len(name) <= 32 else f"…{name[-31:]}"
    total = f" of {clock(progress.total_s)}" if progress.total_s else ""
    return f"{name} {clock(progress.done_s)}{total}"


def _new_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TimeRemainingColumn(compact=True),
    )
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
    bar.add_task("", total=None)
    return bar
