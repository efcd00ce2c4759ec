"""Run commands one after another, go on after a failure, and tell at the end how each went."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# "===== 12 passed, 1 skipped in 3.21s =====", with or without colours.
CLOSING_LINE = re.compile(r"^=+ .*(passed|failed|error|skipped|no tests ran).* in [\d.]+s.*=+$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Outcome:
    """How one stage went; ``closing`` is pytest's last line where the stage ran pytest."""

    name: str
    seconds: float
    passed: bool
    closing: str


def run_stage(
    name: str, commands: Sequence[Sequence[str | Path]], env: Mapping[str, str] | None = None
) -> Outcome:
    """Run the commands of one stage up to the first that fails, showing their output."""
    say(f"\n##### {name}")
    start = time.monotonic()
    passed, closing = True, ""
    for command in commands:
        say("$ " + " ".join(map(str, command)))
        passed, last = _run([str(word) for word in command], {**os.environ, **(env or {})})
        closing = last or closing
        if not passed:
            break
    return Outcome(name, time.monotonic() - start, passed, closing)


def timetable(outcomes: Sequence[Outcome]) -> str:
    """Lay out the stages, their times and how they ended."""
    rows = [
        f"{'ok' if o.passed else 'FAILED':<8}{o.seconds / 60:>7.1f} min  {o.name}" for o in outcomes
    ]
    total = sum(o.seconds for o in outcomes) / 60
    return "\n".join(["", "##### timetable", *rows, f"{'':<8}{total:>7.1f} min  in all"])


def finish(outcomes: Sequence[Outcome]) -> int:
    """Print the timetable and pytest's closing lines; give the exit status."""
    say(timetable(outcomes))
    for outcome in outcomes:
        if outcome.closing:
            say(f"\n{outcome.name}:\n{outcome.closing}")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def tool(name: str) -> Path:
    """Find a command-line tool beside the Python that runs this."""
    return Path(sys.executable).with_name(name)


def say(text: str) -> None:
    print(text, flush=True)


def _run(command: Sequence[str], env: Mapping[str, str]) -> tuple[bool, str]:
    closing = ""
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except OSError as exc:
        say(f"{command[0]}: cannot be run ({exc.strerror}). Is the [test] extra installed?")
        return False, closing
    with process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            bare = COLOURS.sub("", line.rstrip())
            closing = bare if CLOSING_LINE.match(bare) else closing
    return process.returncode == 0, closing
