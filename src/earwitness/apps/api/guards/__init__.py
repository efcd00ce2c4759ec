"""Who stands in front of all routes, those of the page too: hosts, keys, rates and sizes.

Plain ASGI applications around another one. They stand before the page is mounted, so that its own
upload route obeys them.
"""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from earwitness.apps.api.problems import Problem

__all__ = ["header", "is_open_to_all", "refuse"]

_OPEN = {"/healthz", "/readyz"}
_POLICY_VIOLATION, _TRY_AGAIN_LATER = 1008, 1013


def is_open_to_all(scope: Scope) -> bool:
    """Say whether a request is left alone: those that ask after the server's health are."""
    return scope["type"] == "http" and scope["path"] in _OPEN


def header(scope: Scope, name: str) -> str | None:
    """Give a header's value; None if there is none, or more than one."""
    wanted = name.lower().encode()
    found = [value for key, value in scope["headers"] if key.lower() == wanted]
    return found[0].decode("latin-1") if len(found) == 1 else None


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem, before anybody else has seen the request."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem.response()(scope, receive, send)
        return
    code = _TRY_AGAIN_LATER if problem.status in (429, 503) else _POLICY_VIOLATION
    await send({"type": "websocket.close", "code": code, "reason": problem.code})
