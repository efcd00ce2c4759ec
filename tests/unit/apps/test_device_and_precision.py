"""``--device`` and ``--precision``, of every command that has a detector listen."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness.apps.cli import _exits
from earwitness.apps.cli.main import main
from earwitness.runtimes import torch_runtime
from earwitness.weights import store
from made_checkpoints import write_xlsr_aasist

pytestmark = pytest.mark.torch

RATE = 16_000
EACH = 10
SETTINGS = 5


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights whose products are large enough for bfloat16."""
    return write_xlsr_aasist(tmp_path_factory.mktemp("large") / "large.pth")


@pytest.fixture
def small(shared: Path) -> Path:
    return shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"


@pytest.fixture(scope="module")
def clip(examples: Path) -> Path:
    return examples / "bonafide_asterisk_ru_2.wav"


@pytest.fixture(scope="module")
def data(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders of the same speech, softer in Real/ than in Fake/ but for one of each."""
    root = tmp_path_factory.mktemp("data")
    speech, rate = soundfile.read(clip, dtype="float32")
    assert rate == RATE
    for name, around, odd in (("Real", 0.1, 0.8), ("Fake", 0.8, 0.1)):
        (root / name).mkdir()
        for number in range(EACH):
            gain = around if number else odd
            part = speech[number * 800 :][:RATE]
            soundfile.write(root / name / f"{number}.wav", gain * part / np.abs(part).max(), RATE)
    return root


@pytest.fixture(autouse=True)
def _processor_with_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_runtime, "has_bf16", lambda: True)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def verdict(clip: Path, *words: object) -> dict[str, Any]:
    done = run("detect", clip, "--json", "--quiet", *words)
    assert done.exit_code == _exits.DONE, done.output
    return json.loads(done.stdout)


def test_bf16_moves_a_score_a_little_and_is_another_setting(large: Path, clip: Path) -> None:
    whole = verdict(clip, "--model", large, "--precision", "fp32")
    half = verdict(clip, "--model", large, "--precision", "bf16")
    assert 0 < abs(half["raw_score"] - whole["raw_score"]) < 0.05
    assert half["settings_hash"] != whole["settings_hash"]


def test_a_file_of_weights_runs_in_fp32_unless_it_is_told_otherwise(
    large: Path, clip: Path
) -> None:
    as_usual = verdict(clip, "--model", large)
    told = verdict(clip, "--model", large, "--precision", "fp32", "--device", "cpu")
    assert as_usual["raw_score"] == told["raw_score"]
    assert as_usual["settings_hash"] == told["settings_hash"]


def test_a_network_with_small_products_only_refuses_bf16(small: Path, clip: Path) -> None:
    done = run("detect", clip, "--model", small, "--precision", "bf16")
    line = told_once(done, SETTINGS)
    assert "bf16 is for networks with large matrix products" in line
    assert "8,192 weights, which is under 262,144" in line


def test_a_processor_without_bf16_is_told(
    large: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_runtime, "has_bf16", lambda: False)
    line = told_once(run("detect", clip, "--model", large, "--precision", "bf16"), SETTINGS)
    assert "neither AVX512-BF16 nor AMX" in line
    assert "Give --precision fp32." in line


def test_an_onnx_file_runs_in_the_precision_it_was_exported_in(clip: Path, root: Path) -> None:
    tiny = root / "tests" / "data" / "tiny_detector"
    line = told_once(run("detect", clip, "--model", tiny, "--precision", "bf16"), SETTINGS)
    assert "its network is an ONNX file in fp32 and runs as it is; bf16 is for files of" in line
    assert verdict(clip, "--model", tiny, "--precision", "fp32") == verdict(clip, "--model", tiny)


def test_an_exported_int8_network_is_not_called_fp32(
    clip: Path, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "rounded"
    shutil.copytree(root / "tests" / "data" / "tiny_detector", folder)
    card = folder / "card.toml"
    text = card.read_text("utf-8").replace('\nname = "tiny"', '\nname = "rounded"')
    card.write_text(f'precision = "int8"\n{text}', "utf-8")
    line = told_once(run("detect", clip, "--model", folder, "--precision", "fp32"), SETTINGS)
    assert "an ONNX file in int8 and runs as it is; for fp32, export it again" in line


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_told_whichever_engine_wants_it(
    small: Path, clip: Path, root: Path, device: str
) -> None:
    if device in _devices_here():
        pytest.skip(f"this machine has {device}")
    torch_line = told_once(run("detect", clip, "--model", small, "--device", device), SETTINGS)
    assert f"torch finds no {device} here: --device is cpu" in torch_line
    tiny = root / "tests" / "data" / "tiny_detector"
    onnx_line = told_once(run("detect", clip, "--model", tiny, "--device", device), SETTINGS)
    wanted = "onnxruntime has no CUDA here" if device == "cuda" else "but mps was asked for"
    assert wanted in onnx_line


def test_evaluate_records_both_in_its_command_and_begins_no_other_journal(
    data: Path, large: Path, tmp_path: Path
) -> None:
    asked = ("evaluate", data, "--model", large, "--out", tmp_path / "run", "--accept-inverted")
    done = run(*asked, "--json", "--quiet", "--device", "cpu", "--precision", "bf16")
    assert done.exit_code == _exits.DONE, done.output
    assert "--device cpu --precision bf16" in json.loads(done.stdout)["setup"]["command"]
    other = told_once(run(*asked, "--quiet", "--precision", "fp32"), SETTINGS)
    assert "--restart" in other


def test_neither_goes_with_scores_that_somebody_else_computed(tmp_path: Path) -> None:
    scores = tmp_path / "scores.tsv"
    scores.write_text("filename\tcm-score\na\t1\n", "utf-8")
    for words in (("--device", "cpu"), ("--precision", "fp32")):
        done = run("evaluate", "--scores", scores, "--key", scores, *words)
        assert f"{words[0]} cannot be given together with --scores" in done.stderr


@pytest.mark.slow
def test_stress_listens_as_it_is_told_and_its_command_says_so(data: Path, large: Path) -> None:
    done = run(
        "stress", large, data, "--conditions", "level_minus_12db", "--accept-inverted", "--json",
        "--quiet", "--limit", 4, "--device", "cpu", "--precision", "bf16",
    )  # fmt: skip
    assert done.exit_code == _exits.DONE, done.output
    command = json.loads(done.stdout)["setup"]["command"]
    assert "--limit 4 --device cpu --precision bf16" in command


@pytest.mark.slow
def test_what_was_calibrated_in_bf16_stays_in_bf16(
    data: Path, large: Path, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "own"))
    folder = tmp_path / "mine"
    done = run("calibrate", large, data, "--few", "--out", folder, "--precision", "bf16", "--quiet")
    assert done.exit_code == _exits.DONE, done.output
    assert 'precision = "bf16"' in (folder / "card.toml").read_text("utf-8")
    raw = verdict(clip, "--model", large, "--precision", "bf16")["raw_score"]
    assert verdict(clip, "--model", folder)["raw_score"] == raw
    whole = verdict(clip, "--model", folder, "--precision", "fp32")
    assert whole["raw_score"] != raw


def _devices_here() -> set[str]:
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return {device for device, is_here in found.items() if is_here}
