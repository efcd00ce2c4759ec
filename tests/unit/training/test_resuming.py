"""A fine-tuning that was killed, and started again with the same words, ends as if it never was."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

import finetuned_runs
from earwitness.runtimes import Engine
from earwitness.runtimes.opening import open_model

pytestmark = [pytest.mark.torch, pytest.mark.train]

PROGRAM = Path(finetuned_runs.__file__)
RECIPE: dict[str, Any] = {
    "epochs": 3,
    "dropout": 0.2,
    "data": {"batch": 4, "length_s": 0.5, "augmented_share": 0.5},
    "optimiser": {"rate": 2e-3, "schedule": "cosine", "warm_up_share": 0.1, "clip_norm": 1.0,
                  "accumulate": 2},
    "keep": [{"name": "replay", "share": 0.25}, {"name": "l2_sp", "strength": 0.01}],
    "augmentation": [{"name": "noise", "share": 0.5}, {"name": "rawboost", "share": 0.5}],
}  # fmt: skip


def started(told: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), json.dumps(told)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def killed_after(told: dict[str, Any], steps: int) -> int:
    """Start a run, kill it after so many steps, and say how many it did; fewer, if it ended."""
    run = started(told)
    assert run.stdout is not None
    done = 0
    for line in run.stdout:
        done += line.startswith("step")
        if done == steps:
            run.kill()
            break
    run.wait()
    run.stdout.close()
    return done


def moved(one: Path, other: Path) -> float:
    """Say how far weights are apart, as a share of what they are."""
    first, second = load_file(one), load_file(other)
    apart = sum(float((first[name] - second[name]).double().square().sum()) for name in first)
    whole = sum(float(first[name].double().square().sum()) for name in first)
    return (apart / whole) ** 0.5


@pytest.mark.slow
def test_killed_three_times_at_random_steps_it_ends_with_the_very_weights(tmp_path: Path) -> None:
    folder = finetuned_runs.made_folders(tmp_path / "sounds", train=40, keep=12)
    model = finetuned_runs.tiny_detector(tmp_path / "start.safetensors")
    told = {"folder": str(folder), "model": str(model), "recipe": RECIPE, "save_every": 2}
    whole = {**told, "out": str(tmp_path / "whole"), "workers": 0}
    steps = killed_after(whole, 10**6)
    assert steps == 3 * 6  # six rows of eight are new: 40 clips make six steps

    stopped = {**told, "out": str(tmp_path / "stopped"), "workers": 1}
    rng = random.Random(7)
    for _ in range(3):
        assert killed_after(stopped, rng.randrange(2, 8)) >= 2
        assert not (tmp_path / "stopped" / "finished.json").exists()
        state = tmp_path / "stopped" / "checkpoints" / "last.ckpt"
        assert open_model(state, Engine()).card.parameters > 0, "what a run goes on from"
    killed_after(stopped, 10**6)
    assert not state.exists(), "and a run that is done needs no more"

    for name in ("best", "last", "epoch-01", "epoch-02", "epoch-03"):
        files = [tmp_path / run / "checkpoints" / f"{name}.safetensors" for run in
                 ("whole", "stopped")]  # fmt: skip
        assert files[0].read_bytes() == files[1].read_bytes(), name
    for name in ("losses/metrics.csv", "finished.json"):
        assert (tmp_path / "whole" / name).read_text() == (tmp_path / "stopped" / name).read_text()
    assert moved(model, tmp_path / "whole" / "checkpoints" / "last.safetensors") > 1e-2
