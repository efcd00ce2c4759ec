"""How fast published networks run, and how much memory they take, by each way to run them.

A clip is one window of 64,600 samples (4.04 s). Each variant is alternated with the baseline: the
network as published, in eager PyTorch and fp32, ``inference_mode``, one clip at a time, two
threads, the allocator as it is. All run in processes of their own, so that memory is their own;
medians are reported. What a variant does to scores and features is measured on 20 real clips.

AASIST, AASIST-L and RawGAT-ST have their published weights. XLS-R 300M + AASIST has full size and
random weights, drawn as transformers and torch draw them for training: the published ones cannot be
had here. Time and memory do not depend on the values; what rounding does to features does.

Run it on an idle machine: eight minutes, 13 GB of memory, 3 GB of disk. Stopped, it goes on with
the same command; ``--fresh`` begins again.

    python benchmarks/models.py [--rounds 20] [--network NAME] [--folder FOLDER] [--fresh]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import IO, Any

import numpy as np
from machine import PACKAGES, RESULTS, ROOT, describe, installed, keep
from model_files import CLIPS, write_clips
from model_variants import BASELINE, NETWORKS

HERE = Path(__file__).parent
TOGETHER = 4  # variants that share the turns of one baseline
PAUSE_S = 0.02  # threads that wait for more work by spinning have given up by then
Figures = dict[str, float]


class Running:
    """Processes that are ready to run a variant, and score clips when they are told to."""

    def __init__(self, network: str, name: str, folder: Path) -> None:
        self.variant = NETWORKS[network][name]
        command = [sys.executable, str(HERE / "model_variants.py"), network, name, str(folder)]
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.variant.threads)}
        self.processes = [
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for _ in range(self.variant.processes)
        ]
        for _, out in self._pipes():
            if out.readline() != "ready\n":
                self.stop()
                raise SystemExit(f"{network}, {name}: did not start, see above.")

    def turn(self, number: int) -> Figures:
        """Score clips by each worker of each process at once; gives seconds a clip."""
        for to, _ in self._pipes():
            to.write(f"{number}\n")
            to.flush()
        taken = [json.loads(out.readline()) for _, out in self._pipes()]
        return {
            "wall_s": max(one["wall_s"] for one in taken) / self.variant.at_once,
            "cpu_s": sum(one["cpu_s"] for one in taken) / self.variant.at_once,
            "peak_mb": sum(one["peak_mb"] for one in taken),
        }

    def outputs(self, path: Path) -> dict[str, np.ndarray]:
        """Tell what it says of every clip; its memory is not what it was after that."""
        to, out = next(self._pipes())
        to.write(f"{path}\n")
        to.flush()
        if out.readline() != "written\n":
            raise SystemExit(f"{self.variant.told}: did not say what it heard, see above.")
        with np.load(path) as stored:
            return dict(stored)

    def stop(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _pipes(self) -> Iterator[tuple[IO[str], IO[str]]]:
        for process in self.processes:
            assert process.stdin is not None
            assert process.stdout is not None
            yield process.stdin, process.stdout


@contextmanager
def running(network: str, name: str, folder: Path) -> Iterator[Running]:
    started = Running(network, name, folder)
    try:
        yield started
    finally:
        started.stop()


class Done:
    """What was measured before, in a file that grows by a variant at a time."""

    def __init__(self, path: Path, asked: dict[str, Any]) -> None:
        self.path = path
        stored = json.loads(path.read_text()) if path.exists() else {}
        self.networks = stored.get("networks", {}) if stored.get("asked") == asked else {}
        self.asked = asked

    def missing(self, network: str) -> list[str]:
        """Name the variants that are to be measured yet."""
        measured = self.networks.get(network, {})
        return [name for name in NETWORKS[network] if name not in measured and name != BASELINE]

    def add(self, network: str, found: dict[str, Any]) -> None:
        """Keep what was found of some variants."""
        self.networks.setdefault(network, {}).update(found)
        self.path.write_text(json.dumps({"asked": self.asked, "networks": self.networks}))


def measure(network: str, folder: Path, done: Done, rounds: int) -> None:
    """Measure what is missing of a network, a few variants at a time."""
    missing = iter(done.missing(network))
    group = list(islice(missing, TOGETHER))
    if not group:
        return
    subprocess.run([sys.executable, str(HERE / "model_files.py"), network, str(folder)], check=True)
    with running(network, BASELINE, folder) as baseline:
        while group:
            done.add(network, compared(network, group, baseline, folder, rounds))
            group = list(islice(missing, TOGETHER))


def compared(
    network: str, names: Sequence[str], baseline: Running, folder: Path, rounds: int
) -> dict[str, Any]:
    """Run the baseline and some variants in turn, and compare what they say."""
    expected = expected_outputs(network, folder)
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        each = {name: stack.enter_context(running(network, name, folder)) for name in names}
        before = os.getloadavg()[0]
        taken = alternated({BASELINE: baseline, **each}, rounds)
        load = [round(before, 1), round(os.getloadavg()[0], 1)]
        base = summary(taken[BASELINE])
        for run in each.values():
            if run.variant.like is not None:
                run.stop()  # its memory is needed for a second copy of what says its outputs
        for name, run in each.items():
            own = summary(taken[name])
            found[name] = {**described(run), **own, "baseline": base, **ratios(own, base)}
            found[name]["load"] = load
            if run.variant.like is None:
                outputs = run.outputs(folder / "outputs.npz")
                found[name]["apart"] = apart(outputs, expected)
            show(network, found[name])
    return found


def alternated(each: dict[str, Running], rounds: int) -> dict[str, list[Figures]]:
    taken: dict[str, list[Figures]] = {name: [] for name in each}
    for number in range(rounds):
        for name, one in each.items():
            time.sleep(PAUSE_S)
            taken[name].append(one.turn(number))
    return taken


def expected_outputs(network: str, folder: Path) -> dict[str, np.ndarray]:
    """Give what the baseline says, by a process of its own; its turns are to stay as they are."""
    path = folder / f"{network}_expected.npz"
    if not path.exists():
        with running(network, BASELINE, folder) as baseline:
            baseline.outputs(path)
    with np.load(path) as stored:
        return dict(stored)


def described(run: Running) -> dict[str, Any]:
    names = ("told", "like", "threads", "processes", "workers", "batch")
    return {name: getattr(run.variant, name) for name in names}


def summary(rounds: Sequence[Figures]) -> dict[str, Any]:
    figures: dict[str, Any] = {
        key: round(median(one[key] for one in rounds), 4) for key in ("wall_s", "cpu_s")
    }
    figures["best_wall_s"] = round(min(one["wall_s"] for one in rounds), 4)
    figures["peak_mb"] = round(max(one["peak_mb"] for one in rounds))
    return figures


def ratios(own: dict[str, Any], base: dict[str, Any]) -> dict[str, float]:
    return {f"times_{kind}": round(base[f"{kind}_s"] / own[f"{kind}_s"], 2)
            for kind in ("wall", "cpu")}  # fmt: skip


def apart(outputs: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> dict[str, float]:
    """Say how far scores and features are from the baseline's."""
    distances = np.abs(outputs["scores"] - expected["scores"])
    cosines = frame_cosines(outputs["features"], expected["features"])
    return {
        "score_max": float(distances.max()),
        "score_median": float(np.median(distances)),
        "scores_deviation": float(expected["scores"].std()),
        "cosine_min": round(float(cosines.min()), 6),
        "cosine_median": round(float(np.median(cosines)), 6),
    }


