"""The button that stops: whoever asked and no longer wants to know, session by session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stops:
    """Remembers who wants what is under way to stop. Safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, list[threading.Event]] = {}

    @contextmanager
    def watching(self, session: str) -> Iterator[Callable[[], bool]]:
        """Give a function that says whether this session's work shall stop, while it is done."""
        mine = threading.Event()
        with self._lock:
            self._running.setdefault(session, []).append(mine)
        try:
            yield mine.is_set
        finally:
            with self._lock:
                self._running[session].remove(mine)
                if not self._running[session]:
                    del self._running[session]

    def stop(self, session: str) -> None:
        """Let all work of a session stop."""
        with self._lock:
            for event in self._running.get(session, ()):
                event.set()
