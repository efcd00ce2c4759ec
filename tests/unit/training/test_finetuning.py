"""A fine-tuning from its parts to the detector's folder, and each sentence that refuses one."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file

import earwitness
from earwitness.errors import (
    IncompatibleWeights,
    MissingExtra,
    ProtocolError,
    SettingsError,
    UnreadableAudio,
    WeightsMissing,
)
from earwitness.records import Label
from earwitness.runtimes import Engine
from earwitness.runtimes.opening import open_model
from earwitness.training import logging_curves
from earwitness.training.finetuning import Finished, finetune, restart
from earwitness.training.learner import open_learner
from earwitness.training.logging_curves import Loggers
from finetuned_runs import RATE, job, made_folders, recipe, sound_folder, tiny_detector

pytestmark = [pytest.mark.torch, pytest.mark.train]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_detector(tmp_path_factory.mktemp("start") / "start.safetensors")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_folders(tmp_path_factory.mktemp("sounds"), keep=12)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def done(
    model: Path, folder: Path, lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    out = tmp_path_factory.mktemp("run") / "out"
    settings = recipe(epochs=3, data={"batch": 4, "length_s": 0.5})
    loggers = Loggers(tensorboard=True)
    return finetune(job(folder, out, model, recipe=settings, loggers=loggers), lines.append)


def test_what_is_easy_to_tell_is_learned(done: Finished) -> None:
    assert [row.epoch for row in done.curve] == [0, 1, 2, 3]
    assert done.curve[-1].dev_loss < 0.5 * done.curve[0].dev_loss
    assert done.curve[-1].dev_eer == 0.0
    assert done.curve[-1].keep_eer == 0.0


def test_it_says_what_happens_in_lines(done: Finished, lines: list[str]) -> None:
    assert lines[0] == "reading 24 clips: train"
    assert any(line.startswith("before: dev loss") for line in lines)
    assert any(line.startswith("epoch 3 of 3: train loss") for line in lines)


def test_the_chosen_epoch_has_the_lowest_dev_loss(done: Finished) -> None:
    losses = {row.epoch: row.dev_loss for row in done.curve[1:]}
    assert done.chosen_epoch == min(losses, key=lambda epoch: losses[epoch])
    chosen = done.out / "checkpoints" / f"epoch-{done.chosen_epoch:02d}.safetensors"
    assert done.best.read_bytes() == chosen.read_bytes()


def test_every_file_of_weights_is_a_model(done: Finished) -> None:
    files = sorted((done.out / "checkpoints").iterdir())
    assert [file.name for file in files] == [
        "best.safetensors", "epoch-01.safetensors", "epoch-02.safetensors",
        "epoch-03.safetensors", "last.safetensors",
    ]  # fmt: skip
    sound = np.random.default_rng(0).normal(size=(1, 8000)).astype(np.float32)
    scores = {file.name: open_model(file, Engine()).runtime.scores(sound) for file in files}
    assert scores["last.safetensors"] == scores["epoch-03.safetensors"]
    assert scores["last.safetensors"] != scores["epoch-01.safetensors"]


def test_the_detectors_folder_is_a_model_that_is_not_calibrated(
    done: Finished, folder: Path
) -> None:
    detector = earwitness.load(done.detector)
    assert detector.card.calibration is None
    assert "24 clips (12 bona fide, 12 spoof)" in detector.card.training_data
    buzzing, hissing = (
        detector.detect(sorted((folder / "dev" / label).rglob("*.wav"))[0]).raw_score
        for label in ("Real", "Fake")
    )
    assert buzzing is None or hissing is None or buzzing > hissing


def test_losses_are_kept_as_a_table_and_for_tensorboard(done: Finished) -> None:
    with (done.out / "losses" / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["dev_loss"]) for row in rows] == [row.dev_loss for row in done.curve]
    assert rows[0]["train_loss"] == ""
    assert list((done.out / "tensorboard").glob("events.*"))
    assert json.loads((done.out / "recipe.json").read_text())["data"]["batch"] == 4


def test_a_run_that_is_done_is_given_again(done: Finished, folder: Path, model: Path) -> None:
    settings = recipe(epochs=3, data={"batch": 4, "length_s": 0.5})
    said: list[str] = []
    assert finetune(job(folder, done.out, model, recipe=settings), said.append) == done
    assert said == [f"{done.out}: this run is done already"]


def test_a_folder_with_another_run_is_left_alone(done: Finished, folder: Path, model: Path) -> None:
    with pytest.raises(SettingsError, match="holds a run of another model, recipe or data"):
        finetune(job(folder, done.out, model, recipe=recipe(seed=9)))


def test_a_run_can_be_forgotten_and_decoded_sound_is_kept(done: Finished, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    shutil.copytree(done.out, out)
    restart(out)
    assert [path.name for path in out.iterdir()] == ["clips"]
    restart(tmp_path / "never was")


def test_a_folder_that_is_no_run_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(SettingsError, match="holds no run of ours"):
        restart(tmp_path)


@pytest.mark.slow
def test_only_best_and_last_are_kept_if_that_is_enough(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    finetune(job(folder, tmp_path / "run", model, recipe=recipe(epochs=1), every_epoch=False))
    names = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert names == ["best.safetensors", "last.safetensors"]


@pytest.mark.slow
def test_patience_ends_a_run_that_gets_no_better(folder: Path, model: Path, tmp_path: Path) -> None:
    settings = recipe(epochs=9, optimiser={"rate": 1e-3}, stopping={"select": "eer", "patience": 2})
    found = finetune(job(folder, tmp_path / "run", model, recipe=settings))
    assert found.curve[-1].epoch == found.chosen_epoch + 2 < 9


def test_a_loss_that_is_no_number_ends_the_run(folder: Path, model: Path, tmp_path: Path) -> None:
    settings = recipe(optimiser={"name": "sgd", "rate": 1e12})
    with pytest.raises(SettingsError, match=r"The loss in epoch \d, step \d is no finite number"):
        finetune(job(folder, tmp_path / "run", model, recipe=settings))


@pytest.mark.slow
def test_half_of_a_keep_set_is_replayed_and_no_longer_scored(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    settings = recipe(epochs=1, keep=[{"name": "replay", "share": 0.25}])
    found = finetune(job(folder, tmp_path / "run", model, recipe=settings))
    sources = {name.rpartition("/")[0] for name in found.replayed}
    kept = {trial.id for trial in job(folder, tmp_path, model).keep}
    assert 0 < len(found.replayed) < len(kept)
    left = {name.rpartition("/")[0] for name in kept - set(found.replayed)}
    assert not sources & left


def test_a_recipe_that_replays_wants_something_to_replay(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    settings = recipe(keep=[{"name": "replay", "share": 0.25}])
    with pytest.raises(SettingsError, match=r"none was given: use --keep"):
        finetune(job(folder, tmp_path / "run", model, recipe=settings, keep=()))


@pytest.mark.slow
def test_weights_are_moved_by_what_is_trained_only(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    settings = recipe(epochs=1, keep=[{"name": "layers", "trained": ["head"]}])
    found = finetune(job(folder, tmp_path / "run", model, recipe=settings))
    before, after = load_file(model), load_file(found.best)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert not {name for name in moved if ".1." not in name}, "a front end was moved"


def test_one_label_only_is_refused(folder: Path, model: Path, tmp_path: Path) -> None:
    made = job(folder, tmp_path / "run", model)
    only = tuple(trial for trial in made.train if trial.label is Label.SPOOF)
    with pytest.raises(ProtocolError, match="train part has 0 bona fide and 12 spoof clips"):
        finetune(replace(made, train=only))


def test_an_empty_dev_part_is_refused(folder: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="The dev part is empty"):
        finetune(job(folder, tmp_path / "run", model, dev=()))


def test_recordings_that_are_trained_on_and_chosen_by_are_counted(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    """By their bytes: the copies lie elsewhere and are called otherwise."""
    made = job(folder, tmp_path / "run", model)
    copies = []
    for number, trial in enumerate(made.train[:10:3]):
        path = tmp_path / f"copy_{number}.wav"
        shutil.copyfile(trial.path, path)
        copies.append(replace(trial, id=path.name, path=path))
    with pytest.raises(ProtocolError, match="4 recordings are in the train part and in the dev"):
        finetune(replace(made, dev=(*made.dev, *copies)))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_an_overlap_can_be_allowed(folder: Path, model: Path, tmp_path: Path) -> None:
    made = job(folder, tmp_path / "run", model, recipe=recipe(epochs=1), allow_overlap=True)
    assert finetune(replace(made, dev=made.train)).chosen_epoch == 1


def test_clips_that_cannot_be_read_are_left_out_and_told(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    made = job(folder, tmp_path / "run", model, recipe=recipe(epochs=1))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFFnoise")
    told: list[str] = []
    damaged = replace(made.train[0], id="broken.wav", path=broken)
    found = finetune(replace(made, train=(*made.train, damaged)), told.append)
    assert len(found.unread) == 1
    assert "broken.wav" in found.unread[0]
    assert "not readable, and left out: 1 of 25 clips: train" in told


def test_a_part_of_which_nothing_can_be_read_is_refused(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    made = job(folder, tmp_path / "run", model)
    gone = tuple(replace(trial, path=tmp_path / trial.id) for trial in made.train)
    with pytest.raises(UnreadableAudio, match="None of 24 clips could be read"):
        finetune(replace(made, train=gone))


def test_a_batch_larger_than_the_set_is_refused(folder: Path, model: Path, tmp_path: Path) -> None:
    settings = recipe(data={"batch": 32, "length_s": 0.5})
    with pytest.raises(SettingsError, match=r"A step takes 32 clips .* there are 24 to train on"):
        finetune(job(folder, tmp_path / "run", model, recipe=settings))


def test_rows_longer_than_the_network_hears_are_refused(
    folder: Path, model: Path, tmp_path: Path
) -> None:
    settings = recipe(data={"length_s": 5.0})
    with pytest.raises(SettingsError, match=r"length_s \(5\.0\) is longer than what start hears"):
        finetune(job(folder, tmp_path / "run", model, recipe=settings))


def test_a_model_that_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"gone\.pth"):
        finetune(job(folder, tmp_path / "run", tmp_path / "gone.pth"))


def test_a_model_that_fits_no_layout_is_told_so(folder: Path, tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(IncompatibleWeights, match="does not fit"):
        finetune(job(folder, tmp_path / "run", tmp_path / "other.pth"))


def test_a_logger_that_is_not_installed_is_told_before_anything_is_read(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging_curves, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'earwitness\[wandb\]'"):
        finetune(job(folder, tmp_path / "run", model, loggers=Loggers(wandb="offline")))
    with pytest.raises(MissingExtra, match=r"pip install 'earwitness\[train\]'"):
        finetune(job(folder, tmp_path / "run", model, loggers=Loggers(tensorboard=True)))


@pytest.mark.slow
def test_clips_at_another_rate_are_resampled(model: Path, tmp_path: Path) -> None:
    """The published study fed 22.05 kHz to a model that wants 16 kHz."""
    made_folders(tmp_path / "sounds")
    for path in (tmp_path / "sounds").rglob("*.wav"):
        sound, _ = soundfile.read(path)
        soundfile.write(path, np.repeat(sound, 2), 2 * RATE)
    found = finetune(job(tmp_path / "sounds", tmp_path / "run", model, recipe=recipe(epochs=1)))
    samples = next((tmp_path / "run" / "clips").glob("*.pcm")).stat().st_size // 2
    assert samples in (24 * int(0.6 * RATE), 8 * int(0.6 * RATE))
    assert found.chosen_epoch == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["aasist/AASIST-L.pth", "ssl_aasist/tiny_ssl_aasist.pth"])
def test_published_checkpoints_are_fine_tuned_and_keep_their_names(
    name: str, shared: Path, folder: Path, tmp_path: Path
) -> None:
    from earwitness.models import checkpoints

    start = shared / "golden" / name
    settings = recipe(epochs=1, data={"batch": 4, "length_s": 0.3}, optimiser={"rate": 1e-4})
    found = finetune(job(folder, tmp_path / "run", start, recipe=settings, limit=8))
    before, after = checkpoints.read_weights(start), checkpoints.read_weights(found.best)
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[key], after[key]) for key in before)
    assert open_learner(found.detector).architecture == open_learner(start).architecture


@pytest.mark.slow
def test_the_detector_inside_the_package_can_be_fine_tuned(folder: Path, tmp_path: Path) -> None:
    settings = recipe(epochs=1, precision="auto", data={"batch": 4, "length_s": 0.5})
    made = job(folder, tmp_path / "run", "embedded", recipe=settings, limit=8)
    found = finetune(replace(made, named=("folder/eval",)))
    detector = earwitness.load(found.detector)
    assert detector.card.trained_on == ("pages/train", "folder/eval")
    assert detector.windows == earwitness.load("embedded").windows


@pytest.mark.slow
def test_a_sound_that_is_read_twice_is_decoded_once(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from earwitness.training import listening

    cache = tmp_path / "shared"
    settings = recipe(epochs=1)
    finetune(job(folder, tmp_path / "one", model, recipe=settings, cache=cache))
    monkeypatch.setattr(listening, "open_recording", lambda *_, **__: pytest.fail("decoded again"))
    finetune(job(folder, tmp_path / "two", model, recipe=settings, cache=cache))
    assert not (tmp_path / "two" / "clips").exists()


@pytest.mark.slow
def test_a_set_that_changes_is_decoded_again(model: Path, tmp_path: Path) -> None:
    made_folders(tmp_path / "sounds")
    cache = tmp_path / "shared"
    finetune(job(tmp_path / "sounds", tmp_path / "1", model, recipe=recipe(epochs=1), cache=cache))
    sound_folder(tmp_path / "sounds" / "dev", 8, seed=77)
    finetune(job(tmp_path / "sounds", tmp_path / "2", model, recipe=recipe(epochs=1), cache=cache))
    assert len(list(cache.glob("*.pcm"))) == 3
