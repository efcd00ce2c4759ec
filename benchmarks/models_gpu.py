"""Clips a second of XLS-R 300M + AASIST in bf16 on an accelerator, and the fraction of its peak.

The peak is what one product of two large matrices in bfloat16 reaches on the same device; what a
clip (64,600 samples) takes is counted by torch. Weights are random, at full size.

    python benchmarks/models_gpu.py [--device cuda] [--batches 20] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from machine import ROOT, describe, keep
from model_files import write_clips, write_random_xlsr
from torch.utils.flop_counter import FlopCounterMode

from earwitness.models import checkpoints
from earwitness.models.lean.twins import fold_norms, twin
from earwitness.runtimes import Engine
from earwitness.runtimes.torch_runtime import open_checkpoint

SIDE = 8192  # of the matrices of the peak
BATCH = 16


def operations_of_a_clip(weights: Path, clip: np.ndarray) -> int:
    """Count the sums and products of one clip by the network as it was read."""
    network = twin(checkpoints.read(weights).network)
    fold_norms(network)  # torch's counter stumbles over weights that are computed
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.from_numpy(clip[None]))
    return counter.get_total_flops()


def peak(device: str, side: int, turns: int = 20) -> float:
    """Give the operations a second of a product of two large matrices in bfloat16."""
    one = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    one @ one
    wait(device)
    started = time.perf_counter()
    for _ in range(turns):
        one @ one
    wait(device)
    return turns * 2 * side**3 / (time.perf_counter() - started)


def wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def clips_per_second(weights: Path, device: str, clips: np.ndarray, batches: int) -> float:
    runtime = open_checkpoint(weights, Engine(device=device, precision="bf16"))
    rows = np.resize(clips, (BATCH, clips.shape[1]))
    runtime.scores(rows)  # scores come back to the CPU, so nothing is left to wait for
    started = time.perf_counter()
    for _ in range(batches):
        runtime.scores(rows)
    return batches * BATCH / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=["cuda", "mps", "cpu"], default="cuda")
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--side", type=int, default=SIDE, help="of the matrices of the peak")
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "benchmark_models")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    weights = asked.folder / "xlsr.pth"
    if not weights.exists():
        write_random_xlsr(weights)
    write_clips(asked.folder)
    clips = np.load(asked.folder / "clips.npy")
    operations, most = operations_of_a_clip(weights, clips[0]), peak(asked.device, asked.side)
    speed = clips_per_second(weights, asked.device, clips, asked.batches)
    found = {
        "device": torch.cuda.get_device_name() if asked.device == "cuda" else asked.device,
        "batch": BATCH,
        "operations_of_a_clip": operations,
        "peak_operations_per_s": most,
        "clips_per_s": round(speed, 2),
        "fraction_of_peak": round(speed * operations / most, 3),
    }
    print(found)
    if asked.device != "cpu":
        keep("models_gpu", {"machine": describe(), **found})


if __name__ == "__main__":
    main()
