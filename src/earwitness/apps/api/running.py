"""Serve an application until it is told to stop, and bring what is in flight to its end."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import uvicorn

from earwitness.apps.api.app import Built
from earwitness.errors import SettingsError

GRACE_S = 20.0
SILENCE_S = 30.0  # how long somebody may be connected without asking for anything
_LARGEST_MESSAGE = 2**20


def bind(host: str, port: int) -> socket.socket:
    """Take an address, so that it is certain before anything is loaded.

    Raises:
        SettingsError: it is not free, or not ours.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        taken = socket.socket(family, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except (OSError, OverflowError) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        raise SettingsError(
            f"Cannot listen on {host}, port {port}: {why}. Choose another --port or --host."
        ) from exc
    return taken


class Server(uvicorn.Server):
    """A server that answers what it has taken in before it ends.

    Args:
        built: the application.
        config: of uvicorn.
        grace_s: how long it waits for that.
        silence_s: how long somebody may be connected without asking for anything.
        on_ready: is called once requests are taken in.
    """

    def __init__(
        self,
        built: Built,
        config: uvicorn.Config,
        *,
        grace_s: float = GRACE_S,
        silence_s: float = SILENCE_S,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._silence_s = silence_s
        self._silent_since: dict[Any, float] = {}
        self._built = built
        self._grace_s = grace_s
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Hang up on those who keep a line busy and say nothing; uvicorn does so between requests.

        A connection that has had a request, or is a web socket, is none of them.
        """
        now = time.monotonic()
        lines = list(self.server_state.connections)
        silent = [one for one in lines if getattr(one, "cycle", one) is None]
        self._silent_since = {one: self._silent_since.get(one, now) for one in silent}
        for one, since in self._silent_since.items():
            if now - since > self._silence_s:
                one.transport.close()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in nothing new, answer what is here, then close all connections."""
        self._built.desk.is_stopping = True
        until = time.monotonic() + self._grace_s
        self._built.streams.stop()
        draining = asyncio.ensure_future(self._built.jobs.drain(self._grace_s))
        while time.monotonic() < until and not self.force_exit and not self._is_idle():
            await asyncio.sleep(0.05)
        draining.cancel()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # uvicorn would raise them once more, as if it had failed

    def _is_idle(self) -> bool:
        built = self._built
        return built.desk.is_idle and built.jobs.is_idle and built.streams.is_idle


def run(
    built: Built,
    taken: socket.socket,
    *,
    grace_s: float = GRACE_S,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        built.app,
        access_log=False,  # who asked for what is nobody's business
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # whoever could forge them would have a rate of his own
        ws_max_size=_LARGEST_MESSAGE,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    Server(built, config, grace_s=grace_s, on_ready=on_ready).run(sockets=[taken])
