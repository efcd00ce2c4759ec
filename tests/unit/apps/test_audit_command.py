"""The audit command: a data set in, a table and a report out, and an exit code for scripts."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main

EACH = 30


def clip(seed: int, level: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = int(rng.uniform(4000, 6000))
    swell = np.interp(np.arange(count), np.linspace(0, count, 9), rng.uniform(0.1, 1, 9))
    return (level * swell * rng.standard_normal(count)).astype(np.float32)


def voices(root: Path, *, spoof_level: float = 0.1, suffix: str = ".wav") -> Path:
    for name, first, level, ending in (
        ("Real", 0, 0.1, ".wav"), ("Fake", 500, spoof_level, suffix),
    ):  # fmt: skip
        (root / name).mkdir(parents=True)
        for n in range(EACH):
            soundfile.write(root / name / f"{name}{n}{ending}", clip(first + n, level), 16000)
    return root


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders: spoofs are softer, and FLAC."""
    return voices(tmp_path_factory.mktemp("data") / "leaky", spoof_level=0.02, suffix=".flac")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return voices(tmp_path_factory.mktemp("data") / "clean")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, words)])


def test_a_leak_is_named_with_its_auc_and_what_to_do(leaky: Path) -> None:
    result = run(leaky)
    assert result.exit_code == 0
    assert "Leaks: the label is given away without a voice being heard" in result.stdout
    assert "container" in result.stdout
    assert "Level tells the labels apart: AUC" in result.stdout
    assert "draw a gain for every clip" in result.stdout.replace("\n  ", " ")
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_a_clean_set_is_told_with_what_could_have_been_seen(clean: Path) -> None:
    result = run(clean)
    assert result.exit_code == 0
    said = result.stdout.replace("\n  ", " ")
    assert "No leak was found that this audit can see (n = 30 bona fide + 30 spoof)" in said
    assert "would have been found four times in five" in said


def test_fail_on_looks_for_leaks_and_for_warnings(leaky: Path, clean: Path) -> None:
    assert run(leaky, "--fail-on", "leak").exit_code == 10
    assert run(leaky, "--fail-on", "warning").exit_code == 10
    assert run(clean, "--fail-on", "warning").exit_code == 0


def test_json_holds_every_column(leaky: Path) -> None:
    told = json.loads(run(leaky, "--json").stdout)
    assert told["level"] == "leak"
    columns = {one["name"]: one for one in told["columns"]}
    assert columns["container"]["auc"] == 1.0
    assert columns["container"]["level"] == "leak"
    assert (
        columns["level_dbfs"]["contrast"]["bona_fide"] > columns["level_dbfs"]["contrast"]["spoof"]
    )
    assert told["all_together"]["name"] == "all_together"
    assert told["setup"]["n_spoof"] == EACH
    assert told["setup"]["command"] == f"earwitness audit {leaky} --protocol folder"


def test_a_folder_gets_the_whole_report(leaky: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    result = run(leaky, "--out", out)
    assert f"the report is in {out}" in result.stderr
    there = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert there == [
        "audit.html", "audit.json", "audit.md", "figures/auc.png", "figures/auc.svg",
        "figures/spreads.png", "figures/spreads.svg",
    ]  # fmt: skip
    assert json.loads((out / "audit.json").read_text())["level"] == "leak"


def test_an_older_audit_is_written_over_and_its_figures_go(
    leaky: Path, clean: Path, tmp_path: Path
) -> None:
    assert run(leaky, "--out", tmp_path / "report", "--quiet").stderr == ""
    assert run(clean, "--out", tmp_path / "report").exit_code == 0
    assert sorted(p.name for p in (tmp_path / "report" / "figures").iterdir()) == [
        "auc.png", "auc.svg",
    ]  # fmt: skip


def test_other_things_are_never_written_over(leaky: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    result = run(leaky, "--out", tmp_path)
    assert result.exit_code == 5
    assert "holds other things (thesis.tex)" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_is_told(leaky: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run(leaky, "--out", tmp_path / "report")
    assert result.exit_code == 5
    assert "cannot be written" in result.stderr


def test_a_file_in_the_way_is_told(leaky: Path, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "audit.json").write_text("{}")
    (tmp_path / "report" / "figures").write_text("a file, not a folder")
    result = run(leaky, "--out", tmp_path / "report")
    assert result.exit_code == 5
    assert "report: cannot be written (File exists)" in result.stderr


def test_unread_clips_end_in_their_own_exit_code(tmp_path: Path) -> None:
    root = voices(tmp_path / "data")
    (root / "Fake" / "Fake3.wav").write_bytes(b"not a sound")
    result = run(root)
    assert result.exit_code == 3
    assert "Fake3.wav" in result.stderr
    assert "1 clip could not be read" in result.stdout


def test_all_partitions_are_looked_at_unless_one_is_asked_for(tmp_path: Path) -> None:
    for partition in ("train", "test"):
        voices(tmp_path / "data" / partition)
    told = json.loads(run(tmp_path / "data", "--json").stdout)
    assert told["setup"]["partitions"] == ["train", "eval"]
    assert told["setup"]["n_spoof"] == 2 * EACH
    assert told["level"] == "leak"
    assert told["copies"][0]["across_partitions"]
    one = json.loads(run(tmp_path / "data", "--partition", "train", "--json").stdout)
    assert one["setup"]["partitions"] == ["train"]
    assert one["copies"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 6, "there is no such file or folder"),
        ([".", "--protocol", "ours"], 5, "There is no protocol called 'ours'"),
        ([".", "--fail-on", "noise"], 2, "'noise' is not one of"),
    ],
)
def test_what_cannot_be_audited_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
