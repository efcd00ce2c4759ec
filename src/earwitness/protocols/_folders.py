"""Folders whose names are labels and partitions → trials; ids are paths relative to the root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from earwitness.audio.suffixes import audio_files
from earwitness.errors import ProtocolError
from earwitness.protocols._labels import label_named, partition_named
from earwitness.records import Label, Trial

SOURCE = "source"
"""Column: the folders between the label's folder and the file, where there are any."""

_FEW = 3
_WORDS = {Label.BONA_FIDE: "bona fide (Real, bonafide, genuine …)", Label.SPOOF: "spoof (Fake …)"}


def folders_in(root: Path) -> list[Path]:
    """List the folders right in a folder, in order; none where it cannot be looked into."""
    try:
        names = sorted(name for name in os.listdir(root) if not name.startswith("."))
    except OSError:
        return []
    return [root / name for name in names if os.path.isdir(root / name)]


def label_folders(root: Path) -> dict[Label, list[Path]]:
    """Find the folders right in ``root`` whose names are labels."""
    found: dict[Label, list[Path]] = {}
    for folder in folders_in(root):
        label = label_named(folder.name)
        if label is not None:
            found.setdefault(label, []).append(folder)
    return found


def partition_folders(root: Path) -> dict[str, list[Path]]:
    """Find the folders right in ``root`` that are called like partitions and hold label folders."""
    found: dict[str, list[Path]] = {}
    for folder in folders_in(root):
        partition = partition_named(folder.name)
        if partition is not None and label_folders(folder):
            found.setdefault(partition, []).append(folder)
    return found


def trials_in(folder: Path, root: Path, partition: str) -> Iterator[Trial]:
    """List what lies in the two label folders of ``folder``, bona fide first.

    Raises:
        ProtocolError: a label has no folder, several, one without audio, or one that cannot be
            searched.
    """
    found = label_folders(folder)
    for label in Label:
        _only_one(found.get(label, []), label, folder)
    for label in Label:
        yield from labelled(found[label][0], root, label, partition)


def labelled(folder: Path, root: Path, label: Label, partition: str) -> Iterator[Trial]:
    """List every recording under a folder as a trial of one label.

    Raises:
        ProtocolError: there is no recording, or a folder cannot be searched.
    """
    for path in searched(folder):
        source = path.parent.relative_to(folder).as_posix()
        meta = {} if source == "." else {SOURCE: source}
        yield Trial(path.relative_to(root).as_posix(), path, label, partition, meta)


def searched(folder: Path) -> Iterator[Path]:
    """Search a folder to the bottom for recordings, in order.

    Raises:
        ProtocolError: there is none, or a folder cannot be searched: what it holds would be
            missing in the figures.
    """
    closed: list[OSError] = []
    is_empty = True
    for name in audio_files(os.fspath(folder), onerror=closed.append):
        is_empty = False
        yield Path(name)
    if closed:
        raise ProtocolError(
            f"{closed[0].filename}: cannot be searched ({closed[0].strerror})."
        ) from closed[0]
    if is_empty:
        raise ProtocolError(
            f"{folder}: no file in this folder has the name of an audio format (.wav, .flac, …)."
        )


def linked_folders(folders: Iterable[Path], root: Path) -> tuple[str, ...]:
    """Say in a sentence which links to folders were not followed; nothing where there are none.

    They are not, because a link that leads upwards would bring every recording under every label.

    Args:
        folders: that were searched.
        root: of the data set.
    """
    found = sorted(
        Path(place, name).relative_to(root).as_posix()
        for folder in folders
        for place, names, _ in os.walk(folder)
        for name in names
        if os.path.islink(os.path.join(place, name)) and not name.startswith(".")
    )
    if not found:
        return ()
    shown = ", ".join(found[:_FEW]) + (", …" if len(found) > _FEW else "")
    return (
        f"{len(found):,} links to folders were not followed, and what lies there is left out "
        f"({shown}). Put the folders themselves there, or give a list of the recordings",
    )


def _only_one(folders: list[Path], label: Label, root: Path) -> None:
    if not folders:
        raise ProtocolError(f"{root}: has no folder of {_WORDS[label]} recordings in it.")
    if len(folders) > 1:
        names = " and ".join(f"'{folder.name}'" for folder in folders)
        raise ProtocolError(
            f"{root}: both {names} are folders of {label.value} recordings. Move them into one."
        )
