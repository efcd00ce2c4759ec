"""Whether ten hours need no more memory than ten minutes.

Writes telephone speech (8 kHz, mu-law) of both lengths, made of the examples again and again, and
asks about each in a process of its own. The ratio of the two peaks is the figure; the peak of the
long one is allowed 600 MB.

    python benchmarks/long_recording.py [--hours 10] [--model NAME] [--threads 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soundfile
from clips import example_pieces
from machine import keep
from throughput import peak_memory_mb

ALLOWED_MB = 600.0
SHORT_S = 600.0
RATE = 8000


def listen(path: Path, model: str | None, threads: int) -> dict[str, object]:
    """Ask about one recording and tell what it took."""
    import earwitness

    start = time.perf_counter()
    verdict = earwitness.load(model, threads=threads).detect(path)
    return {
        "recording_s": round(verdict.facts.duration_s),
        "speech_s": round(verdict.speech_s),
        "windows": len(verdict.segments),
        "answer": str(verdict.answer),
        "stretches": len(verdict.stretches),
        "wall_s": round(time.perf_counter() - start, 1),
        "peak_mb": round(peak_memory_mb(), 1),
    }


def write_recording(path: Path, seconds: float) -> None:
    """Write bona fide and spoofed examples in turn, at telephone rate."""
    pieces = [at_telephone_rate(*piece) for piece in islice(example_pieces(), 40)]
    left = round(seconds * RATE)
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="ULAW", format="WAV") as file:
        for piece in cycle(pieces):
            file.write(piece[:left])
            left -= len(piece)
            if left <= 0:
                return


def at_telephone_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    import soxr

    return soxr.resample(samples, rate, RATE)


def measure(path: Path, asked: argparse.Namespace) -> dict[str, object]:
    command = [sys.executable, __file__, "--file", str(path), "--threads", str(asked.threads)]
    command += ["--model", asked.model] if asked.model else []
    outcome = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if outcome.returncode:
        sys.exit("The run failed, see above.")
    return dict(json.loads(outcome.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.file:
        print(json.dumps(listen(asked.file, asked.model, asked.threads)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, seconds in (("short", SHORT_S), ("long", asked.hours * 3600)):
            path = Path(folder) / f"{name}.wav"
            write_recording(path, seconds)
            found[name] = measure(path, asked)
            print(name, found[name], file=sys.stderr)
    ratio = float(found["long"]["peak_mb"]) / float(found["short"]["peak_mb"])
    print(f"peak of the long one / of ten minutes = {ratio:.2f}")
    keep("long_recording", {**found, "peak_ratio": round(ratio, 3), "allowed_mb": ALLOWED_MB})
    sys.exit(float(found["long"]["peak_mb"]) > ALLOWED_MB)


if __name__ == "__main__":
    main()
