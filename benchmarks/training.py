"""How many clips a second a fine-tuning learns from, beside a plain loop in the published style.

The plain loop is how published scripts train: batch 14, single precision, each clip decoded again
in every step, in one process, eager. Ours is ``earwitness finetune`` on the same network, the same
clips, rows of the same length and as many threads: once in single precision, and once as it comes
("auto", bfloat16 where the machine multiplies in it). Only steps are timed, the first ones left
out; decoding, which ours does once, is timed beside them. Each run is a process of its own, the
rounds go round all of them in turn, and medians are reported: another guest of the machine slows
all of them.

    python benchmarks/training.py [--rounds 5] [--steps 12] [--set runs/standin/for-2seconds]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from clips import CORPUS
from machine import ROOT, keep

BATCH, WARM_UP, EPOCHS = 14, 2, 10
RATE, WEIGHT_DECAY = 1e-6, 1e-4
NETWORKS = {
    "AASIST-L": CORPUS.parent / "golden" / "aasist" / "AASIST-L.pth",
    "tiny XLS-R + AASIST": CORPUS.parent / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth",
    "early Whisper + fine spectrum": Path("embedded"),
}
WAYS = ("plain", "fp32", "auto")
Moments = list[tuple[float, float]]
Figures = dict[str, float]


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def per_step(moments: Moments) -> Figures:
    """Give medians of what a step took, the first ones left out."""
    taken = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(moments)][WARM_UP - 1 :]
    return {"wall_s": median(w for w, _ in taken), "cpu_s": median(c for _, c in taken)}


def trials_of(folder: Path, part: str, count: int) -> list[object]:
    """Take as many clips of both kinds of one part, as ``evaluation.questions`` finds them."""
    from earwitness.evaluation.questions import questions
    from earwitness.records import Label

    found = questions(folder, partition=part).trials
    kinds = [[t for t in found if t.label is label] for label in Label]
    return [trial for pair in zip(*kinds, strict=False) for trial in pair][:count]


def learn_plainly(model: str, trials: Sequence[object], samples: int, steps: int) -> Moments:
    """Train as a published script does: read, tile, stack, forward, backward, step."""
    import numpy as np
    import soundfile
    import torch
    from torch.utils.data import DataLoader, Dataset

    from earwitness.records import Label
    from earwitness.training.learner import open_learner
    from earwitness.training.outputs import outputs_of

    class Clips(Dataset):
        def __len__(self) -> int:
            return len(trials)

        def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
            sound, _ = soundfile.read(trials[number].path, dtype="float32")
            label = int(trials[number].label is Label.BONA_FIDE)
            return torch.from_numpy(np.resize(sound, samples)), label

    network = open_learner(model).network.train()
    criterion = torch.nn.CrossEntropyLoss()
    adam = torch.optim.Adam(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    moments: Moments = []
    for batch, labels in DataLoader(Clips(), batch_size=BATCH, shuffle=True, drop_last=True):
        adam.zero_grad()
        loss = criterion(outputs_of(network, batch).logits, labels)
        loss.backward()
        adam.step()
        loss.item()  # for the running loss that such scripts print
        moments.append(now())
        if len(moments) == steps:
            break
    return moments


def learn_by_ours(
    model: str, precision: str, trials: Sequence[object], dev: Sequence[object], length_s: float
) -> Moments:
    """Fine-tune one epoch as the command does, and look at the clock after each step."""
    import torch

    from earwitness.config import settings
    from earwitness.training.finetuning import Job, finetune
    from earwitness.training.recipes import FinetuneSettings

    told = {
        "name": "benchmark", "epochs": 1, "precision": precision,
        "data": {"batch": BATCH, "length_s": length_s},
        "optimiser": {"rate": RATE, "weight_decay": WEIGHT_DECAY},
    }  # fmt: skip
    recipe = settings(FinetuneSettings, told, where="benchmark")
    moments: Moments = []
    with tempfile.TemporaryDirectory() as scratch:
        job = Job(
            model, recipe, trials, dev, out=Path(scratch) / "run",
            threads=torch.get_num_threads(), every_epoch=False, allow_overlap=True,
            on_step=lambda _told: moments.append(now()),
        )  # fmt: skip
        finetune(job)
    return moments


def decode_s(trials: Sequence[object]) -> float:
    """Time how long it takes to decode a clip into the cache, once."""
    from earwitness.training.listening import Cache, read_sounds

    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        read_sounds(trials, Cache(Path(scratch), 16_000))
        return (time.perf_counter() - began) / len(trials)


def measure_here(network: str, way: str, asked: argparse.Namespace) -> Figures:
    """Measure one way to train one network, in this process."""
    import torch

    from earwitness.runtimes.processor import keep_memory

    torch.set_num_threads(asked.threads)
    trials = trials_of(asked.set, "train", BATCH * asked.steps)
    if len(trials) < BATCH * asked.steps:
        sys.exit(f"{asked.set}: holds {len(trials)} clips, {BATCH * asked.steps} are needed.")
    model = str(NETWORKS[network])
    if way == "plain":
        samples = round(asked.length_s * 16_000)
        return per_step(learn_plainly(model, trials, samples, asked.steps))
    keep_memory()  # as the command does
    dev = trials_of(asked.set, "dev", 4)
    figures = per_step(learn_by_ours(model, way, trials, dev, asked.length_s))
    return figures | {"decode_s": decode_s(trials)}


def measure(network: str, way: str, asked: argparse.Namespace) -> Figures:
    """Measure it in a process of its own."""
    command = [
        sys.executable, __file__, "--only", network, way, "--set", str(asked.set),
        "--steps", str(asked.steps), "--length-s", str(asked.length_s),
        "--threads", str(asked.threads),
    ]  # fmt: skip
    outcome = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if outcome.returncode:
        sys.exit(f"{network}, {way}: the run failed, see above.")
    return dict(json.loads(outcome.stdout.splitlines()[-1]))


def summed_up(rounds: dict[str, list[Figures]]) -> dict[str, object]:
    """Turn what was measured into medians, rates, and ratios of each round to its plain run."""

    def middle(way: str, key: str, by: Callable[[float], float] = float) -> float:
        return round(by(median(figures[key] for figures in rounds[way])), 4)

    def ratio(way: str, key: str) -> float:
        pairs = zip(rounds["plain"], rounds[way], strict=True)
        return round(median(plain[key] / ours[key] for plain, ours in pairs), 3)

    def spread(way: str, key: str) -> list[float]:
        pairs = zip(rounds["plain"], rounds[way], strict=True)
        ratios = [plain[key] / ours[key] for plain, ours in pairs]
        return [round(min(ratios), 3), round(max(ratios), 3)]

    ways = {
        way: {
            "step_wall_s": middle(way, "wall_s"),
            "step_cpu_s": middle(way, "cpu_s"),
            "clips_per_s": middle(way, "wall_s", lambda s: BATCH / s),
        }
        for way in WAYS
    }
    ours = [way for way in WAYS if way != "plain"]
    return {
        "ways": ways,
        "decode_once_s_per_clip": middle("auto", "decode_s"),
        "throughput_ratio": {way: ratio(way, "wall_s") for way in ours},
        "throughput_ratio_lowest_highest": {way: spread(way, "wall_s") for way in ours},
        "cpu_ratio": {way: ratio(way, "cpu_s") for way in ours},
    }


def compare(asked: argparse.Namespace) -> dict[str, object]:
    """Go round all networks and ways in turn, and sum up."""
    from earwitness.runtimes.processor import has_bf16

    runs: dict[str, dict[str, list[Figures]]] = {
        network: {way: [] for way in WAYS} for network in asked.networks
    }
    for number in range(asked.rounds):
        for network in asked.networks:
            for way in WAYS:
                runs[network][way].append(measure(network, way, asked))
        print(f"round {number + 1} of {asked.rounds} is done", file=sys.stderr)
    found = {network: summed_up(rounds) for network, rounds in runs.items()}
    show(found)
    return {
        "batch": BATCH,
        "length_s": asked.length_s,
        "steps": asked.steps,
        "left_out": WARM_UP,
        "rounds": asked.rounds,
        "threads": asked.threads,
        "auto_is": "bf16" if has_bf16() else "fp32",
        "networks": found,
    }


def show(found: dict[str, dict[str, object]]) -> None:
    print(f"{'network':<32}{'way':<8}{'clips/s':>9}{'wall':>8}{'CPU':>8}{'ratio':>8}")
    for network, sums in found.items():
        for way, f in sums["ways"].items():
            ratio = sums["throughput_ratio"].get(way, 1.0)
            row = f"{f['clips_per_s']:>9.1f}{f['step_wall_s']:>7.2f}s{f['step_cpu_s']:>7.2f}s"
            print(f"{network:<32}{way:<8}{row}{ratio:>8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--length-s", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", type=Path, default=ROOT / "runs" / "standin" / "for-2seconds")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.set.is_dir():
        sys.exit(f"{asked.set}: is not there. scripts/make_for_standin draws it from the corpus.")
    if asked.only:
        print(json.dumps(measure_here(*asked.only, asked)))
        return
    keep("training", compare(asked))


if __name__ == "__main__":
    main()
