"""How many clips an hour of a laptop answers: from disk to verdict, with everything in between.

Decoding, resampling, voice activity detection, windows, network and decision, two files at a time,
one thread each; the default detector beside the published AASIST and AASIST-L on the same path.
Each detector runs in a process of its own, so that its peak memory is its own; the rounds go round
the detectors in turn, and medians are reported.

    python benchmarks/throughput.py [--clips 1000] [--rounds 1] [--files FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

WORKERS = 2
DEFAULT = "default"
BESIDE = ("aasist", "aasist_l")
Figures = dict[str, float]


def listen(name: str, folder: Path) -> Figures:
    """Answer every clip of the folder with one detector and tell what it took."""
    import earwitness
    from earwitness.records import Failure

    detector = earwitness.load(None if name == DEFAULT else name, threads=1)
    clips = sorted(folder.iterdir())
    wall, cpu = time.perf_counter(), time.process_time()
    answers = list(detector.detect_many(clips, workers=WORKERS))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    unread = [answer.message for answer in answers if isinstance(answer, Failure)]
    if unread:
        raise SystemExit(f"{len(unread)} clips were not read, the first one: {unread[0]}")
    windows = sum(len(answer.segments) for answer in answers)
    return {
        "clips": len(clips),
        "windows": windows,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "peak_mb": round(peak_memory_mb(), 1),
    }


def peak_memory_mb() -> float:
    """Give the largest resident size of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure(name: str, folder: Path) -> Figures:
    command = [sys.executable, __file__, "--files", str(folder), "--only", name]
    outcome = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if outcome.returncode:
        sys.exit(f"{name}: the run failed, see above.")
    return dict(json.loads(outcome.stdout))


def medians(rounds: list[Figures]) -> Figures:
    return {key: round(median(figures[key] for figures in rounds), 2) for key in rounds[0]}


def show(found: dict[str, Figures]) -> None:
    print(f"{'detector':<12}{'wall s':>8}{'CPU s':>8}{'clips/s':>9}{'peak MB':>9}{'CPU ratio':>11}")
    for name, f in found.items():
        ratio = f["cpu_s"] / found[DEFAULT]["cpu_s"]
        rate = f["clips"] / f["wall_s"]
        row = f"{f['wall_s']:>8.1f}{f['cpu_s']:>8.1f}{rate:>9.1f}{f['peak_mb']:>9.0f}"
        print(f"{name:<12}{row}{ratio:>11.2f}")


def compare(folder: Path, clips: int, rounds: int) -> dict[str, object]:
    """Measure all detectors on the clips of ``folder``, which is filled if it is empty."""
    origin = "given"
    if not any(folder.iterdir()):
        from clips import write_clips

        origin = write_clips(folder, clips)
    names = (DEFAULT, *BESIDE)
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            runs[name].append(measure(name, folder))
    found = {name: medians(figures) for name, figures in runs.items()}
    show(found)
    ratios = {n: round(found[n]["cpu_s"] / found[DEFAULT]["cpu_s"], 3) for n in BESIDE}
    return {
        "clips_from": origin,
        "workers": WORKERS,
        "rounds": rounds,
        "detectors": found,
        "cpu_against_default": ratios,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--files", type=Path, help="a folder of clips; filled if it is empty")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps(listen(asked.only, asked.files)))
        return
    from machine import keep

    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.files or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        keep("throughput", compare(folder, asked.clips, asked.rounds))


if __name__ == "__main__":
    main()
