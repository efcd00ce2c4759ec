"""So many requests a minute of one client: a bucket of tokens each, and only so many buckets."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from earwitness.apps.api.guards import is_open_to_all, refuse
from earwitness.apps.api.guards.keys import CLIENT
from earwitness.apps.api.problems import later

_GENTLE = {"GET", "HEAD", "OPTIONS"}
_GENTLE_FACTOR = 20  # a page is made of many small files, and jobs are asked after
_MOST_CLIENTS = 10_000


class Buckets:
    """Tokens of many clients; whoever was not heard of for longest is forgotten.

    Args:
        a_minute: how many tokens a client gets, and how many it may save up.
        clock: gives seconds.

    Example:
        >>> buckets = Buckets(60, clock=lambda: 0.0)
        >>> [buckets.wait_s("me") for _ in range(60)] == [0.0] * 60, buckets.wait_s("me")
        (True, 1.0)
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._a_second = a_minute / 60
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take a token, or say how long there will be none."""
        now = self._clock()
        tokens, then = self._held.pop(client, (self._most, now))
        tokens = min(self._most, tokens + (now - then) * self._a_second)
        is_enough = tokens >= 1
        self._held[client] = (tokens - is_enough, now)
        if len(self._held) > _MOST_CLIENTS:
            self._held.popitem(last=False)
        return 0.0 if is_enough else (1 - tokens) / self._a_second


class RateGuard:
    """Refuses what one client asks beyond its share.

    Args:
        app: who answers the rest.
        a_minute: requests that start work, of one client; 0 for any number.
    """

    def __init__(self, app: ASGIApp, *, a_minute: int) -> None:
        self._app = app
        self._work = Buckets(a_minute) if a_minute else None
        self._gentle = Buckets(a_minute * _GENTLE_FACTOR) if a_minute else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or not."""
        if scope["type"] in ("http", "websocket") and not is_open_to_all(scope):
            is_gentle = scope["type"] == "http" and scope["method"] in _GENTLE
            buckets = self._gentle if is_gentle else self._work
            wait_s = buckets.wait_s(client_of(scope)) if buckets else 0.0
            if wait_s:
                why = "These were more requests than a client may send a minute."
                await refuse(later(why, "request.rate", wait_s), scope, receive, send)
                return
        await self._app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Name a client: by its key, or by its address (of IPv6, the network that a home gets)."""
    if CLIENT in scope:
        return f"key {scope[CLIENT]}"
    host = str((scope.get("client") or ("unknown",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
