"""A whole study of tiny numbers: it runs, goes on after a kill, and its figures are evaluate's."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_study_data import make, make_detector

from earwitness.study.places import read_json

pytestmark = [pytest.mark.torch, pytest.mark.train, pytest.mark.slow]

ARMS = "mixing,interpolated,ours"


@pytest.fixture(scope="module")
def place(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("study")
    make(root, examples)
    make_detector(root / "starter.safetensors")
    return root


def command(place: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "earwitness", "study", "--for-2seconds", str(place / "for-2seconds"),
        "--custom", str(place / "custom"), "--model", str(place / "starter.safetensors"), "--out",
        str(place / "out"), "--seeds", "1", "--arms", ARMS, "--accept-counts", *more,
    ]  # fmt: skip


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def done(place: Path) -> dict:
    """Run the study; it is killed twice on the way, once with all its processes."""
    for seen in ("epoch 2 of 10", "hear interpolations"):
        with subprocess.Popen(
            command(place), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            env=environment(), start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stderr is not None
            for line in process.stderr:
                if seen in line:
                    process.send_signal(signal.SIGKILL)
                    break
            process.wait()
        time.sleep(2)  # its processes see that it is gone
    ended = subprocess.run(
        command(place, "--json"), capture_output=True, text=True, check=False, env=environment()
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_arm_and_seed_is_reported(done: dict, place: Path) -> None:
    assert list(done["arms"]) == ["as_published", "plain", "mixing", "interpolated", "ours"]
    for arm in done["arms"].values():
        assert [one["seed"] for one in arm["seeds"]] == [1]
        assert all(
            (place / "out" / one["detector"] / "card.toml").is_file() for one in arm["seeds"]
        )
    page = (place / "out" / "report.html").read_text(encoding="utf-8")
    assert "What fine-tuning gained" in page


def test_nothing_that_is_chosen_was_chosen_by_what_is_reported(done: dict, place: Path) -> None:
    out = place / "out"
    chosen = max(path.stat().st_mtime for path in (out / "choices").iterdir())
    heard = [
        path for path in out.glob("runs/*/seed-*/scores/*.tsv") if path.stem in ("test", "eval")
    ]
    assert heard
    assert min(path.stat().st_mtime for path in heard) >= chosen
    assert {tuple(one) for one in (c.keys() for c in done["choices"])} == {
        ("title", "rule", "candidates")
    }


@pytest.mark.parametrize("arm", ["before", "plain", "ours"])
@pytest.mark.parametrize("asked", ["test", "eval"])
def test_evaluate_gives_the_same_figure(done: dict, place: Path, arm: str, asked: str) -> None:
    out = place / "out"
    data = place / "for-2seconds" if asked == "test" else out / "custom-eval.tsv"
    if arm == "before":
        model, figures = place / "starter.safetensors", done["before"][asked]
    else:
        (seed,) = done["arms"][arm]["seeds"]
        model, figures = out / seed["detector"], seed[asked]
    ended = subprocess.run(
        [sys.executable, "-m", "earwitness", "evaluate", str(data), "--model", str(model),
         "--partition", "eval", "--json", "--accept-inverted"],
        capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    told = json.loads(ended.stdout)
    measures = told["measures"]
    measures = measures if isinstance(measures, dict) else {m["name"]: m for m in measures}
    for name in ("eer", "auc", "min_dcf"):
        assert figures[name]["value"] == measures[name]["value"]


def test_the_same_command_again_does_nothing_but_report(done: dict, place: Path) -> None:
    runs = place / "out" / "runs"
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.is_file()}
    ended = subprocess.run(
        command(place, "--json"), capture_output=True, text=True, check=False, env=environment()
    )
    again = json.loads(ended.stdout)
    assert again["arms"] == done["arms"]
    assert {p: p.stat().st_mtime_ns for p in runs.rglob("*") if p.is_file()} == before


def test_other_data_are_refused_in_the_same_folder(done: dict, place: Path) -> None:
    del done
    more = ["--custom", str(place / "out" / "custom-eval.tsv")]
    ended = subprocess.run(
        command(place, *more), capture_output=True, text=True, check=False, env=environment()
    )
    assert ended.returncode == 5
    assert "belongs to a study with another custom set" in ended.stderr


def test_interpolated_weights_lie_between_the_start_and_plain(done: dict, place: Path) -> None:
    import torch

    from earwitness.models import checkpoints

    out = place / "out"
    table = read_json(out / "choices" / "interpolated.json")
    plain, mixed = (done["arms"][arm]["seeds"][0]["detector"] for arm in ("plain", "interpolated"))
    start, new, found = (
        checkpoints.read_weights(path)
        for path in (
            place / "starter.safetensors", out / plain / "network.safetensors",
            out / mixed / "network.safetensors",
        )
    )  # fmt: skip
    assert found.keys() == start.keys()
    for name, value in found.items():
        if not value.is_floating_point():  # a count of batches: of the nearer of the two
            assert value in (start[name], new[name])
            continue
        expected = torch.lerp(start[name].double(), new[name].double(), table["alpha"])
        torch.testing.assert_close(value.double(), expected, rtol=0, atol=1e-6)
