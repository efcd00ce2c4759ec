"""Where uploads lie while somebody looks at them, and how they go."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path

from earwitness.errors import SettingsError

_EVERY_S = 60.0


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
            self.folder = Path(tempfile.mkdtemp(prefix="earwitness-page-", dir=folder)).resolve()
        except OSError as error:
            raise SettingsError(f"{folder}: cannot be used ({error.strerror}).") from error
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
                if path.lstat().st_mtime > limit:
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
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_clean(self) -> None:
        while not self._closed.wait(_EVERY_S):
            self.sweep()
