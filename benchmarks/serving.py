"""What a server costs beside the plain library call: 64 clients at once, clips of mixed lengths.

First the library answers the clips from disk, as many at a time as the server has workers; then a
server of its own process is asked for the same clips by 64 clients over loopback, for a minute.
Refusals (429) are waited out as the server says; any other refusal counts as an error. Clips a
second and seconds of the processor a clip are compared; the latter mind other guests of the machine
less. The server's memory is looked at ten times.

    python benchmarks/serving.py [--clients 64] [--seconds 60] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
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
TENTHS = 10


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


@dataclass
class Plain:
    """What the plain call took: clips, seconds by the clock, and seconds of the processor."""

    clips: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def by_library(paths: list[Path], workers: int, seconds: float, took: Plain) -> None:
    """Answer clips by the plain call, with as many threads as the server has workers."""
    import earwitness

    detector = earwitness.load()
    wall, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        took.clips += sum(1 for _ in detector.detect_many(paths, workers=workers))
    took.wall_s += time.perf_counter() - wall
    took.cpu_s += time.process_time() - cpu


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


def cpu_seconds(pid: int) -> float:
    """Give what a process took so far, to start; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def by_server(paths: list[Path], asked: argparse.Namespace) -> dict[str, object]:
    """Start a server, let the clients ask, and tell what they saw."""
    command = [sys.executable, "-m", "earwitness", "serve", "--port", "0", "--no-page", "--json"]
    command += ["--rate", "0", "--workers", str(asked.workers), "--quiet"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = json.loads(server.stdout.readline())["url"]
    start_cpu_s = cpu_seconds(server.pid)
    clips = [(path.name, path.read_bytes()) for path in paths]
    seen, until = Seen(), time.monotonic() + asked.seconds
    people = [
        threading.Thread(target=client, args=(url, clips, seed, until, seen))
        for seed in range(asked.clients)
    ]
    for one in people:
        one.start()
    memory_mb = []
    for _ in range(TENTHS):
        time.sleep(asked.seconds / TENTHS)
        memory_mb.append(round(resident_mb(url), 1))
    for one in people:
        one.join()
    server.terminate()
    exit_code = server.wait(60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # with the processes that decoded
    cpu_s = after.ru_utime + after.ru_stime - start_cpu_s
    twentieths = quantiles(seen.latencies_s, n=20)
    return {
        "cpu_s_a_clip": round(cpu_s / len(seen.latencies_s), 4),
        "clips_per_s": round(len(seen.latencies_s) / asked.seconds, 2),
        "statuses": dict(seen.statuses),
        "p50_s": round(median(seen.latencies_s), 3),
        "p95_s": round(twentieths[-1], 3),
        "memory_mb": memory_mb,
        "exit_code": exit_code,
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
        took = Plain()  # before and after, for other guests of the machine come and go
        by_library(paths, asked.workers, asked.seconds / 3, took)
        served = by_server(paths, asked)
        by_library(paths, asked.workers, asked.seconds / 3, took)
    library = {
        "clips_per_s": round(took.clips / took.wall_s, 2),
        "cpu_s_a_clip": round(took.cpu_s / took.clips, 4),
    }
    ratios = {key: round(float(str(served[key])) / library[key], 3) for key in library}
    print(json.dumps({"library": library, "server": served, "ratios": ratios}))
    keep(
        "serving",
        {
            "clients": asked.clients,
            "seconds": asked.seconds,
            "workers": asked.workers,
            "clip_lengths_s": LENGTHS_S,
            "library": library,
            "server": served,
            "server_against_library": ratios,
        },
    )


if __name__ == "__main__":
    main()
