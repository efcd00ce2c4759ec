"""Only by its own name, and not from other people's pages.

A server on loopback is within reach of every page that its user opens. A page elsewhere may send
forms and open web sockets to it (CORS keeps it from reading answers, and web sockets know no CORS),
and a host name may be made to point at 127.0.0.1. So the Host header has to be one of ours, and an
Origin header has to name the same host.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from earwitness.apps.api.guards import header, is_open_to_all, refuse
from earwitness.apps.api.problems import Problem

_HARMLESS = {"GET", "HEAD", "OPTIONS"}


class OriginGuard:
    """Refuses requests to another host's name, and those that another site's page sends.

    Args:
        app: who answers the rest.
        hosts: names by which the server may be addressed; empty for any.
        origins: other sites whose pages may use it, as ``https://name``.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Sequence[str] = (), origins: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._origins = {origin.rstrip("/").lower() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or not."""
        if scope["type"] in ("http", "websocket") and not is_open_to_all(scope):
            problem = self._problem(scope)
            if problem is not None:
                await refuse(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        host = (header(scope, "host") or "").lower()
        if self._hosts and _without_port(host) not in self._hosts:
            return Problem(
                421, "request.host", f"This server is not called '{host[:100]}'. See --allow-host."
            )
        origin = header(scope, "origin")
        is_harmless = scope["type"] == "http" and scope["method"] in _HARMLESS
        if origin is None or is_harmless or origin.lower() in self._origins:
            return None
        if urlsplit(origin.lower()).netloc == host:
            return None
        detail = f"Pages of '{origin[:100]}' may not use this server. See --allow-origin."
        return Problem(403, "request.origin", detail)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
