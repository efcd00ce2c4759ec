"""Where the lists and the audio of a corpus lie, however it was unpacked. Raises nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

from earwitness.protocols._labels import label_named

_DEPTH = 5
_MOST_FOLDERS = 2000
_AUDIO = ("flac", "wav")
_UPWARDS = 6


def files_named(root: Path, names: Collection[str]) -> list[Path]:
    """Find the files that are called so, the nearest first; a file is looked at by itself.

    Folders that hold audio are not entered (their names begin with flac or wav, or are labels):
    some have hundreds of thousands of files.
    """
    if os.path.isfile(root):
        return [root]
    found: list[Path] = []
    level = [root]
    for _ in range(_DEPTH):
        below: list[Path] = []
        for folder in level[:_MOST_FOLDERS]:
            for entry in _entries(folder):
                if entry.name in names and os.path.isfile(entry):
                    found.append(Path(entry.path))
                elif _may_hold_lists(entry.name) and _is_dir(entry):
                    below.append(Path(entry.path))
        level = below
    return found


class Sounds:
    """Where the recordings of a list lie.

    Args:
        listing: the list that names them; the audio is searched from its folder upwards.
        root: what was asked about: where the audio is said to be missing, if it is.
        patterns: folders of audio as they are called from any of the folders above the list.
    """

    def __init__(self, listing: Path, root: Path, patterns: Sequence[str]) -> None:
        self._folders = _audio_folders(listing, patterns) or [_folder(root) / patterns[0]]
        # A corpus in several archives lies in several folders: one look into each beats asking
        # every folder for every file.
        self._home = _homes(self._folders) if len(self._folders) > 1 else {}

    def path(self, name: str) -> Path:
        """Say where a recording lies, or would lie if it were there."""
        file = f"{name}.flac"
        return self._home.get(file, self._folders[0]) / file


def _may_hold_lists(name: str) -> bool:
    return not (name.startswith((".", *_AUDIO)) or label_named(name))


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _audio_folders(listing: Path, patterns: Sequence[str]) -> list[Path]:
    for folder in islice(listing.absolute().parents, _UPWARDS):
        for pattern in patterns:
            found = sorted(path for path in folder.glob(pattern) if os.path.isdir(path))
            if found:
                return found
    return []


def _folder(root: Path) -> Path:
    return root if os.path.isdir(root) else root.parent


def _homes(folders: list[Path]) -> dict[str, Path]:
    return {entry.name: folder for folder in folders for entry in _entries(folder)}
