"""A published file of weights becomes a detector's folder: checked, recorded, and no pickle."""

import pickle
import stat
from pathlib import Path

import numpy as np
import pytest
import torch

from earwitness.errors import IncompatibleWeights, SettingsError, WeightsCorrupt, WeightsMissing
from earwitness.export.converting import Said, make_detector
from earwitness.models import checkpoints
from earwitness.runtimes.opening import open_model
from earwitness.weights import store
from earwitness.weights.cards import read_card
from earwitness.weights.publications import publication

pytestmark = pytest.mark.torch


def rows(count: int = 2) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, 64_600)).astype(np.float32) * 0.1


@pytest.fixture(scope="module")
def light(shared: Path) -> Path:
    return shared / "golden" / "aasist" / "AASIST-L.pth"


@pytest.fixture(scope="module")
def gat(shared: Path) -> Path:
    return shared / "golden" / "rawgat_st" / "RawGAT_ST_mul.pth"


@pytest.fixture(scope="module")
def ssl(shared: Path) -> Path:
    return shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist_dataparallel.pth"


@pytest.mark.parametrize("which", ["light", pytest.param("gat", marks=pytest.mark.slow), "ssl"])
def test_converted_weights_keep_their_names_and_score_the_same_to_the_bit(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    file: Path = request.getfixturevalue(which)
    added = make_detector(file, tmp_path / "mine", way="convert")
    network = tmp_path / "mine" / "weights.safetensors"
    before, after = checkpoints.read_weights(file), checkpoints.read_weights(network)
    assert set(after) == set(before)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert added.keys == len(before)
    old, new = open_model(file), open_model(tmp_path / "mine")
    sound = rows(1)
    np.testing.assert_array_equal(old.runtime.scores(sound), new.runtime.scores(sound))
    assert not any(path.suffix in (".pth", ".pt") for path in (tmp_path / "mine").iterdir())
    assert network.stat().st_mode & stat.S_IRGRP == (tmp_path / "mine/card.toml").stat().st_mode & (
        stat.S_IRGRP
    )


def test_a_copy_is_the_file_and_its_card_says_what_it_is(light: Path, tmp_path: Path) -> None:
    said = Said(licence="MIT", origin="NAVER", training_data="much", trained_on=("wavefake",))
    added = make_detector(light, tmp_path / "mine", said=said)
    card = read_card(tmp_path / "mine" / "card.toml")
    assert card == added.card
    assert (tmp_path / "mine" / card.network).read_bytes() == light.read_bytes()
    assert (card.name, card.title) == ("mine", "AASIST-L, from AASIST-L.pth")
    assert (card.licence, card.training_data, card.proof) == ("MIT", "much", "scores")
    assert card.trained_on == ("wavefake",)
    assert card.origin == f"NAVER (SHA-256 of the file as given {added.sha256})"
    assert card.sha256 == added.sha256 == store.sha256_of(light)
    assert (added.network, added.publication, added.is_known_file) == ("AASIST-L", None, False)
    assert store.find(tmp_path / "mine").card.parameters == 85_306


def test_a_link_leaves_the_file_where_it_is(light: Path, tmp_path: Path) -> None:
    added = make_detector(light, tmp_path / "mine", way="link")
    network = tmp_path / "mine" / added.card.network
    assert network.is_symlink()
    assert store.find(tmp_path / "mine").network.resolve() == light.resolve()


def test_a_file_whose_hash_is_known_is_taken_for_what_it_is(gat: Path, tmp_path: Path) -> None:
    added = make_detector(gat, tmp_path / "mine")
    assert added.publication is publication("rawgat_st")
    assert added.is_known_file
    assert added.card.licence.startswith("MIT")
    assert added.card.trained_on == ("asvspoof2019_la/train",)
    assert added.card.quality["published_eer_1"].startswith("1.06 % on ASVspoof 2019 LA, eval")
    assert added.card.origin.startswith("eurecom-asp/RawGAT-ST-antispoofing, Best_epoch.pth;")


def test_what_a_file_is_said_to_be_has_to_fit(
    gat: Path, ssl: Path, light: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    added = make_detector(ssl, out, publication=publication("ssl_aasist_df"))
    assert (added.card.licence, added.is_known_file) == ("none stated", False)
    with pytest.raises(IncompatibleWeights, match="holds AASIST-L, but rawgat_st is RawGAT-ST"):
        make_detector(light, tmp_path / "other", publication=publication("rawgat_st"))
    with pytest.raises(IncompatibleWeights, match="rawgat_st_add: No network here runs them"):
        make_detector(gat, tmp_path / "other", publication=publication("rawgat_st_add"))
    altered = checkpoints.read_weights(gat)
    altered["first_bn.bias"] = altered["first_bn.bias"] + 1
    torch.save(altered, tmp_path / "altered.pth")
    with pytest.raises(
        WeightsCorrupt, match=r"but the published file of rawgat_st has 8a91ce8201d4"
    ):
        make_detector(
            tmp_path / "altered.pth", tmp_path / "other", publication=publication("rawgat_st")
        )
    assert not (tmp_path / "other").exists()


class Bomb:
    """Unpickled, this makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


def test_a_file_that_wants_to_run_code_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pth"
    torch.save({"state_dict": {"a": torch.zeros(1)}, "args": Bomb(tmp_path / "ran")}, bad)
    plain = tmp_path / "plain.pth"
    plain.write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    for file in (bad, plain):
        with pytest.raises(WeightsCorrupt, match="is not a plain torch checkpoint of tensors"):
            make_detector(file, tmp_path / "mine", way="convert")
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "mine").exists()


def test_a_key_too_few_or_too_many_is_listed(light: Path, tmp_path: Path) -> None:
    weights = checkpoints.read_weights(light)
    fewer = {name: value for name, value in weights.items() if name != "pos_S"}
    torch.save(fewer, tmp_path / "fewer.pth")
    with pytest.raises(IncompatibleWeights, match="Against AASIST-L: missing pos_S"):
        make_detector(tmp_path / "fewer.pth", tmp_path / "mine")
    torch.save({**weights, "extra": torch.zeros(2)}, tmp_path / "more.pth")
    with pytest.raises(IncompatibleWeights, match="Against AASIST-L: unexpected extra"):
        make_detector(tmp_path / "more.pth", tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_what_is_no_file_of_weights_is_told(light: Path, root: Path, tmp_path: Path) -> None:
    tiny = root / "tests" / "data" / "tiny_detector"
    (tmp_path / "text.txt").write_text("words")
    for file, error, says in (
        (tiny, IncompatibleWeights, "is a detector's folder already. Use --model"),
        (tmp_path, IncompatibleWeights, "is a folder. Name the file"),
        (tmp_path / "no.pth", WeightsMissing, "there is no such file"),
        (tmp_path / "text.txt", IncompatibleWeights, "is no file of weights by its name"),
    ):
        with pytest.raises(error, match=says):
            make_detector(file, tmp_path / "mine")
    (tmp_path / "there").mkdir()
    with pytest.raises(SettingsError, match="is there already"):
        make_detector(light, tmp_path / "there")


def test_tensors_that_share_memory_are_written_each_by_itself(tmp_path: Path) -> None:
    whole = torch.arange(12.0)
    given = {"a": whole, "b": whole, "c": whole[3:6], "d": whole.view(3, 4).T, "e": torch.tensor(3)}
    checkpoints.save(given, tmp_path / "some.safetensors")
    read = checkpoints.read_weights(tmp_path / "some.safetensors")
    assert all(torch.equal(given[name], read[name]) for name in given)
