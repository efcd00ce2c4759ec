"""Which files of a folder are recordings, by their names."""

import os
from pathlib import Path

import pytest

from earwitness.audio.suffixes import SUFFIXES, audio_files


def found(folder: Path) -> list[str]:
    closed: list[OSError] = []
    names = [
        os.path.relpath(name, folder) for name in audio_files(str(folder), onerror=closed.append)
    ]
    assert closed == []
    return names


@pytest.mark.parametrize("name", ["a.wav", "a.WAV", "a.flac", "a.mp3", "a.opus", "a.webm", "a.mkv"])
def test_names_of_audio_and_video_are_found_in_any_case(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert found(tmp_path) == [name]


@pytest.mark.parametrize("name", ["a.txt", "wav", ".a.wav", "a.wav.part", "a.zip"])
def test_other_names_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert found(tmp_path) == []


def test_a_pipe_is_left_alone_whatever_it_is_called(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert found(tmp_path) == []


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    closed: list[OSError] = []
    assert list(audio_files(str(tmp_path / "gone"), onerror=closed.append)) == []
    assert [type(error) for error in closed] == [FileNotFoundError]


def test_every_suffix_is_written_as_it_is_compared() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in SUFFIXES)
