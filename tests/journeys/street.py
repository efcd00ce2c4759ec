"""``earwitness`` as people run it: a process of its own, with a pipe or a terminal around it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "earwitness"]
CERTAINLY_SPOOF = ("--prior", "0.999999999")  # a line that the LLR of a short clip cannot reach
CERTAINLY_BONA_FIDE = ("--prior", "0.000000001")


def earwitness(
    *words: str | Path,
    stdin: bytes | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    at_most_s: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it writes is text in UTF-8."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        input=b"" if stdin is None else stdin,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=at_most_s,
    )
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Read what ``--json`` answered."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_a_terminal(*words: str | Path, columns: int, env: dict[str, str] | None = None) -> str:
    """Run a command in a terminal of this width, and give all that it showed."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "CI")}
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**clean, "TERM": "xterm-256color", **(env or {})},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:
                break
    process.wait()
    os.close(ours)
    return shown.decode("utf-8").replace("\r\n", "\n")


def wait_for(condition: Any, *, at_most_s: float = 60.0) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + at_most_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
