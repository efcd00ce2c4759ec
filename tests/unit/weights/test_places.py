"""Detectors of one's own lie in a folder of the user, or where EARWITNESS_WEIGHTS says."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from earwitness.errors import WeightsMissing
from earwitness.weights import places, store

TINY = Path(__file__).parents[2] / "data" / "tiny_detector"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", store.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_the_users_own_folder_is_that_of_the_system(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {
        "linux": home / ".local/share/earwitness/weights",
        "darwin": home / "Library/Application Support/earwitness/weights",
        "win32": home / "AppData/Local/earwitness/weights",
    }
    for platform, folder in expected.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert places.own_place() == folder
    monkeypatch.setenv("LOCALAPPDATA", str(home / "elsewhere"))
    assert places.own_place() == home / "elsewhere/earwitness/weights"


def test_xdg_names_another_folder_if_it_is_absolute(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert places.own_place() == home / "data/earwitness/weights"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert places.own_place() == home / ".local/share/earwitness/weights"


def test_the_first_folder_of_the_variable_comes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.VARIABLE, os.pathsep.join(["", str(home / "a"), str(home / "b")]))
    assert places.own_place() == home / "a"
    assert places.places()[:2] == [home / "a", home / "b"]
    assert len(places.places()) == 3


def test_a_user_without_a_home_is_told_to_name_a_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert places.places() == []
    with pytest.raises(WeightsMissing, match=r"no home folder\. Name a folder in EARWITN"):
        places.own_place()


def test_a_detector_in_the_users_own_folder_is_found_by_name(home: Path) -> None:
    shutil.copytree(TINY, places.own_place() / "my_own")
    assert store.find("my-own").folder == places.own_place() / "my_own"
    assert "my_own" in [one.folder.name for one in store.installed()]


def test_a_folder_that_is_being_made_is_no_detector_yet(home: Path) -> None:
    shutil.copytree(TINY, places.own_place() / ".my_own.abc.unfinished")
    assert not [one for one in store.installed() if "unfinished" in one.folder.name]
