"""A detector's folder appears as a whole, or not at all."""

import os
from pathlib import Path

import pytest

from earwitness.errors import SettingsError, WeightsMissing
from earwitness.weights import folders
from earwitness.weights.folders import appearing, put, refuse_unwritable


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with appearing(tmp_path / "new" / "one") as unfinished:
        (unfinished / "file").write_text("content")
        assert not (tmp_path / "new" / "one").exists()
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["one"]
    assert (tmp_path / "new" / "one" / "file").read_text() == "content"


def test_nothing_is_left_where_it_went_wrong(tmp_path: Path) -> None:
    def interrupted() -> None:
        with appearing(tmp_path / "one") as unfinished:
            (unfinished / "file").write_text("content")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(SettingsError, match="is there already"), appearing(tmp_path / "one"):
        pytest.fail("was opened")


def test_a_place_that_takes_no_folder_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with pytest.raises(SettingsError, match=r"cannot be written, for .*file takes no new folder"):
        refuse_unwritable(tmp_path / "file" / "one")


def test_a_disk_that_fails_is_told(tmp_path: Path) -> None:
    full = pytest.raises(SettingsError, match=r"one: cannot be written \(No space left")
    with full, appearing(tmp_path / "one"):
        raise OSError(28, "No space left on device")


def test_a_copy_is_a_file_of_its_own_and_a_link_is_not(tmp_path: Path) -> None:
    source = tmp_path / "source.pth"
    source.write_bytes(b"first")
    for way in ("copy", "link", "share"):
        put(source, tmp_path / way, way)  # type: ignore[arg-type]
    source.write_bytes(b"other")
    assert (tmp_path / "copy").read_bytes() == b"first"
    assert (tmp_path / "link").read_bytes() == b"other"
    assert (tmp_path / "link").resolve() == source
    assert (tmp_path / "share").samefile(source)


def test_where_no_hard_link_is_possible_the_file_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(folders.os, "link", refuse)
    (tmp_path / "source").write_bytes(b"first")
    put(tmp_path / "source", tmp_path / "share", "share")
    assert (tmp_path / "share").read_bytes() == b"first"
    assert os.stat(tmp_path / "share").st_nlink == 1


def test_what_cannot_be_read_or_linked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WeightsMissing, match=r"no\.pth: cannot be read"):
        put(tmp_path / "no.pth", tmp_path / "copy", "link")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    (tmp_path / "source").write_bytes(b"first")
    monkeypatch.setattr(Path, "symlink_to", refuse)
    with pytest.raises(SettingsError, match="cannot be linked here"):
        put(tmp_path / "source", tmp_path / "link", "link")
