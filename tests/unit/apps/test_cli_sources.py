"""What stands on the command line becomes requests: files, folders, ranges, standard input."""

import os
from pathlib import Path

import click
import pytest

from earwitness.apps.cli import _sources
from earwitness.apps.cli._sources import Request, requests
from earwitness.records import Failure
from earwitness.reporting import Finding


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with sound on two levels, and with what has to be left alone."""
    for name in ["b.wav", "a.MP3", "notes.txt", ".hidden.wav", "deep/er/c.mkv", ".git/d.wav"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def asked(*paths: str) -> list[Request]:
    found = requests(paths, "mix")
    assert all(isinstance(one, Request) for one in found)
    return [one for one in found if isinstance(one, Request)]


def test_a_folder_is_searched_to_the_bottom_in_order(archive: Path) -> None:
    names = [os.path.relpath(one.source, archive) for one in asked(str(archive))]
    assert names == ["a.MP3", "b.wav", os.path.join("deep", "er", "c.mkv")]


def test_a_file_that_is_named_itself_may_be_called_anything(archive: Path) -> None:
    assert [one.source for one in asked(str(archive / "notes.txt"))] == [str(archive / "notes.txt")]


def test_a_folder_without_audio_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no sound")
    (found,) = requests((str(tmp_path),), "mix")
    assert isinstance(found, Finding)
    assert isinstance(found.found, Failure)
    assert found.found.code == "audio.empty"
    assert found.found.message.startswith(f"{tmp_path}: no file in this folder")
    assert "Give a file itself" in found.found.message


def test_a_folder_that_cannot_be_searched_is_told(monkeypatch, tmp_path: Path) -> None:
    def closed(folder: str, onerror) -> list[object]:
        onerror(PermissionError(13, "Permission denied", folder))
        return []

    monkeypatch.setattr(_sources.os, "walk", closed)
    (found,) = requests((str(tmp_path),), "mix")
    assert isinstance(found, Finding)
    assert isinstance(found.found, Failure)
    assert "cannot be searched (Permission denied)" in found.found.message


@pytest.mark.parametrize(
    ("text", "start_s", "end_s"),
    [
        ("10,20", 10.0, 20.0),
        ("10", 10.0, None),
        (",20", 0.0, 20.0),
        ("1:56,2:02.5", 116.0, 122.5),
        ("1:00:00", 3600.0, None),
        ("0.25,0.5", 0.25, 0.5),
    ],
)
def test_a_range_is_read_in_seconds_or_as_a_clock(
    text: str, start_s: float, end_s: float | None
) -> None:
    (one,) = asked(f"speech.wav#t={text}")
    assert one.source == "speech.wav"
    assert (one.part.start_s, one.part.end_s) == (start_s, end_s)
    assert one.time_range is not None
    assert one.time_range[0] == start_s


def test_without_a_range_the_detector_is_asked_about_everything() -> None:
    assert asked("speech.wav")[0].time_range is None


@pytest.mark.parametrize("text", ["", ",", "x", "1,2,3", "1:2:3:4", "-5", "1,y", "nan", "1:75:3:2"])
def test_a_range_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.UsageError, match=r"is no range\. Write FILE#t=10,20"):
        requests((f"speech.wav#t={text}",), "mix")


def test_a_range_must_run_forwards() -> None:
    with pytest.raises(click.UsageError, match="ends before it starts"):
        requests(("speech.wav#t=20,20",), "mix")


def test_a_file_whose_name_holds_the_mark_wins(tmp_path: Path) -> None:
    odd = tmp_path / "take#t=1,2"
    odd.write_bytes(b"x")
    (one,) = asked(str(odd))
    assert one.source == str(odd)
    assert one.time_range is None


def test_a_range_of_a_folder_is_one_of_each_file(archive: Path) -> None:
    assert {one.time_range for one in asked(f"{archive}#t=1,2")} == {(1.0, 2.0)}


def test_standard_input_can_be_given_once(monkeypatch) -> None:
    with pytest.raises(click.UsageError, match="once only"):
        requests(("-", "-"), "mix")
    with open(os.devnull) as nothing:
        monkeypatch.setattr(_sources.sys, "stdin", nothing)
        assert asked("-")[0].source == "-"


def test_standard_input_that_is_a_keyboard_is_wrong_usage(monkeypatch) -> None:
    class Keyboard:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr(_sources.sys, "stdin", Keyboard())
    with pytest.raises(click.UsageError, match="earwitness detect - < FILE"):
        requests(("-",), "mix")


def test_names_of_one_folder_are_measured_without_it(archive: Path, tmp_path: Path) -> None:
    paths = (str(archive),)
    found = _sources.names(paths, requests(paths, "each"))
    assert found.folder == f"{archive}{os.sep}"
    assert found.width == len(os.path.join("deep", "er", "c.mkv (channel 0)"))
    both = (str(archive / "b.wav"), str(tmp_path / "a.MP3"))
    assert _sources.names(both, requests(both, "mix")).folder == ""
