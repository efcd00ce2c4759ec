"""What a calibration was fitted on: size and hash of each recording, in a file beside the card.

By it ``evaluate`` knows recordings again whatever they are called and wherever they lie, and says
so: a calibration looks better than it is on what it was fitted on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from earwitness.errors import SettingsError

FILE = "fitted_on.txt"
_DIGITS = 16
_LINE = re.compile(rf"(\d+) ([0-9a-f]{{{_DIGITS}}})")

Recording: TypeAlias = tuple[int, str]
"""Size in bytes, and the start of its SHA-256."""


def recording(path: Path, sha256: str = "") -> Recording | None:
    """Take the print of a file; None for one that cannot be read.

    Args:
        path: of the file.
        sha256: of it, where it is known already.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            whole = sha256 or hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
    return size, whole[:_DIGITS]


def text(recordings: Iterable[Recording]) -> str:
    r"""Write a list of recordings.

    Example:
        >>> text([(44, "00112233445566778899")])
        '44 0011223344556677\n'
    """
    lines = sorted({f"{size} {digest[:_DIGITS]}\n" for size, digest in recordings})
    return "".join(lines)


def read(folder: Path) -> frozenset[Recording]:
    """Read the list of a detector's folder; empty where there is none.

    Raises:
        SettingsError: it is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: cannot be read ({exc}).") from exc
    found = [_LINE.fullmatch(line) for line in lines]
    for number, one in enumerate(found, start=1):
        if one is None:
            raise SettingsError(f"{path}, line {number}: expected a size and {_DIGITS} hex digits.")
    return frozenset((int(one[1]), one[2]) for one in found if one is not None)


def among(paths: Iterable[Path], recordings: frozenset[Recording]) -> int:
    """Count the files that are on the list; only those of a size on it are read."""
    sizes = {size for size, _ in recordings}
    return sum(_size(path) in sizes and recording(path) in recordings for path in paths)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
