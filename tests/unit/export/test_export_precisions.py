"""Exports that round weights, and exports of detectors: what is kept, dropped and refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import soundfile

from earwitness.errors import IncompatibleWeights, ModelError, SettingsError
from earwitness.export import to_onnx
from earwitness.export.checkpoint import Exported, export_checkpoint
from earwitness.runtimes import Engine
from earwitness.runtimes.opening import open_model
from earwitness.weights.cards import CARD, CalibrationTable, card_text, read_card
from earwitness.weights.fitted import FILE as RECORDINGS
from made_checkpoints import write_xlsr_aasist

pytestmark = pytest.mark.torch

RATE = 16_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights whose products are large enough for int8."""
    return write_xlsr_aasist(tmp_path_factory.mktemp("large") / "large.pth")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(8)
    for number in range(8):
        soundfile.write(folder / f"{number}.wav", 0.1 * rng.normal(size=RATE), RATE)
    return folder


@pytest.fixture(scope="module")
def rounded(large: Path, recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("detectors") / "rounded"
    return export_checkpoint(large, folder, clips=[recordings], precision="int8")


@pytest.fixture
def detector(large: Path, tmp_path: Path) -> Path:
    """A calibrated detector whose network is a file of weights."""
    folder = tmp_path / "calibrated"
    folder.mkdir()
    shutil.copyfile(large, folder / large.name)
    opened = open_model(large, Engine(precision="fp32"))
    calibration = CalibrationTable(scale=2.0, offset=0.5)
    card = replace(opened.card, name="calibrated", licence="CC0-1.0", calibration=calibration)
    (folder / CARD).write_text(card_text(card), "utf-8")
    (folder / "LICENSE").write_text("terms", "utf-8")
    (folder / RECORDINGS).write_text("", "utf-8")
    return folder


def test_int8_records_on_half_of_the_clips_and_compares_on_the_others(rounded: Exported) -> None:
    report = json.loads((rounded.folder / "parity.json").read_text("utf-8"))
    compared = {row["clip"] for row in report["clips"]}
    assert len(compared) == len(rounded.recorded_on) == 4
    assert not compared & set(rounded.recorded_on)
    assert 0 < report["engines_apart"] <= report["tolerance"]


def test_its_card_says_int8_and_it_opens_so(rounded: Exported) -> None:
    assert read_card(rounded.folder / CARD).precision == "int8"
    assert open_model(rounded.folder, Engine()).card.precision == "int8"
    with pytest.raises(SettingsError, match="an ONNX file in int8"):
        open_model(rounded.folder, Engine(precision="fp32"))


@pytest.mark.slow
def test_int8_and_fp16_take_less_room(rounded: Exported, large: Path, tmp_path: Path) -> None:
    half = export_checkpoint(large, tmp_path / "half", precision="fp16")
    size, half_size = (
        (folder / "network.onnx").stat().st_size for folder in (rounded.folder, half.folder)
    )
    assert half_size < 0.6 * large.stat().st_size
    assert size < large.stat().st_size
    assert half.card.precision == "fp16"
    assert len(half.parity.clips) == 16


@pytest.mark.parametrize(("precision", "fewest"), [("int8", 8), ("fp16", 4)])
def test_too_few_clips_are_told(
    precision: Literal["int8", "fp16"], fewest: int, large: Path, recordings: Path, tmp_path: Path
) -> None:
    clips = [recordings / f"{number}.wav" for number in range(fewest - 1)]
    with pytest.raises(SettingsError, match=f"at least {fewest} clips, but got {fewest - 1}"):
        export_checkpoint(large, tmp_path / "mine", clips=clips, precision=precision)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_tolerance_of_ones_own_is_kept_to(large: Path, recordings: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at most 1e-12 is allowed"):
        export_checkpoint(
            large, tmp_path / "mine", clips=[recordings], precision="int8", tolerance=1e-12
        )
    assert list(tmp_path.iterdir()) == []


def test_fp32_keeps_the_calibration_and_what_lies_beside_it(detector: Path, tmp_path: Path) -> None:
    made = export_checkpoint(detector, tmp_path / "mine")
    assert made.card.calibration == CalibrationTable(scale=2.0, offset=0.5)
    assert not made.dropped_calibration
    assert {path.name for path in made.folder.iterdir()} == {
        "card.toml", "network.onnx", "parity.json", "LICENSE", RECORDINGS,
    }  # fmt: skip
    assert made.card.licence == "CC0-1.0"


@pytest.mark.slow
def test_other_precisions_leave_the_calibration_behind(detector: Path, tmp_path: Path) -> None:
    made = export_checkpoint(detector, tmp_path / "mine", precision="fp16")
    assert made.card.calibration is None
    assert made.dropped_calibration
    assert (made.folder / "LICENSE").is_file()
    assert not (made.folder / RECORDINGS).exists()


def test_an_onnx_detector_cannot_be_exported_again(rounded: Exported, tmp_path: Path) -> None:
    with pytest.raises(IncompatibleWeights, match="is an ONNX file already"):
        export_checkpoint(rounded.folder, tmp_path / "mine")


def test_what_is_larger_than_an_onnx_file_can_be_is_told(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_onnx, "LARGEST_FILE", 1_000_000)
    with pytest.raises(IncompatibleWeights, match="an ONNX file holds 2 GB at most"):
        export_checkpoint(large, tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []
