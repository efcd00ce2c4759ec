"""What Weights & Biases keeps offline can be read, and holds the losses of the run."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import finetuned_runs

pytestmark = [pytest.mark.torch, pytest.mark.train, pytest.mark.wandb, pytest.mark.slow]

BLOCK, HEAD = 32 * 1024, 7
FULL, FIRST, LAST = 1, 2, 4


def records(path: Path) -> Iterator[bytes]:
    """Read the log that a .wandb file is (LevelDB's form): pieces of records, in blocks."""
    data = path.read_bytes()
    assert data[:4] == b":W&B"
    at, whole = HEAD, b""
    while at + HEAD <= len(data):
        if BLOCK - at % BLOCK < HEAD:  # what is left of a block is padding
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + HEAD])
        whole = whole * (kind not in (FULL, FIRST)) + data[at + HEAD : at + HEAD + length]
        at += HEAD + length
        if kind in (FULL, LAST):
            yield whole


def history(path: Path) -> list[dict[str, float]]:
    """Give what was logged, row by row, by wandb's own description of its records."""
    from wandb.proto import wandb_internal_pb2

    rows = []
    for content in records(path):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(content)
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append({i.key or "/".join(i.nested_key): json.loads(i.value_json) for i in items})
    return rows


def test_the_file_of_a_run_by_the_seed_recipe_holds_its_losses(tmp_path: Path) -> None:
    told = {
        "folder": str(finetuned_runs.made_folders(tmp_path / "sounds", train=32)),
        "model": str(finetuned_runs.tiny_detector(tmp_path / "start.safetensors")),
        "out": str(tmp_path / "run"),
        "named": "for2sec_seed",
        "recipe": {"epochs": 2},
        "wandb": "offline",
    }
    done = subprocess.run(
        [sys.executable, finetuned_runs.__file__, json.dumps(told)],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "the library is silent"
    out = tmp_path / "run"
    (file,) = (out / "wandb").glob("offline-run-*/*.wandb")
    rows = [row for row in history(file) if "dev_loss" in row]
    lines = (out / "losses" / "metrics.csv").read_text().splitlines()
    names = lines[0].split(",")
    expected = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    assert [row["epoch"] for row in rows] == [0, 1, 2]
    assert [row["dev_loss"] for row in rows] == [float(row["dev_loss"]) for row in expected]
    trained = [row["train_loss"] for row in rows[1:]]
    assert trained == [float(row["train_loss"]) for row in expected[1:]]
