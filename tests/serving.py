"""A server for tests: the real one, on a thread, on a port of loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from earwitness import detector
from earwitness.apps.api.app import Built, build
from earwitness.apps.api.running import Server, bind
from earwitness.apps.api.settings import ApiSettings, Limits

TINY = Path(__file__).parent / "data" / "tiny_detector"


@dataclass
class Served:
    """A server that runs, and how to reach it."""

    built: Built
    url: str
    server: Server

    @property
    def left_files(self) -> list[str]:
        """What lies in its folder for uploads."""
        return sorted(path.name for path in self.built.spool.path.rglob("*"))


def limits(**changes: Any) -> Limits:
    """Give limits for tests: no rate, but for those that ask for one."""
    return Limits(**{"rate": 0, **changes})


@contextmanager
def serving(
    settings: ApiSettings | None = None,
    *,
    detectors: dict[str, detector.Detector] | None = None,
    grace_s: float = 5.0,
    silence_s: float = 30.0,
) -> Iterator[Served]:
    """Run a server as long as the block lasts."""
    found = detectors or {"tiny": detector.load(TINY)}
    built = build(found, settings or ApiSettings(limits()))
    taken = bind("127.0.0.1", 0)
    config = uvicorn.Config(built.app, access_log=False, log_level="critical", lifespan="on")
    server = Server(built, config, grace_s=grace_s, silence_s=silence_s)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    await_that(lambda: server.started)
    try:
        yield Served(built, f"http://127.0.0.1:{taken.getsockname()[1]}", server)
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not stop"


def await_that(is_so: Any, *, at_most_s: float = 20.0) -> None:
    """Wait until something is so."""
    until = time.monotonic() + at_most_s
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
