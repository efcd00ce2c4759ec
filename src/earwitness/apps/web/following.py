"""Work that takes its time: it runs aside, and whoever waits hears how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from earwitness.apps.web.hearing import OnShare

Result = TypeVar("Result")
LOOK_S = 0.2
FORGOTTEN_S = 20.0


class Stopped(Exception):
    """Nobody waits for this work any more."""


class _Watch:
    def __init__(self) -> None:
        self.share: float | None = None
        self._is_stopped = False
        self._looked = time.monotonic()

    def tell(self, share: float | None) -> None:
        """Note how far the work is; end it if nobody looks."""
        if self._is_stopped or time.monotonic() - self._looked > FORGOTTEN_S:
            raise Stopped
        self.share = share

    def look(self) -> float | None:
        """Ask how far the work is."""
        self._looked = time.monotonic()
        return self.share

    def stop(self) -> None:
        """Let the work end at its next step."""
        self._is_stopped = True


def followed(work: Callable[[OnShare], Result]) -> Generator[float | None, None, Result]:
    """Run work in a thread; give its share done now and then, and return its result.

    Args:
        work: is given a function to tell its share with, 0 to 1 or None.

    Raises:
        Exception: whatever the work raised.
    """
    watch = _Watch()
    with ThreadPoolExecutor(1, thread_name_prefix="page") as pool:
        future = pool.submit(work, watch.tell)
        try:
            while not wait([future], timeout=LOOK_S).done:
                yield watch.look()
        finally:
            watch.stop()
    return future.result()
