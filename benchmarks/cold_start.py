"""How long a first answer takes, against importing the two packages that no answer can do without.

Ratio of ``earwitness detect CLIP`` (a new process, one clip of four seconds) to
``python -c "import numpy, onnxruntime"``, run in turn so that both see the same machine; medians.

    python benchmarks/cold_start.py [--runs 15]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from clips import write_clips
from machine import keep

ALLOWED = 4.0
COMMAND = [str(Path(sys.executable).with_name("earwitness"))]
MODULE = [sys.executable, "-m", "earwitness"]


def seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(commands: dict[str, Sequence[str]], runs: int) -> dict[str, list[float]]:
    """Run the commands in turn; the first round warms the file cache and is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for counted in range(runs + 1):
        for name, command in commands.items():
            taken = seconds(command)
            if counted:
                times[name].append(taken)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    earwitness = COMMAND if Path(COMMAND[0]).exists() else MODULE
    with tempfile.TemporaryDirectory() as folder:
        write_clips(Path(folder), 1)
        clip = next(Path(folder).iterdir())
        commands = {
            "imports": [sys.executable, "-c", "import numpy, onnxruntime"],
            "detect": [*earwitness, "detect", str(clip)],
            "help": [*earwitness, "--help"],
        }
        times = measure(commands, runs)
    medians = {name: round(median(taken), 4) for name, taken in times.items()}
    ratio = medians["detect"] / medians["imports"]
    for name, value in medians.items():
        print(f"{name:<10}{value * 1000:8.0f} ms   {value / medians['imports']:5.2f} x imports")
    print(f"detect / imports = {ratio:.2f}; allowed {ALLOWED:.1f}")
    keep("cold_start", {"runs": runs, "median_s": medians, "ratio": round(ratio, 3)})
    sys.exit(ratio > ALLOWED)


if __name__ == "__main__":
    main()
