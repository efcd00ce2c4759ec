"""Bodies that are too large, come too slowly, or are too many at a time."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earwitness.apps.api.guards import header, refuse
from earwitness.apps.api.problems import Problem, busy, too_large

_MOST_DROPPED = 32_000_000
_LONGEST_DROP_S = 1.0
_NO_BODY = {"GET", "HEAD", "OPTIONS"}


class SizeGuard:
    """Counts what comes in, whatever the header claims.

    Args:
        app: who answers.
        most_mb: largest body.
        idle_s: how long nothing may come.
        uploads: how many bodies may come in at the same time.
    """

    def __init__(self, app: ASGIApp, *, most_mb: float, idle_s: float, uploads: int) -> None:
        self._app = app
        self._most_mb = most_mb
        self._idle_s = idle_s
        self._free = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and watch its body."""
        if scope["type"] != "http" or scope["method"] in _NO_BODY:
            await self._app(scope, receive, send)
            return
        claimed = header(scope, "content-length") or "0"
        if claimed.isdecimal() and int(claimed) > self._most_mb * 1e6:
            await _refuse_late(too_large(self._most_mb), scope, receive, send)
            return
        if not self._free:
            await _refuse_late(busy(2, "uploads"), scope, receive, send)
            return
        body = _Body(self, scope, receive, send)
        self._free -= 1
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if not body.is_refused:  # else it is only surprised that the client left
                raise
        finally:
            body.is_over()

    def give_place(self) -> None:
        """Take note that a body has come to its end."""
        self._free += 1

    def limit(self, count: int) -> Problem | None:
        """Say what is wrong with a body of so many bytes."""
        return too_large(self._most_mb) if count > self._most_mb * 1e6 else None

    async def next(self, receive: Receive) -> Message | None:
        """Wait for a piece of a body; None if none comes."""
        try:
            return await asyncio.wait_for(receive(), self._idle_s)
        except TimeoutError:
            return None


async def _refuse_late(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse once some more has come in.

    A client that is still sending when the connection is closed sees no answer, only an error. One
    that asked beforehand (Expect) waits for the answer and sends nothing.
    """
    if header(scope, "expect") is None and problem.status != 408:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_drop(receive), _LONGEST_DROP_S)
    await refuse(problem, scope, receive, send)


async def _drop(receive: Receive) -> None:
    left, has_more = _MOST_DROPPED, True
    while left > 0 and has_more:
        message = await receive()
        left -= len(message.get("body", b""))
        has_more = message.get("more_body", False)


class _Body:
    """The body of one request, on its way in."""

    def __init__(self, guard: SizeGuard, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard, self._scope = guard, scope
        self._receive, self._send = receive, send
        self._count = 0
        self._is_complete = self._has_answer = False
        self.is_refused = False

    async def receive(self) -> Message:
        """Hand on the next piece; a body that is refused looks as if its client had left."""
        if self._is_complete:
            return await self._receive()
        message = await self._guard.next(self._receive)
        if message is None:
            detail = "The request's body did not come to its end. Send it without a pause."
            return await self._refuse(Problem(408, "request.slow", detail, {"Connection": "close"}))
        self._count += len(message.get("body", b""))
        problem = self._guard.limit(self._count)
        if problem is not None:
            return await self._refuse(problem)
        if not message.get("more_body", False):
            self.is_over()
        return message

    async def send(self, message: Message) -> None:
        """Hand on an answer, unless the request was refused."""
        if self.is_refused:
            return
        self._has_answer = True
        await self._send(message)

    def is_over(self) -> None:
        """Let the next body in, once."""
        if not self._is_complete:
            self._is_complete = True
            self._guard.give_place()

    async def _refuse(self, problem: Problem) -> Message:
        if not self._has_answer:
            await _refuse_late(problem, self._scope, self._receive, self._send)
        self.is_refused = True
        self.is_over()
        return {"type": "http.disconnect"}
