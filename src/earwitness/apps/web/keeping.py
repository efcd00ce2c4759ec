"""Where uploads lie while somebody looks at them, and how they go.

Each room is locked by the process that it belongs to. A room that nobody holds belonged to one that
was killed, and goes with the next start: what somebody sent must not lie about for ever.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import IO

from earwitness.errors import SettingsError

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_EVERY_S = 60.0
_NAME = "earwitness-page-"
_LOCK = ".lock"


class Room:
    """A folder of the page's own; whatever in it grows too old is removed.

    Args:
        folder: where it is made; None for where temporary folders are.
        keep_s: how old a file may grow, in seconds.

    Raises:
        SettingsError: the folder cannot be made.
    """

    def __init__(self, folder: Path | None, *, keep_s: float) -> None:
        self._keep_s = keep_s
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=_NAME, dir=folder)).resolve()
            self._lock = (self.folder / _LOCK).open("w")
        except OSError as error:
            raise SettingsError(f"{folder}: cannot be used ({error.strerror}).") from error
        _is_locked(self._lock)
        _clear_after_the_dead(self.folder.parent)
        self._closed = threading.Event()
        threading.Thread(target=self._keep_clean, name="page-sweeper", daemon=True).start()

    def place(self, name: str) -> Path:
        """Give a place for a file, in a folder whose name nobody can guess."""
        folder = self.folder / secrets.token_hex(16)
        folder.mkdir(mode=0o700)
        return folder / name

    def sweep(self) -> int:
        """Remove what is too old, and say how many files that were."""
        limit = time.time() - self._keep_s
        removed = 0
        for path in sorted(self.folder.rglob("*"), reverse=True):  # files before their folders
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime > limit or path.name == _LOCK:
                    continue
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
                    removed += 1
        return removed

    def close(self) -> None:
        """Remove everything, and stop looking after it."""
        self._closed.set()
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_clean(self) -> None:
        while not self._closed.wait(_EVERY_S):
            self.sweep()


def _is_locked(file: IO[str]) -> bool:
    """Take the lock of a room, unless somebody else holds it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _clear_after_the_dead(place: Path) -> None:
    """Remove rooms that no living process holds."""
    for lock in place.glob(f"{_NAME}*/{_LOCK}"):
        with contextlib.suppress(OSError), lock.open("r+") as file:
            if _is_locked(file):
                shutil.rmtree(lock.parent, ignore_errors=True)
