"""The child process that decodes: ``python -m earwitness.audio._decoder_process``.

It answers one request after another until its standard input ends. A request is a line of JSON,
followed by as many bytes as it says. An answer is a row of messages: one letter, four bytes of
length, and a payload. It imports neither numpy nor the rest of the package.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

from earwitness.audio.codecs import Decoding

MEMORY_LIMIT = 4 * 2**30  # of address space, most of which is never touched
PATIENCE_S = 90  # longer than the parent's: it dies of itself where the parent is gone

HEADER = struct.Struct("<cI")
FORMAT, SOUND, END, ERROR = b"F", b"S", b"E", b"X"


def main() -> None:
    """Serve requests from standard input."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a C library prints must not land among the messages
    limit_memory(MEMORY_LIMIT)
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["bytes"])
        try:
            _serve(request, data, requests, answers)
        except BrokenPipeError:
            return


def _serve(request: dict[str, Any], data: bytes, requests: BinaryIO, answers: BinaryIO) -> None:
    try:
        _set_alarm(PATIENCE_S)
        decoding = Decoding(io.BytesIO(data) if request["path"] is None else request["path"])
        send(answers, FORMAT, _packed(dataclasses.asdict(decoding.format)))
        wanted = json.loads(requests.readline() or b"null")
        if wanted is not None:
            _answer_with_sound(decoding, wanted, answers)
        decoding.close()
        _set_alarm(0)
    except BrokenPipeError:
        raise
    except Exception as exc:  # the border of a process: the parent makes a sentence of it
        kind = "empty" if isinstance(exc, LookupError) else "unreadable"
        send(answers, ERROR, _packed({"kind": kind, "why": _told(exc)}))


def _answer_with_sound(decoding: Decoding, wanted: dict[str, Any], answers: BinaryIO) -> None:
    _set_alarm(PATIENCE_S)
    for block in decoding.blocks(wanted["start"], wanted["stop"]):
        send(answers, SOUND, block)
        _set_alarm(PATIENCE_S)
    send(answers, END, _packed({"broke_off": decoding.broke_off}))


def send(answers: BinaryIO, kind: bytes, payload: bytes) -> None:
    """Write one message; the alarm is off while the parent lets us wait."""
    _set_alarm(0)
    message = memoryview(HEADER.pack(kind, len(payload)) + payload)
    while message:
        message = message[answers.write(message) :]


def _packed(table: dict[str, Any]) -> bytes:
    return json.dumps(table).encode()


def _told(exc: Exception) -> str:
    return str(getattr(exc, "strerror", None) or exc) or type(exc).__name__


def limit_memory(most: int, *, is_for_children: bool = False) -> None:
    """Let this process have no more address space, and leave no dump of its memory.

    Args:
        most: in bytes.
        is_for_children: the processes that it starts may not raise it either.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, limit in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        if hard == resource.RLIM_INFINITY or hard >= limit:
            resource.setrlimit(kind, (limit, limit if is_for_children else hard))


def _set_alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
