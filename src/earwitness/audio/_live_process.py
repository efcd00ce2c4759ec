"""The child process that decodes a live stream: ``python -m earwitness.audio._live_process``.

Its standard input is the stream itself; it ends where the stream ends. Messages go back as
``_decoder_process`` sends them, a twentieth of a second of sound in each.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys

from earwitness.audio._decoder_process import END, ERROR, FORMAT, SOUND, limit_memory, send
from earwitness.audio.codecs import Decoding

MEMORY_LIMIT = 2 * 2**30
_BLOCKS_A_SECOND = 20


class Incoming:
    """Standard input as a file that cannot be wound back, read as soon as something is there."""

    def read(self, size: int) -> bytes:
        """Give what is there, at least a byte, or nothing at the end."""
        return os.read(0, size)


def main() -> None:
    """Decode standard input."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    limit_memory(MEMORY_LIMIT)
    try:
        decoding = Decoding(Incoming(), is_live=True)  # type: ignore[arg-type]
        form = decoding.format
        send(answers, FORMAT, json.dumps(dataclasses.asdict(form)).encode())
        at_once = max(1, form.sample_rate // _BLOCKS_A_SECOND)
        for block in decoding.blocks(0, None, at_once=at_once):
            send(answers, SOUND, block)
        send(answers, END, json.dumps({"broke_off": decoding.broke_off}).encode())
    except BrokenPipeError:
        sys.exit(0)
    except Exception as exc:  # the border of a process: the parent makes a sentence of it
        why = str(getattr(exc, "strerror", None) or exc) or type(exc).__name__
        send(answers, ERROR, json.dumps({"why": why}).encode())


if __name__ == "__main__":
    main()
