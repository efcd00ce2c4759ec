"""What 1,000 bootstrap replicates of six metrics cost, against one EER as ASVspoof computes it.

600,000 made-up trials, a fifth of them bona fide, no two scores alike: drawn as single trials, and
as speakers of very different sizes. The baseline runs before, between and after, so that both see
the same machine; its median is the unit. CPU time decides (150 units are allowed, and 4 GB), for a
busy machine stretches the clock of one more than that of the other; the clock is kept beside it.

    python benchmarks/bootstrap.py [--trials 600000] [--rounds 1000]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median

import numpy as np
from machine import keep
from throughput import peak_memory_mb

from earwitness.metrics.dcf import Costs
from earwitness.metrics.intervals import Interval
from earwitness.metrics.replicates import resample

ALLOWED = 150.0
ALLOWED_MB = 4096.0
METRICS = ("eer", "auc", "min_dcf", "act_dcf", "cllr", "min_cllr")
SPEAKERS = 2000
BASELINE_RUNS = 7


def baseline_eer(bona_fide: np.ndarray, spoof: np.ndarray) -> float:
    """Compute an EER by the steps of the ASVspoof packages: sort all, sum up, take the nearest."""
    scores = np.concatenate([bona_fide, spoof])
    labels = np.concatenate([np.ones(bona_fide.size), np.zeros(spoof.size)])
    labels = labels[np.argsort(scores, kind="stable")]
    rejected = np.cumsum(labels)
    passed = spoof.size - (np.arange(1, scores.size + 1) - rejected)
    miss = np.concatenate([[0.0], rejected / bona_fide.size])
    false_alarm = np.concatenate([[1.0], passed / spoof.size])
    nearest = np.argmin(np.abs(miss - false_alarm))
    return float((miss[nearest] + false_alarm[nearest]) / 2)


def made_up(trials: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Draw scores, key and speakers, the largest of whom has a quarter of all trials."""
    rng = np.random.default_rng(2019)
    key = rng.random(trials) < 0.2
    speakers = [f"speaker {number}" for number in rng.zipf(1.3, trials) % SPEAKERS]
    return rng.standard_normal(trials) + 3.0 * key - 1.5, key, speakers


@dataclass(frozen=True)
class Cost:
    """What something took: by the clock, and of all cores together."""

    wall_s: float
    cpu_s: float


def cost_of(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def costs_of_baseline(scores: np.ndarray, key: np.ndarray) -> list[Cost]:
    bona_fide, spoof = scores[key], scores[~key]
    return [cost_of(lambda: baseline_eer(bona_fide, spoof)) for _ in range(BASELINE_RUNS)]


def intervals(
    scores: np.ndarray, key: np.ndarray, speakers: list[str] | None, rounds: int
) -> dict[str, Interval]:
    return resample(
        *(scores, key, speakers),
        metrics=METRICS,
        costs=Costs(),
        threshold=None,
        rng=np.random.default_rng(1),
        rounds=rounds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=1000)
    asked = parser.parse_args()
    scores, key, speakers = made_up(asked.trials)
    costs_of_baseline(scores, key)  # warms up
    units, taken = costs_of_baseline(scores, key), {}
    for name, clusters in (("single_trials", None), ("speakers", speakers)):
        taken[name] = cost_of(partial(intervals, scores, key, clusters, asked.rounds))
        units += costs_of_baseline(scores, key)
    unit = Cost(median(one.wall_s for one in units), median(one.cpu_s for one in units))
    cpu = {name: round(cost.cpu_s / unit.cpu_s, 1) for name, cost in taken.items()}
    wall = {name: round(cost.wall_s / unit.wall_s, 1) for name, cost in taken.items()}
    peak = peak_memory_mb()
    print(f"baseline EER: {unit.cpu_s * 1000:.0f} ms CPU, {unit.wall_s * 1000:.0f} ms wall")
    for name, cost in taken.items():
        print(
            f"{name:<14}{cost.cpu_s:6.1f} s CPU = {cpu[name]:.0f} x the baseline, "
            f"{cost.wall_s:.1f} s wall = {wall[name]:.0f} x; allowed {ALLOWED:.0f}"
        )
    print(f"peak {peak:.0f} MB; allowed {ALLOWED_MB:.0f}")
    keep(
        "bootstrap",
        {
            "trials": asked.trials,
            "rounds": asked.rounds,
            "metrics": list(METRICS),
            "speakers": len(set(speakers)),
            "largest_speaker": max(np.unique(speakers, return_counts=True)[1].tolist()),
            "baseline": asdict(unit),
            "taken": {name: asdict(cost) for name, cost in taken.items()},
            "ratio_cpu": cpu,
            "ratio_wall": wall,
            "peak_mb": round(peak),
        },
    )
    sys.exit(max(cpu.values()) > ALLOWED or peak > ALLOWED_MB)


if __name__ == "__main__":
    main()
