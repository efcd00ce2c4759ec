"""``finetune`` and ``train`` on data sets: what is opened, what is refused, what is repeated."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from earwitness.apps.cli._finetuning_data import asked, dev_of
from earwitness.apps.cli._finetuning_wishes import Wishes
from earwitness.apps.cli.main import main
from earwitness.errors import ProtocolError
from earwitness.weights.cards import read_card
from finetuned_runs import made_folders, sound_folder

pytestmark = [pytest.mark.torch, pytest.mark.train]

SCRATCH = """
name = "scratch"
network = "AASIST-L"
epochs = 1
precision = "fp32"
data = {batch = 4, length_s = 0.3}
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [*map(str, words)])


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with the partitions train and dev."""
    root = tmp_path_factory.mktemp("parted")
    sound_folder(root / "train", 8, seed=1)
    sound_folder(root / "dev", 6, seed=2)
    return root


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain Real/Fake pair."""
    return sound_folder(tmp_path_factory.mktemp("pair"), 6, seed=3)


def test_the_partition_that_is_meant_is_opened(parted: Path) -> None:
    assert len(asked(str(parted), "train", protocol=None).trials) == 8
    assert len(asked(str(parted), "dev", protocol=None).trials) == 6
    assert len(asked(f"{parted}:dev", "train", protocol=None).trials) == 6


def test_a_plain_pair_is_opened_whatever_it_is_for(pair: Path) -> None:
    assert asked(str(pair), "train", protocol=None).partition == "eval"
    assert asked(str(pair), None, protocol="folder").partition == "eval"


def test_a_partition_that_is_not_there_is_told(parted: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"has no partition 'eval'\. Write .*:PARTITION"):
        asked(str(parted), "eval", protocol=None)
    with pytest.raises(ProtocolError, match="there is no such file or folder"):
        asked(str(tmp_path / "gone"), "train", protocol=None)
    with pytest.raises(ProtocolError, match="there is no such file or folder"):
        asked(str(tmp_path / "gone"), "train", protocol="folder")


def test_the_dev_part_lies_beside_what_is_trained_on(parted: Path, pair: Path) -> None:
    assert dev_of(f"{parted}:train", protocol=None) == f"{parted}:dev"
    with pytest.raises(click.UsageError, match=r"has no partition dev .* give --dev DATASET"):
        dev_of(str(pair), protocol=None)


def test_a_command_is_repeated_with_what_was_not_the_default() -> None:
    wishes = Wishes(
        model="embedded", train="a b", rate=1e-4, allow_overlap=True, as_json=True, threads=2
    )
    assert wishes.repeated() == (
        "earwitness finetune --model embedded --train 'a b' --rate 0.0001 --allow-overlap"
    )
    trained = Wishes(recipe="aasist_la", train="LA", out=Path("run"), command="train")
    assert trained.repeated() == "earwitness train aasist_la --train LA --out run"


@pytest.mark.parametrize("command", [["finetune"], ["train", "aasist_la", "--out", "x"]])
def test_nothing_to_learn_from_is_told_as_wrong_usage(command: list[str]) -> None:
    done = run(*command)
    assert done.exit_code == 2
    assert "Give --train DATASET" in done.stderr


def test_options_of_the_other_kind_of_recipe_are_refused(parted: Path, root: Path) -> None:
    embedded = root / "recipes" / "embedded.toml"
    done = run("train", embedded, "--train", parted, "--corpus", parted, "--out", "x")
    assert done.exit_code == 2
    assert "--train belongs to recipes that name a network, and this one does not" in done.stderr
    done = run("train", "aasist_la", "--train", parted, "--part", "full", "--out", "x")
    assert done.exit_code == 2
    assert "--part belongs to recipes with branches" in done.stderr
    done = run("train", embedded, "--out", "x")
    assert done.exit_code == 2
    assert "embedded.toml has branches: give --corpus" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "fault"),
    [
        (["--recipe", "nothing"], 5, "There is no recipe 'nothing'"),
        (["--recipe", "embedded"], 5, "use earwitness train"),
        (["--model", "gone.pth"], 4, "gone.pth"),
        (["--rate", "0"], 2, "--rate"),
        (["--limit", "1"], 2, "--limit"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(
    words: list[str], code: int, fault: str, parted: Path, tmp_path: Path
) -> None:
    done = run("finetune", "--train", parted, *words, "--out", tmp_path / "run")
    assert done.exit_code == code, done.stderr
    assert fault in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.slow
def test_a_network_is_trained_from_scratch_and_is_a_model(tmp_path: Path, examples: Path) -> None:
    folder = made_folders(tmp_path / "sounds", train=8, dev=4)
    recipe = tmp_path / "scratch.toml"
    recipe.write_text(SCRATCH)
    words = ("train", recipe, "--train", folder / "train", "--dev", folder / "dev", "--out",
             tmp_path / "run", "--threads", 1, "--workers", 0)  # fmt: skip
    done = run(*words, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["chosen_epoch"] == 1
    card = read_card(Path(told["detector"]) / "card.toml")
    assert "trained by the recipe scratch" in card.title
    assert card.training_data == "8 clips (4 bona fide, 4 spoof) of folder/eval"
    clip = examples / "bonafide_pocketsphinx_numbers.wav"
    heard = run("detect", clip, "--model", told["detector"], "--json")
    assert heard.exit_code == 0, heard.stderr
    again = run(*words)
    assert again.exit_code == 0, again.stderr
    assert "this run is done already" in again.stderr
    assert again.stdout.startswith(f"{told['detector']}: epoch 1, dev loss ")
