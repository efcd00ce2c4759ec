"""Fine-tuning with a loss of cosines: from a published checkpoint to one that is found again."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from earwitness.config import settings
from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.branches import Branches, BranchSettings
from earwitness.records import Label, Trial
from earwitness.training.cosine_learners import suited
from earwitness.training.finetuning import Job, finetune
from earwitness.training.learner import Learner, open_learner
from earwitness.training.losses import loss
from earwitness.training.recipes import FinetuneSettings

pytestmark = [pytest.mark.torch, pytest.mark.train]

RATE = 16_000
OF_COSINES = ("am_softmax", "oc_softmax", "p2sgrad")


@pytest.fixture(scope="module")
def aasist_l(shared: Path) -> Path:
    return shared / "golden" / "aasist" / "AASIST-L.pth"


def trials(folder: Path, name: str) -> list[Trial]:
    """Four clips of a second: buzzing ones are bona fide, hissing ones are not."""
    found = []
    for number in range(4):
        label = Label.BONA_FIDE if number % 2 else Label.SPOOF
        rng = np.random.default_rng(number + 10 * len(name))
        sound = 0.05 * rng.standard_normal(RATE)
        if label is Label.BONA_FIDE:
            sound += 0.2 * np.sign(np.sin(2 * np.pi * 120 * np.arange(RATE) / RATE))
        path = folder / f"{name}_{number}.wav"
        soundfile.write(path, sound, RATE)
        found.append(Trial(path.name, path, label, name))
    return found


def test_a_loss_of_logits_leaves_a_learner_as_it_is(aasist_l: Path) -> None:
    learner = open_learner(aasist_l)
    assert suited(learner, loss({"name": "focal"})) is learner
    assert isinstance(learner.network.backend.out, torch.nn.Linear)


def test_a_learner_of_cosines_writes_files_that_are_read_as_such(
    aasist_l: Path, tmp_path: Path
) -> None:
    learner = suited(open_learner(aasist_l), loss({"name": "p2sgrad"}))
    assert learner.architecture == "AASIST-L (cosines)"
    weights = learner.published(learner.network.state_dict())
    checkpoints.save(weights, tmp_path / "mine.safetensors")
    assert {key for key in weights if key.startswith("out_layer")} == {"out_layer.directions"}
    again = open_learner(tmp_path / "mine.safetensors")
    assert again.architecture == learner.architecture
    assert suited(again, loss({"name": "oc_softmax"})) is again
    state, expected = again.network.state_dict(), learner.network.state_dict()
    assert all(torch.equal(state[key], value) for key, value in expected.items())


def test_what_has_no_such_head_is_refused() -> None:
    branch = BranchSettings("spectrum", "statistics", {"hop": 320}, {"hidden": 4, "heads": 1})
    learner = Learner("ours", "two branches", Branches((branch, branch)), RATE, RATE)
    with pytest.raises(IncompatibleWeights, match="Branches has no head that tells cosines"):
        suited(learner, loss({"name": "oc_softmax"}))


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_COSINES)
def test_a_fine_tuning_learns_by_it_and_its_detector_is_opened_again(
    name: str, aasist_l: Path, tmp_path: Path
) -> None:
    table = {
        "name": name, "epochs": 4, "precision": "fp32", "loss": {"name": name}, "dropout": 0.0,
        "data": {"batch": 4, "length_s": 1.0}, "optimiser": {"rate": 1e-3},
    }  # fmt: skip
    recipe = settings(FinetuneSettings, table, where="test")
    train, dev = trials(tmp_path, "train"), trials(tmp_path, "development")
    done = finetune(Job(aasist_l, recipe, train, dev, out=tmp_path / "run"))
    losses = [row.train_loss for row in done.curve if row.train_loss is not None]
    assert losses[-1] < losses[0]
    found = checkpoints.read(done.best)
    assert found.name == "AASIST-L (cosines)"
    scores = found.network(torch.zeros(1, RATE) + torch.randn(1, RATE) * 0.01)
    assert float(scores.detach().abs().max()) <= 1
    assert open_learner(tmp_path / "run" / "detector").architecture == found.name
