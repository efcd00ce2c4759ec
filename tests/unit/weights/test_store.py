"""A name or a path leads to a detector, and its network is what the card says."""

import os
import shutil
from pathlib import Path

import pytest

from earwitness.errors import SettingsError, WeightsCorrupt, WeightsMissing
from earwitness.weights import store

TINY = Path(__file__).parents[2] / "data" / "tiny_detector"


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of detectors that EARWITNESS_WEIGHTS names, with ``tiny_one`` in it."""
    shutil.copytree(TINY, tmp_path / "tiny_one")
    monkeypatch.setenv(store.VARIABLE, str(tmp_path))
    return tmp_path


def test_a_detector_is_found_by_name_with_dash_or_underscore(outside: Path) -> None:
    for name in ("tiny_one", "tiny-one"):
        found = store.find(name)
        assert found.folder == outside / "tiny_one"
        assert found.network.is_file()
        assert found.card.name == "tiny"


def test_a_detector_is_found_by_its_folder_and_by_its_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(store.VARIABLE, raising=False)
    for model in (TINY, str(TINY), TINY / "card.toml", str(TINY / "card.toml")):
        assert store.find(model).folder == TINY
    monkeypatch.chdir(TINY.parent)
    assert store.find("tiny_detector").folder == Path("tiny_detector")


def test_of_two_with_one_name_the_first_folder_counts(
    outside: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path_factory.mktemp("second")
    shutil.copytree(TINY, second / "tiny_one")
    shutil.copytree(TINY, second / "another")
    monkeypatch.setenv(store.VARIABLE, os.pathsep.join([str(outside), "", str(second)]))
    assert store.find("tiny_one").folder == outside / "tiny_one"
    names = [found.folder.name for found in store.installed()]
    assert names == sorted(names)
    assert {"tiny_one", "another"} <= set(names)
    assert next(f for f in store.installed() if f.folder.name == "tiny_one").folder.is_relative_to(
        outside
    )


def test_a_name_that_is_close_is_proposed(outside: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"no detector 'tiny_on' .* Did you mean tiny_one"):
        store.find("tiny_on")


def test_a_name_that_is_far_from_all_lists_them(outside: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"There are: .*tiny_one.*EARWITNESS_WEIGHTS may name"):
        store.find("qqq")


def test_a_folder_without_a_card_is_no_detector(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"has no card\.toml in it"):
        store.find(tmp_path)


def test_a_machine_without_any_detector_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(store.VARIABLE, raising=False)
    monkeypatch.setattr(store, "CATALOG", tmp_path)
    with pytest.raises(WeightsMissing, match="no detector 'embedded', and none at all"):
        store.find()


def test_a_network_that_was_changed_is_refused(outside: Path) -> None:
    with (outside / "tiny_one" / "network.onnx").open("ab") as network:
        network.write(b"!")
    with pytest.raises(WeightsCorrupt, match=r"network\.onnx: has SHA-256 .*, but its card says"):
        store.find("tiny_one")


def test_a_network_that_is_gone_is_named(outside: Path) -> None:
    (outside / "tiny_one" / "network.onnx").unlink()
    with pytest.raises(WeightsMissing, match=r"network\.onnx: cannot be opened .* 'tiny' needs it"):
        store.find("tiny_one")


def test_a_card_that_does_not_fit_is_named(outside: Path) -> None:
    (outside / "tiny_one" / "card.toml").write_text("name = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"card\.toml: name: expected str, but got 3"):
        store.find("tiny_one")
