"""Files of a run appear complete or not at all; which epoch is best is decided on the dev part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from earwitness.errors import SettingsError, WeightsCorrupt
from earwitness.training import checkpointing
from earwitness.training.checkpointing import (
    EpochRow,
    Reached,
    RunFiles,
    StoredEpochs,
    beside,
    claim,
    link,
    load_state,
    save_state,
    write_weights,
)
from earwitness.training.recipes import StoppingSettings

pytestmark = [pytest.mark.torch, pytest.mark.train]

START = EpochRow(0, None, 0.01, 0.01)


def reached(*rows: tuple[float, float]) -> Reached:
    """Have measured the start, which is better than all, and epochs of (loss, EER)."""
    now = Reached().measured(START)
    for epoch, (loss, eer) in enumerate(rows, start=1):
        now = now.measured(EpochRow(epoch, 1.0, loss, eer))
    return now


def test_the_earliest_of_the_best_epochs_is_chosen_and_never_the_start() -> None:
    now = reached((0.5, 0.2), (0.4, 0.3), (0.4, 0.1))
    assert now.chosen(StoppingSettings()).epoch == 2
    assert now.chosen(StoppingSettings(select="eer")).epoch == 3


def test_an_epoch_whose_loss_is_no_number_is_not_chosen() -> None:
    assert reached((float("nan"), 0.2), (9.0, 0.3)).chosen(StoppingSettings()).epoch == 2


def test_patience_counts_epochs_without_a_better_one() -> None:
    patient = StoppingSettings(patience=2)
    assert not reached().is_over(patient, 10)
    assert not reached((0.5, 0.2), (0.6, 0.2)).is_over(patient, 10)
    assert reached((0.5, 0.2), (0.6, 0.2), (0.7, 0.2)).is_over(patient, 10)
    assert not reached((0.5, 0.2), (0.6, 0.2), (0.7, 0.2)).is_over(StoppingSettings(), 10)
    assert reached((0.5, 0.2), (0.6, 0.2)).is_over(StoppingSettings(), 2)


def test_a_state_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    now = reached((0.5, 0.2)).stepped(3.0, 4.0).stepped(1.0, 4.0)
    path = tmp_path / "checkpoints" / "last.ckpt"
    save_state(path, now, {"state_dict": {"w": torch.ones(2)}}, {"state": {0: torch.zeros(1)}})
    back, content = load_state(path)
    assert back == now
    assert (back.step, back.loss_sum, back.weight_sum) == (2, 4.0, 8.0)
    assert content["state_dict"]["w"].tolist() == [1.0, 1.0]
    assert [file.name for file in path.parent.iterdir()] == ["last.ckpt"]


def test_a_damaged_state_is_told_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    save_state(path, reached(), {"state_dict": {}}, {})
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(WeightsCorrupt, match=r"last\.ckpt: cannot be gone on from .* Delete it"):
        load_state(path)


def broken_off(path: Path) -> None:
    with beside(path) as part:
        part.write_text("half")
        raise RuntimeError("power")


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="power"):
        broken_off(path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["weights"]


def test_a_second_name_moves_on_without_changing_the_first(tmp_path: Path) -> None:
    one, two, best = (tmp_path / name for name in ("one", "two", "best"))
    one.write_text("1")
    two.write_text("2")
    link(one, best)
    link(two, best)
    assert (one.read_text(), best.read_text()) == ("1", "2")


def test_where_a_file_cannot_have_two_names_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    (tmp_path / "one").write_text("1")
    link(tmp_path / "one", tmp_path / "best")
    assert (tmp_path / "best").read_text() == "1"


def test_stored_epochs_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    for number in (1, 2, 3):
        write_weights(files.epoch(number), {"w": torch.tensor([float(number)])})
    stored = StoredEpochs(files, 3, lambda weights: weights)
    assert [float(one["w"]) for one in stored] == [1.0, 2.0, 3.0]
    assert [float(one["w"]) for one in stored[1:]] == [2.0, 3.0]
    assert float(stored[-1]["w"]) == 3.0
    with pytest.raises(IndexError, match="3"):
        stored[3]


def test_a_folder_belongs_to_the_run_that_came_first(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    claim(path, "a" * 16)
    claim(path, "a" * 16)
    with pytest.raises(SettingsError, match="holds a run of another model, recipe or data"):
        claim(path, "b" * 16)
    assert checkpointing.RunFiles(tmp_path).best.name == "best.safetensors"
