"""From two folders to a report, killed on the way: the same report, and no clip twice."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from street import COMMAND, earwitness, wait_for

from earwitness.evaluation.journal import NAME
from earwitness.evaluation.score_files import read_scores

pytestmark = pytest.mark.slow
COPIES = 6
ON_UNIX = pytest.mark.skipif(os.name == "nt", reason="signals are others there")


@pytest.fixture(scope="module")
def data(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples with a label in their name, several times over, and one that is no sound."""
    root = tmp_path_factory.mktemp("data")
    for label, folder in (("bonafide", "Bona-Fide"), ("spoof", "spoofed")):
        (root / folder).mkdir()
        for path in examples.glob(f"{label}_*"):
            for copy in range(COPIES):
                shutil.copy(path, root / folder / f"{path.stem}_{copy}{path.suffix}")
    (root / "spoofed" / "torn.mp3").write_bytes(b"ID3 and then nothing")
    return root


@pytest.fixture(scope="module")
def tiny(root: Path) -> Path:
    return root / "tests" / "data" / "tiny_detector"


def lines_in(out: Path) -> int:
    journal = out / NAME
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@ON_UNIX
def test_a_killed_evaluation_goes_on_to_the_same_scores_and_hears_nothing_twice(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    words = ("evaluate", str(data), "--model", str(tiny), "--workers", "2", "--out")
    done = earwitness(*words, whole)
    assert done.returncode == 3  # the one that is no sound
    trials = len(read_scores(whole / "scores.tsv")) + 1

    with subprocess.Popen(
        [*COMMAND, *words, str(killed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        wait_for(lambda: lines_in(killed) > 10)
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (killed / "metrics.json").exists()
    torn = (killed / NAME).read_bytes()
    (killed / NAME).write_bytes(torn + b'{"id": "half a li')
    whole_lines = torn.count(b"\n")
    kept = [json.loads(line) for line in torn.splitlines()[1:whole_lines]]
    done_before = [line["id"] for line in kept if "error" not in line]
    assert 0 < len(done_before) < trials

    again = earwitness(*words, killed)
    assert again.returncode == 3
    assert f"{len(done_before)} of {trials} are scored already." in again.stderr
    assert (killed / "scores.tsv").read_bytes() == (whole / "scores.tsv").read_bytes()
    assert again.stdout == done.stdout
    heard = [json.loads(line)["id"] for line in (killed / NAME).read_bytes().splitlines()[1:]]
    assert heard[: len(kept)] == [line["id"] for line in kept]
    assert not set(heard[len(kept) :]) & set(done_before)
    assert set(heard) == {line.split("\t")[0] for line in
                          (whole / "scores.tsv").read_text("utf-8").splitlines()[1:]}  # fmt: skip


def _hears_interrupts() -> None:
    """Undo what a shell does to jobs in the background: they ignore an interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@ON_UNIX
def test_an_interrupted_evaluation_says_that_it_can_go_on(
    data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with subprocess.Popen(
        [*COMMAND, "evaluate", str(data), "--model", str(tiny), "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hears_interrupts,
    ) as process:  # fmt: skip
        wait_for(lambda: lines_in(out) > 1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130
    assert told.decode().splitlines()[-3:] == [
        "earwitness: What was scored is kept: the same command goes on from here.",
        "",
        "earwitness: stopped.",
    ]
    assert [path.name for path in out.iterdir()] == [NAME]


def test_the_command_in_the_report_repeats_it(data: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = earwitness("evaluate", data, "--model", tiny, "--out", out, "--quiet")
    command = json.loads((out / "metrics.json").read_text("utf-8"))["setup"]["command"]
    again = subprocess.run(
        command.replace("earwitness", " ".join(COMMAND), 1), shell=True, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert again.returncode == first.returncode == 3
    assert again.stdout == first.stdout
