"""Detector folders that appear as a whole: built beside their place, renamed when complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from earwitness.errors import SettingsError, WeightsMissing

Way: TypeAlias = Literal["copy", "link", "share"]
"""How a network comes into a folder. "copy": it is the folder's own. "link": a symbolic link, so
that the file stays the only one, and must stay. "share": a hard link where the disk allows it, else
a copy; for files that nobody writes into."""


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes its place when all went well; else nothing is left.

    Raises:
        SettingsError: the folder is there already, or cannot be written.
    """
    refuse_unwritable(folder)
    place = folder.absolute()
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}.unfinished")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        yield unfinished
        unfinished.rename(place)
    except OSError as exc:
        raise SettingsError(f"{folder}: cannot be written ({exc.strerror or exc}).") from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def refuse_unwritable(folder: Path) -> None:
    """See to it that a new folder can be made there, before long work is done for it.

    Raises:
        SettingsError: it is there already, or nothing may be written there.
    """
    if folder.exists() or folder.is_symlink():
        raise SettingsError(f"{folder}: is there already. Name a folder that is not.")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise SettingsError(f"{folder}: cannot be written, for {above} takes no new folder.")


def put(source: Path, target: Path, way: Way = "copy") -> None:
    """Bring a network into a folder.

    Raises:
        WeightsMissing: the source is not there or may not be read.
        SettingsError: the target cannot be written, or links are not possible there.
    """
    try:
        source.open("rb").close()
    except OSError as exc:
        raise WeightsMissing(f"{source}: cannot be read ({exc.strerror}).") from exc
    if way == "link":
        _link(source, target)
    elif way == "copy" or not _shared(source, target):
        shutil.copyfile(source, target)


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve())
    except (OSError, NotImplementedError) as exc:
        raise SettingsError(f"{target.name}: cannot be linked here ({exc}). Copy it.") from exc


def _shared(source: Path, target: Path) -> bool:
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one that knows no links
        return False
    return True
