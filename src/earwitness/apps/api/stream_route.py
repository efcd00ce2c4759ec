"""``/v1/stream``: a web socket's address → a ``Call``, and what becomes of errors in it."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import get_args

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocketDisconnect

from earwitness.apps.api import problems
from earwitness.apps.api.desk import Asked
from earwitness.apps.api.streams import Call, Streams
from earwitness.audio.feeds import Encoding
from earwitness.errors import EarwitnessError

_LOG = logging.getLogger("earwitness.apps.api")
PROTOCOL = "earwitness.v1"
_POLICY, _MISTAKE, _LATER = 1008, 1011, 1013
_CONTAINERS = ("container", "webm", "ogg")


class Query(BaseModel):
    """What may stand in the address."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, min_length=1, max_length=100)
    operating_point: str | None = Field(None, min_length=1, max_length=100)
    prior: float | None = Field(None, gt=0, lt=1)
    format: str = "container"
    sample_rate: int = Field(16000, ge=1000, le=768_000)
    channels: int = Field(1, ge=1, le=64)
    every_s: float = Field(0.25, ge=0.1, le=10)

    def call(self) -> Call:
        """Make the call of it.

        Raises:
            Problem: there is no such format.
        """
        known = [one for one in get_args(Encoding) if one == self.format]
        if self.format in _CONTAINERS:
            known = ["container"]
        if not known:
            names = ", ".join(dict.fromkeys([*get_args(Encoding), *_CONTAINERS]))
            detail = f"'{self.format[:40]}' is no format of a stream. There are: {names}."
            raise problems.Problem(422, "request.invalid", detail)
        asked = Asked(self.model, self.operating_point, self.prior)
        return Call(asked, known[0], self.sample_rate, self.channels, self.every_s)


def stream_route(streams: Streams) -> APIRouter:
    """Make the route."""
    router = APIRouter()

    @router.websocket("/v1/stream")
    async def stream(socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols") or []
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        try:
            await streams.serve(socket, _call(socket))
            await socket.close()
        except (WebSocketDisconnect, RuntimeError):
            return  # the client has left; there is nobody to tell
        except Exception as exc:
            await _tell(socket, _problem(exc))

    return router


def _call(socket: WebSocket) -> Call:
    try:
        return Query.model_validate(dict(socket.query_params)).call()
    except ValidationError as exc:
        first = exc.errors()[0]
        where = " ".join(str(step) for step in first["loc"])
        detail = f"query {where}: {first['msg']}, but got {ascii(first.get('input'))[:80]}."
        raise problems.Problem(422, "request.invalid", detail) from exc


def _problem(error: Exception) -> problems.Problem:
    if isinstance(error, problems.Problem):
        return error
    if isinstance(error, EarwitnessError):
        return problems.of_error(error)
    _LOG.error("a stream failed", exc_info=error)
    return problems.Problem(500, "server.failed", "The server made a mistake; its log says more.")


async def _tell(socket: WebSocket, problem: problems.Problem) -> None:
    code = _MISTAKE if problem.status == 500 else _POLICY
    code = _LATER if problem.status in (429, 503) else code
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(json.dumps({**problem.table(), "type": "problem"}))
        await socket.close(code, problem.code)
