"""The ways to run a network that ``models.py`` compares, and the process that runs one of them.

As a program it makes one variant ready, says so, and then answers the lines on its standard input:
a number has it score that clip and tell what it took, a path has it write there what it says of all
clips. It is started by ``models.py``, not by hand.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from throughput import peak_memory_mb

WINDOW = 64_600
Score = Callable[[np.ndarray], np.ndarray]
Hear = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Variant:
    """One way to run a network.

    Attributes:
        told: what it is, for the table.
        file: the name of the network's file among those that the benchmark made.
        like: the variant whose arithmetic it has; None where it has its own.
        threads: of each process.
        processes: that each score clips at the same time.
        workers: threads of each process that each score clips at the same time.
        batch: clips in one call.
        precision: for torch.
        is_published: the network as it was read, eagerly: the baseline.
        keeps_memory: of the process.
    """

    told: str
    file: str
    like: str | None = None
    threads: int = 2
    processes: int = 1
    workers: int = 1
    batch: int = 1
    precision: str = "fp32"
    is_published: bool = False
    keeps_memory: bool = True

    @property
    def at_once(self) -> int:
        """Count the clips of one turn."""
        return self.processes * self.workers * self.batch

    def opened(self, folder: Path) -> Score:
        """Make it ready."""
        if self.keeps_memory:
            from earwitness.runtimes.processor import keep_memory

            assert keep_memory(), "memory can be kept with glibc only"
        path = folder / self.file
        if path.suffix == ".onnx":
            from earwitness.runtimes.onnx_runtime import OnnxRuntime

            return OnnxRuntime(path, threads=self.threads).scores
        return self._by_torch(path)

    def _by_torch(self, path: Path) -> Score:
        import torch

        from earwitness.models import checkpoints
        from earwitness.runtimes.torch_runtime import TorchRuntime

        torch.set_num_threads(self.threads)
        network = checkpoints.read(path).network
        if not self.is_published:
            chosen: Any = self.precision
            return TorchRuntime(network, threads=self.threads, precision=chosen).scores

        def eager(rows: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                return network(torch.from_numpy(rows)).numpy()

        return eager

    def hearing(self, folder: Path) -> Hear:
        """Give what tells scores, and the features that enter the back end: (clips, width, ...)."""
        path = folder / self.file
        if path.suffix == ".onnx":
            return _hearing_by_onnx(path)
        import torch

        from earwitness.models import checkpoints
        from earwitness.models.lean.preparing import prepared

        network = checkpoints.read(path).network
        if not self.is_published:
            network = prepared(network, precision="bf16" if self.precision == "bf16" else "fp32")

        def hear(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            with torch.inference_mode():
                features = network.frontend(torch.from_numpy(rows))
                return network.backend(features).numpy(), features.float().numpy()

        return hear


def _hearing_by_onnx(path: Path) -> Hear:
    """Run a copy of the file that gives what goes into the back end, too."""
    import onnx

    from earwitness.runtimes.onnx_runtime import INPUT, open_session

    model = onnx.load(path)
    made = {out for n in model.graph.node if n.name.startswith("/frontend/") for out in n.output}
    behind = (node for node in model.graph.node if node.name.startswith("/backend/"))
    value = next(value for node in behind for value in node.input if value in made)
    model.graph.output.append(onnx.helper.make_tensor_value_info(value, 1, None))
    heard = path.with_name(f"{path.stem}_with_features.onnx")
    onnx.save(model, heard)
    del model
    session = open_session(heard, threads=2)
    heard.unlink()

    def hear(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores, features = session.run({INPUT: rows})
        return scores, features

    return hear


BASELINE = "baseline"
_TWO, _SEVERAL = "the same, one process a core", "the same, two workers of one process"


def _several(name: str, variant: Variant, *kinds: str) -> dict[str, Variant]:
    """Give a variant, and the same arithmetic with several clips at a time."""
    same = replace(variant, like=name)
    all_kinds = {
        "per_core": replace(same, told=_TWO, threads=1, processes=2),
        "workers": replace(same, told=_SEVERAL, threads=1, workers=2),
        "batch": replace(same, told="the same, batches of 4", batch=4),
    }
    return {name: variant, **{f"{name}_{kind}": all_kinds[kind] for kind in kinds}}


def _small(stem: str, *kinds: str) -> dict[str, Variant]:
    """List the variants of a network without large products."""
    published = Variant(
        "as published: torch, eager, fp32", f"{stem}.pth", is_published=True, keeps_memory=False
    )
    lean = Variant("torch, lean twin, fp32", f"{stem}.pth")
    onnx = Variant("ONNX Runtime, fp32", f"{stem}.onnx", keeps_memory=False)
    return {
        BASELINE: published,
        **_several("torch", lean, *(kind for kind in kinds if kind == "workers")),
        **_several("onnx", onnx, *kinds),
    }


def _large(stem: str) -> dict[str, Variant]:
    bf16 = Variant("torch, lean twin, bf16", f"{stem}.pth", precision="bf16")
    int8 = Variant("ONNX Runtime, int8", f"{stem}_int8.onnx", keeps_memory=False)
    return {
        **_small(stem),
        **_several("torch_bf16", bf16, "per_core", "workers", "batch"),
        **_several("onnx_int8", int8, "per_core", "workers"),
    }


NETWORKS = {
    "aasist": _small("AASIST", "per_core", "workers", "batch"),
    "aasist_l": _small("AASIST-L", "per_core"),
    "rawgat_st": _small("RawGAT_ST_mul", "per_core"),
    "xlsr_aasist": _large("xlsr"),
}


def answer(variant: Variant, folder: Path) -> None:
    """Do what the lines that come in say, and tell what it took."""
    score = variant.opened(folder)
    clips = np.load(folder / "clips.npy")
    score(clips[: variant.batch])
    print("ready", flush=True)
    with ThreadPoolExecutor(variant.workers) as pool:
        for line in map(str.strip, sys.stdin):
            if line.isdecimal():
                print(json.dumps(_taken(pool, score, variant, clips, int(line))), flush=True)
                continue
            hear = variant.hearing(folder)
            heard = [hear(clip[None]) for clip in clips]
            scores, features = (np.concatenate(one) for one in zip(*heard, strict=True))
            np.savez(line, scores=scores, features=features)
            print("written", flush=True)


def _taken(
    pool: ThreadPoolExecutor, score: Score, variant: Variant, clips: np.ndarray, number: int
) -> dict[str, float]:
    starts = [number + variant.batch * worker for worker in range(variant.workers)]
    rows = [clips[np.arange(at, at + variant.batch) % len(clips)] for at in starts]
    wall, cpu = time.perf_counter(), time.process_time()
    list(pool.map(score, rows) if len(rows) > 1 else map(score, rows))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall_s": wall, "cpu_s": cpu, "peak_mb": peak_memory_mb()}


if __name__ == "__main__":
    network, name, folder = sys.argv[1:]
    answer(NETWORKS[network][name], Path(folder))
