"""An uploaded archive → a folder. Trusts neither its names nor what it says of its sizes."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from earwitness.errors import ProtocolError
from earwitness.protocols import label_named

_STEP = 1 << 16
_IGNORED = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How much may come out of an archive.

    Attributes:
        files: how many.
        size: bytes of all of them together.
    """

    files: int
    size: int


def unpack(archive: Path, folder: Path, limits: Limits, *, name: str) -> Path:
    """Unpack an archive, and give the folder in it that holds more than one thing.

    Args:
        archive: a zip file.
        folder: is made; nothing is ever written outside of it.
        limits: beyond these it is refused, and what came out of it is left to be removed.
        name: of the archive, for messages.

    Raises:
        ProtocolError: it is no zip file, damaged, too large, encrypted, or has names that lead
            elsewhere.
    """
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = list(_members(opened, limits, name))
            left = limits.size
            for member, path in members:
                left -= _written(opened, member, folder / path, left, limits, name)
    except _BROKEN as error:
        why = "is no zip file" if isinstance(error, zipfile.BadZipFile) else "is damaged"
        raise ProtocolError(
            f"{name}: {why} that can be read here ({_short(error)}). Pack it again as .zip."
        ) from error
    return _inner(folder)


def _members(
    opened: zipfile.ZipFile, limits: Limits, name: str
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Give the files that are to be written, and where; refuse before anything is."""
    infos = [one for one in opened.infolist() if not one.is_dir()]
    infos = [one for one in infos if not _IGNORED & set(one.filename.split("/"))]
    if len(infos) > limits.files:
        raise ProtocolError(
            f"{name}: holds {len(infos):,} files, and up to {limits.files:,} are heard here. "
            "Use the command line: earwitness evaluate FOLDER."
        )
    if sum(one.file_size for one in infos) > limits.size:
        raise _too_large(limits, name)
    for info in infos:
        if info.flag_bits & 1:
            raise ProtocolError(f"{name}: is encrypted. Pack it again without a password.")
        yield info, _safe(info, name)


def _safe(info: zipfile.ZipInfo, name: str) -> PurePosixPath:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    is_outside = path.is_absolute() or ".." in path.parts or ":" in path.parts[0]
    if is_link or is_outside or not path.name or "\0" in info.filename:
        raise ProtocolError(
            f"{name}: holds '{info.filename[:80]}', which leads out of the archive. Pack the two "
            "folders Real and Fake again."
        )
    return path


def _written(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: Path, left: int, limits: Limits, name: str
) -> int:
    """Write one file, and count what really comes out of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with opened.open(info) as packed, file.open("xb") as out:
        while piece := packed.read(_STEP):
            written += len(piece)
            if written > left:
                raise _too_large(limits, name)
            out.write(piece)
    return written


def _too_large(limits: Limits, name: str) -> ProtocolError:
    return ProtocolError(
        f"{name}: unpacks to more than {limits.size // 1_000_000:,} MB, which is the most that is "
        "taken here. Use the command line: earwitness evaluate FOLDER."
    )


def _inner(folder: Path) -> Path:
    """Go down while there is nothing but one folder, and that is no label's."""
    inside = list(folder.iterdir())
    while len(inside) == 1 and inside[0].is_dir() and label_named(inside[0].name) is None:
        folder = inside[0]
        inside = list(folder.iterdir())
    return folder


def _short(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)[:100] or type(error).__name__
