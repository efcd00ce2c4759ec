"""Two processes equal one with twice the batch; two that read the same data do not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

import finetuned_runs

pytestmark = [pytest.mark.torch, pytest.mark.train, pytest.mark.slow]

PROGRAM = Path(finetuned_runs.__file__)
RECIPE: dict[str, Any] = {
    "epochs": 2,
    "precision": "fp64",
    "dropout": 0.0,
    "norms": "frozen",
    "data": {"batch": 4, "length_s": 0.4},
    "optimiser": {"rate": 1e-3},
    # Weights of classes differ, so that means of means would not be the mean.
    "loss": {"name": "cross_entropy", "spoof_weight": 0.1, "bona_fide_weight": 0.9},
}
SAME = 1e-6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finetuned_runs.made_folders(tmp_path_factory.mktemp("sounds"), train=16, dev=6)


@pytest.fixture(scope="module")
def model(shared: Path) -> Path:
    return shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"


@pytest.fixture(scope="module")
def alone(folder: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process with the whole batch."""
    out = tmp_path_factory.mktemp("alone") / "run"
    run(told(folder, model, out, batch=4))
    return out


def told(folder: Path, model: Path, out: Path, *, batch: int, **more: Any) -> dict[str, Any]:
    data = {**RECIPE["data"], "batch": batch}
    recipe = {**RECIPE, "data": data}
    return {"folder": str(folder), "model": str(model), "out": str(out), "recipe": recipe, **more}


def run(told: dict[str, Any], *, ranks: int = 1) -> None:
    """Start as many processes as torchrun would, and wait for all of them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes = []
    for rank in range(ranks):
        by_torchrun = {
            "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": ranks, "LOCAL_WORLD_SIZE": ranks,
            "GROUP_RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
            "TORCHELASTIC_RUN_ID": "test",
        }  # fmt: skip
        named = {name: str(value) for name, value in by_torchrun.items()} if ranks > 1 else {}
        processes.append(
            subprocess.Popen(
                [sys.executable, str(PROGRAM), json.dumps(told)],
                env={**os.environ, "OMP_NUM_THREADS": "1", **named},
                stdout=subprocess.DEVNULL,
            )
        )
    assert [process.wait(timeout=600) for process in processes] == [0] * ranks


def apart(one: Path, other: Path, start: Path) -> float:
    """Give max|other - one| / max|one - start| over all weights."""
    from earwitness.models import checkpoints

    before = checkpoints.read_weights(start)
    first, second = (load_file(out / "checkpoints" / "last.safetensors") for out in (one, other))
    step = max(float((first[n].double() - before[n].double()).abs().max()) for n in first)
    return max(float((first[n] - second[n]).double().abs().max()) for n in first) / step


def test_two_processes_equal_one_with_twice_the_batch(
    alone: Path, folder: Path, model: Path, tmp_path: Path
) -> None:
    run(told(folder, model, tmp_path / "two", batch=2), ranks=2)
    assert apart(alone, tmp_path / "two", model) <= SAME


def test_two_processes_that_read_the_same_data_do_not(
    alone: Path, folder: Path, model: Path, tmp_path: Path
) -> None:
    run(told(folder, model, tmp_path / "same", batch=2, same_data=True), ranks=2)
    assert apart(alone, tmp_path / "same", model) > 1e3 * SAME


def test_processes_that_are_started_for_the_asking_equal_those_of_torchrun(
    alone: Path, folder: Path, model: Path, tmp_path: Path
) -> None:
    run(told(folder, model, tmp_path / "asked", batch=2, devices=2))
    assert apart(alone, tmp_path / "asked", model) <= SAME


def test_passes_that_are_added_up_equal_one_large_batch(
    alone: Path, folder: Path, model: Path, tmp_path: Path
) -> None:
    added = told(folder, model, tmp_path / "added", batch=2)
    added["recipe"]["optimiser"] = {**RECIPE["optimiser"], "accumulate": 2}
    run(added)
    assert apart(alone, tmp_path / "added", model) <= SAME
