"""From a checkpoint to a detector folder: all of it or nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from earwitness.errors import IncompatibleWeights, ModelError, SettingsError, WeightsCorrupt
from earwitness.export.checkpoint import Exported, Facts, export_checkpoint
from earwitness.models.backends.aasist import AASIST_L
from earwitness.models.layouts import clovaai
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.weights import store

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AASIST-L with random weights, as the published code would save it."""
    torch.manual_seed(1)
    network = clovaai.Countermeasure(
        clovaai.SincBands(clovaai.SincSettings()), clovaai.Aasist(AASIST_L)
    )
    state = network.backend.state_dict()
    path = tmp_path_factory.mktemp("published") / "trained.pth"
    torch.save({clovaai.published_key(key): value for key, value in state.items()}, path)
    return path


@pytest.fixture(scope="module")
def exported(
    checkpoint: Path, examples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Exported:
    folder = tmp_path_factory.mktemp("detectors") / "deeper" / "mine"
    clips = [examples / "bonafide_asterisk_ru_2.wav", examples / "spoof_flite_rms.flac"]
    facts = Facts(
        licence="CC0-1.0",
        training_data="nothing",
        trained_on=("in_the_wild",),
        quality={"eer": "50 %"},
    )
    return export_checkpoint(checkpoint, folder, facts=facts, clips=clips)


def test_the_folder_is_a_detector_that_the_store_finds_by_its_path(exported: Exported) -> None:
    found = store.find(exported.folder)
    assert found.card == exported.card
    assert {p.name for p in exported.folder.iterdir()} == {
        "card.toml", "network.onnx", "parity.json",
    }  # fmt: skip


def test_the_card_holds_what_the_file_shows_and_what_the_caller_said(exported: Exported) -> None:
    card = exported.card
    assert (card.name, card.licence, card.training_data) == ("mine", "CC0-1.0", "nothing")
    assert card.trained_on == ("in_the_wild",)
    assert (card.parameters, card.sample_rate, card.quality) == (85_306, 16_000, {"eer": "50 %"})
    assert card.calibration is None
    assert card.windows == {"length_s": 4.0375, "hop_s": 2.0, "padding": "tile"}
    assert card.title == "AASIST-L, from trained.pth"
    assert card.origin.startswith("trained.pth (SHA-256 of the checkpoint ")


def test_the_parity_on_the_clips_is_written_beside_it(exported: Exported) -> None:
    report = json.loads((exported.folder / "parity.json").read_text(encoding="utf-8"))
    names = [row["clip"] for row in report["clips"]]
    assert names == ["bonafide_asterisk_ru_2.wav", "spoof_flite_rms.flac"]
    assert report["engines_apart"] <= report["tolerance"] == 1e-4


def test_the_network_takes_a_window_and_refuses_another_length(exported: Exported) -> None:
    runtime = OnnxRuntime(exported.folder / "network.onnx")
    assert runtime.scores(np.zeros((2, 64_600), np.float32)).shape == (2,)
    with pytest.raises(IncompatibleWeights, match="64000"):
        runtime.scores(np.zeros((1, 64_000), np.float32))


def test_engines_that_differ_by_more_than_allowed_leave_nothing(
    checkpoint: Path, examples: Path, tmp_path: Path
) -> None:
    clips = [examples / "spoof_flite_rms.flac"]
    with pytest.raises(ModelError, match="at most -1 is allowed"):
        export_checkpoint(checkpoint, tmp_path / "mine", clips=clips, tolerance=-1.0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_not_touched(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(SettingsError, match=r"mine: is there already\. Name a folder that is not"):
        export_checkpoint(checkpoint, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_checkpoint_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("not weights", encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=r"text\.pth"):
        export_checkpoint(tmp_path / "text.pth", tmp_path / "mine")
    assert [p.name for p in tmp_path.iterdir()] == ["text.pth"]
