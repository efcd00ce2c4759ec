"""What a server costs beside the plain library call: 64 clients at once, clips of mixed lengths.

First the library answers the clips from disk, as many at a time as the server has workers; then a
server of its own process is asked for the same clips by 64 clients over loopback, for a minute.
Refusals (429) are waited out as the server says; any other refusal counts as an error. Clips a
second are compared, and the server's memory after the first tenth with the one at the end.

    python benchmarks/serving.py [--clients 64] [--seconds 60] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import httpx
import soundfile
from clips import EXAMPLES

LENGTHS_S = (1.5, 4.0, 8.0, 20.0)
CLIPS = 40
LONGEST_WAIT_S = 2.0


@dataclass
class Seen:
    """What all clients saw."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    waits: int = 0


def write_clips(folder: Path) -> list[Path]:
    """Cut the spoken examples to mixed lengths, FLAC and WAV in turn."""
    spoken = [p for p in sorted(EXAMPLES.glob("*.[wf][al]*")) if p.name != "silence.wav"]
    paths = []
    for number in range(CLIPS):
        samples, rate = soundfile.read(spoken[number % len(spoken)], dtype="int16")
        mono = samples if samples.ndim == 1 else samples[:, 0]
        wanted = int(LENGTHS_S[number % len(LENGTHS_S)] * rate)
        path = folder / f"clip_{number:02d}.{('wav', 'flac')[number % 2]}"
        soundfile.write(path, mono.repeat(1 + wanted // len(mono))[:wanted], rate)
        paths.append(path)
    return paths


def by_library(paths: list[Path], workers: int, seconds: float) -> float:
    """Give clips a second of the plain call, with as many threads as the server has workers."""
    import earwitness

    detector = earwitness.load()
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        done += sum(1 for _ in detector.detect_many(paths, workers=workers))
    return done / (time.perf_counter() - began)


def client(url: str, clips: list[tuple[str, bytes]], seed: int, until: float, seen: Seen) -> None:
    """Ask for one clip after the other until it is time."""
    rng = random.Random(seed)
    with httpx.Client(base_url=url, timeout=120) as http:
        while time.monotonic() < until:
            name, data = rng.choice(clips)
            began = time.monotonic()
            status, wait_s = ask(http, name, data)
            with seen.lock:
                seen.statuses[status] += 1
                if status == "200":
                    seen.latencies_s.append(time.monotonic() - began)
                seen.waits += status == "429"
            time.sleep(min(wait_s, LONGEST_WAIT_S, max(0.0, until - time.monotonic())))


def ask(http: httpx.Client, name: str, data: bytes) -> tuple[str, float]:
    """Give the status, and how long the server wants to be left alone."""
    try:
        answer = http.post("/v1/detect", files={"file": (name, data)})
    except httpx.HTTPError as error:
        return type(error).__name__, 0.0
    return str(answer.status_code), float(answer.headers.get("Retry-After", 0))


def resident_mb(url: str) -> float:
    text = httpx.get(f"{url}/metrics").text
    line = next(x for x in text.splitlines() if x.startswith("earwitness_resident_bytes "))
    return float(line.split()[1]) / 2**20


def by_server(paths: list[Path], asked: argparse.Namespace) -> dict[str, object]:
    """Start a server, let the clients ask, and tell what they saw."""
    command = [sys.executable, "-m", "earwitness", "serve", "--port", "0", "--no-page", "--json"]
    command += ["--rate", "0", "--workers", str(asked.workers), "--quiet"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = json.loads(server.stdout.readline())["url"]
    clips = [(path.name, path.read_bytes()) for path in paths]
    seen, until = Seen(), time.monotonic() + asked.seconds
    people = [
        threading.Thread(target=client, args=(url, clips, seed, until, seen))
        for seed in range(asked.clients)
    ]
    for one in people:
        one.start()
    time.sleep(asked.seconds / 10)
    early_mb = resident_mb(url)
    for one in people:
        one.join()
    late_mb = resident_mb(url)
    server.terminate()
    twentieths = quantiles(seen.latencies_s, n=20)
    return {
        "clips_per_s": round(len(seen.latencies_s) / asked.seconds, 2),
        "statuses": dict(seen.statuses),
        "p50_s": round(median(seen.latencies_s), 3),
        "p95_s": round(twentieths[-1], 3),
        "memory_early_mb": round(early_mb, 1),
        "memory_late_mb": round(late_mb, 1),
        "exit_code": server.wait(60),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    from machine import keep

    with tempfile.TemporaryDirectory() as scratch:
        paths = write_clips(Path(scratch))
        before = by_library(paths, asked.workers, asked.seconds / 3)
        served = by_server(paths, asked)
        after = by_library(paths, asked.workers, asked.seconds / 3)
    library = (before + after) / 2  # other guests of the machine come and go
    ratio = float(str(served["clips_per_s"])) / library
    print(
        json.dumps({"library_clips_per_s": round(library, 2), "ratio": round(ratio, 3), **served})
    )
    keep(
        "serving",
        {
            "clients": asked.clients,
            "seconds": asked.seconds,
            "workers": asked.workers,
            "clip_lengths_s": LENGTHS_S,
            "library_clips_per_s": round(library, 2),
            "server": served,
            "server_against_library": round(ratio, 3),
        },
    )


if __name__ == "__main__":
    main()
