"""The child process that reads whole recordings: ``python -m earwitness.audio._reader_process``.

``_decoder_process`` decodes what libsndfile does not know; this one does all of room 1 (headers,
libsndfile, repair, measures, mixing, resampling), for a server that trusts no upload. A request is
a line of JSON; messages go back as ``_decoder_process`` sends them. It loads no network.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from earwitness.audio._decoder_process import END, ERROR, FORMAT, SOUND, limit_memory, send
from earwitness.audio.read import open_recording
from earwitness.errors import EarwitnessError

MEMORY_LIMIT = 2 * 2**30  # of address space; libraries alone take a quarter of it


def main() -> None:
    """Serve requests from standard input."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    limit_memory(MEMORY_LIMIT, is_for_children=True)
    while line := requests.readline():
        try:
            _serve(json.loads(line), answers)
        except BrokenPipeError:
            return


def _serve(request: dict[str, Any], answers: BinaryIO) -> None:
    path, name = request["path"], request["name"]
    try:
        with open_recording(
            path,
            sample_rate=request["sample_rate"],
            channel=request["channel"],
            time_range=tuple(request["time_range"]) if request["time_range"] else None,
        ) as recording:
            opened = {"expected_s": recording.expected_s, "channels": recording.channels}
            send(answers, FORMAT, _packed(opened))
            for block in recording.blocks():
                send(answers, SOUND, block.tobytes())
            told = {"facts": asdict(recording.facts()), "notes": asdict(recording.notes())}
        told["facts"]["source"] = name
        send(answers, END, _packed(told))
    except EarwitnessError as exc:
        why = str(exc).replace(path, name)
        send(answers, ERROR, _packed({"code": exc.code, "message": why}))
    except MemoryError:
        why = f"{name}: needs more memory than a recording is given. Is it damaged?"
        send(answers, ERROR, _packed({"code": "audio.unreadable", "message": why}))


def _packed(table: dict[str, Any]) -> bytes:
    return json.dumps(table).encode()


if __name__ == "__main__":
    main()
