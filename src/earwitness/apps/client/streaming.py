"""A live stream's other end: pieces of sound out, running scores in. The client's web socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from earwitness.apps.client import reading
from earwitness.apps.client.reading import Update
from earwitness.errors import ServerError
from earwitness.records import Verdict

_PROTOCOL: Any = "earwitness.v1"
_LARGEST_PIECE = 2**16


@dataclass(frozen=True)
class Sound:
    """The form of a sound that is sent while it is made.

    Attributes:
        format: bare samples, or a container that names its own form.
        sample_rate, channels: of bare samples.
        every_s: how often a running score is wanted, in seconds of sound.
    """

    format: Literal["container", "pcm_s16le", "pcm_f32le"] = "container"
    sample_rate: int = 16000
    channels: int = 1
    every_s: float = 0.25


def updates(
    url: str, key: str | None, pieces: Iterable[bytes], sound: Sound, asked: dict[str, str]
) -> Iterator[Update | Verdict]:
    """Send pieces from a thread of its own, and give what comes back.

    Raises:
        ServerError: the server refused, or left.
        EarwitnessError: it cannot make sense of the sound.
    """
    where = f"{url.replace('http', 'ws', 1)}/v1/stream?{urlencode(vars(sound) | asked)}"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        socket = connect(where, subprotocols=[_PROTOCOL], additional_headers=headers)
    except (OSError, InvalidHandshake) as exc:
        raise ServerError(f"{url}: takes in no stream ({exc}).", code="server.unreachable") from exc
    with socket:
        sending = threading.Thread(target=_send, args=(socket, pieces), daemon=True)
        sending.start()
        try:
            yield from _received(socket)
        except ConnectionClosed as exc:
            raise ServerError(f"{url}: left in the middle of a stream ({exc}).") from exc


def _send(socket: ClientConnection, pieces: Iterable[bytes]) -> None:
    try:
        for piece in pieces:
            for at in range(0, len(piece), _LARGEST_PIECE):
                socket.send(piece[at : at + _LARGEST_PIECE])
        socket.send(json.dumps({"type": "end"}))
    except ConnectionClosed:
        return  # whoever receives is told why


def _received(socket: ClientConnection) -> Iterator[Update | Verdict]:
    for text in socket:
        message = json.loads(text)
        kind = message.pop("type")
        if kind == "running":
            yield reading.update(message)
        elif kind == "problem":
            raise reading.error(message, message["status"])
        elif kind == "verdict":
            yield reading.verdict(message)
            return
    raise ServerError("The server ended the stream without a verdict.")