def frame_cosines(features: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Compare (clips, width, ..., frames) frame by frame; frames of silence have none.

    An ONNX file may have dropped the turn to (width, frames), for the back end turns it back.
    """
    if features.shape != expected.shape:
        features = features.swapaxes(1, 2)
    ours, theirs = (
        x.reshape(len(x), -1, x.shape[-1]).astype(np.float64) for x in (features, expected)
    )
    products = (ours * theirs).sum(axis=1)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines: np.ndarray = products[lengths > 0] / lengths[lengths > 0]
    return cosines


def show(network: str, f: dict[str, Any]) -> None:
    said = f.get("apart")
    told = f"apart {said['score_max']:.1e}, cosine {said['cosine_min']:.5f}" if said else ""
    print(
        f"{network:<12} {f['told']:<37} {f['wall_s']:7.3f} s ({f['cpu_s']:.3f} CPU), baseline "
        f"{f['baseline']['wall_s']:.3f} ({f['baseline']['cpu_s']:.3f}): {f['times_wall']:.2f} x "
        f"({f['times_cpu']:.2f}), {f['peak_mb']} MB, load {f['load'][1]} {told}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--network", choices=NETWORKS, help="only this one; kept beside the others")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "runs" / "benchmark_models", help="for 3 GB of files"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    asked = parser.parse_args()
    folder, names = asked.folder, [asked.network] if asked.network else list(NETWORKS)
    if asked.fresh:
        forget(folder)
    folder.mkdir(parents=True, exist_ok=True)
    origin = write_clips(folder)
    done = Done(folder / "done.json", {"rounds": asked.rounds, "clips_from": origin})
    for name in names:
        measure(name, folder, done, asked.rounds)
    write(done, names)


def forget(folder: Path) -> None:
    """Remove what this benchmark wrote, and nothing else that may lie there."""
    for ending in ("pth", "onnx", "npz", "npy", "json", "unfinished"):
        for path in folder.glob(f"*.{ending}"):
            path.unlink()


def write(done: Done, names: Sequence[str]) -> None:
    """Put what was measured in the place of what was known of these networks."""
    kept = RESULTS / "models.json"
    known = json.loads(kept.read_text())["networks"] if kept.exists() else {}
    measured = {name: done.networks[name] for name in names}
    packages = {name: installed(name) for name in (*PACKAGES, "torch", "transformers", "onnx")}
    machine = {**describe(), "packages": packages}
    order = {**known, **measured}
    networks = {name: order[name] for name in NETWORKS if name in order}
    keep("models", {"machine": machine, "clips": CLIPS, **done.asked, "networks": networks})


if __name__ == "__main__":
    main()
