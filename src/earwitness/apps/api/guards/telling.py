"""The outermost layer: counts every answer, and adds what every answer carries."""

from __future__ import annotations

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earwitness.apps.api.metrics import Metrics

_FOR_ALL = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_FOR_ANSWERS = [*_FOR_ALL, (b"cache-control", b"no-store")]


class Telling:
    """Counts and times requests by route; names of files and addresses are not noted anywhere.

    Args:
        app: who answers.
        metrics: keeps the counts.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and watch its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": _with_ours(scope, message)}
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = _route(scope)
            self._metrics.count("requests_total", route=route, status=str(status))
            self._metrics.time("request_seconds", time.perf_counter() - began, route=route)


def _with_ours(scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
    ours = _FOR_ANSWERS if scope["path"].startswith("/v1/") else _FOR_ALL
    there = {name.lower() for name, _ in message.get("headers", [])}
    return [*message.get("headers", []), *(pair for pair in ours if pair[0] not in there)]


def _route(scope: Scope) -> str:
    """Name the route by its template, so that there are only so many of them."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "") or "other")
