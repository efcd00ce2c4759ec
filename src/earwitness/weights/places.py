"""Where detectors may lie outside of the package: folders that hold detector folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from earwitness.errors import WeightsMissing

VARIABLE = "EARWITNESS_WEIGHTS"


def places() -> list[Path]:
    """List the folders to look in, first ones first; they need not be there."""
    own = _of_user()
    return [*_named(), *([own] if own else [])]


def own_place() -> Path:
    """Name the folder that new detectors are put into.

    The first folder of ``EARWITNESS_WEIGHTS``, else the one that the system has for data of this
    user and this program.

    Raises:
        WeightsMissing: the system does not know who the user is.
    """
    named, own = _named(), _of_user()
    if not named and own is None:
        raise WeightsMissing(f"This machine has no home folder. Name a folder in {VARIABLE}.")
    return named[0] if named else Path(str(own))


def _named() -> list[Path]:
    return [Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]


def _of_user() -> Path | None:
    try:
        return _data_of_user() / "earwitness" / "weights"
    except RuntimeError:  # no home folder
        return None


def _data_of_user() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    named = os.environ.get("XDG_DATA_HOME", "")
    return Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share"
