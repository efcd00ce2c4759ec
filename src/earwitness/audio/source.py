"""What a user hands in → bytes that can be looked at twice: a path, or bytes in memory.

A stream (standard input, an open file) is read to its end; a long one is spooled to a temporary
file, so that hours of sound do not have to fit into memory.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import EmptyAudio, SettingsError, UnreadableAudio
from earwitness.records import Waveform

AudioSource: TypeAlias = str | Path | bytes | BinaryIO | Waveform

SPOOL_ABOVE = 32 * 2**20  # bytes of a stream that are held in memory
_CHUNK = 2**20


class Stored:
    """A recording as stored bytes: a file on disk, or bytes in memory.

    Args:
        name: for messages and for the record, as the user gave it.
        path: where the file lies, or None for bytes.
        data: the bytes, or None for a file.
        is_ours: the file is a temporary one, to be removed on ``close``.
    """

    def __init__(
        self,
        name: str,
        *,
        path: Path | None = None,
        data: bytes | None = None,
        is_ours: bool = False,
    ) -> None:
        self.name = name
        self.path = path
        self.data = data
        self._is_ours = is_ours

    def open(self) -> BinaryIO:
        """Open the bytes for reading.

        Raises:
            UnreadableAudio: the file cannot be opened.
        """
        if self.path is None:
            return io.BytesIO(self.data or b"")
        try:
            return self.path.open("rb")
        except OSError as exc:
            raise _cannot_open(self.name, exc) from exc

    def sha256(self) -> str:
        """Hash all the bytes; lower-case hex."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        digest = hashlib.sha256()
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def close(self) -> None:
        """Remove the temporary file, if there is one."""
        if self._is_ours and self.path is not None:
            self.path.unlink(missing_ok=True)


def given(source: AudioSource | NDArray[Any], sample_rate: int | None) -> AudioSource:
    """Take what a user hands in; samples come with their rate, always.

    Raises:
        SettingsError: an array without its sample rate, or a rate beside anything else.
    """
    if not isinstance(source, np.ndarray):
        if sample_rate is None:
            return source
        raise SettingsError("Only an array is given a sample_rate; a file states its own.")
    if sample_rate is None:
        raise SettingsError("An array needs its sample_rate: say at how many Hz it was recorded.")
    if source.dtype.kind not in "iuf" or (source.dtype.itemsize > 4 and source.dtype.kind != "f"):
        raise SettingsError(
            f"An array of {source.dtype} has no full scale that is known: give float samples from "
            "-1 to 1, or integers of 8, 16 or 32 bits."
        )
    if source.ndim == 2 and source.shape[1] > source.shape[0]:
        raise SettingsError(
            f"An array of shape {source.shape} has more channels than samples: give "
            "(samples, channels), which is array.T."
        )
    return Waveform(source, int(sample_rate))


def name_of(source: AudioSource) -> str:
    """Name a source as the user gave it, for messages and for the record."""
    if isinstance(source, str | os.PathLike):
        return str(source)
    if isinstance(source, Waveform):
        return source.source
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    name = getattr(source, "name", None)  # a number, if it was opened by its descriptor
    return name if name and isinstance(name, str) else "stream"


def stored(source: str | Path | bytes | BinaryIO) -> Stored:
    """Get hold of the bytes of a source.

    Raises:
        UnreadableAudio: there is no such file, it is a folder, or it cannot be read.
        EmptyAudio: there are no bytes at all.
        SettingsError: it is nothing that could hold a recording.
    """
    if isinstance(source, str | os.PathLike):
        return _of_path(str(source), Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return _not_empty(Stored("bytes", data=bytes(source)))
    if not hasattr(source, "read"):
        raise SettingsError(
            f"A recording is a path, the bytes of a file, a binary stream, a waveform or an array, "
            f"but got {type(source).__name__}."
        )
    return _of_stream(source)


def _of_path(name: str, path: Path) -> Stored:
    try:
        status = path.stat()
    except (OSError, ValueError) as exc:
        raise _cannot_open(name, exc) from exc
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableAudio(f"{name}: is a folder. Give the files in it, one by one.")
    if not stat.S_ISREG(status.st_mode):
        with Stored(name, path=path).open() as stream:  # a named pipe, or /dev/stdin
            return _of_stream(stream, name=name)
    if status.st_size == 0:
        raise EmptyAudio(f"{name}: the file has no bytes in it. Was it copied to the end?")
    return Stored(name, path=path)


def _of_stream(stream: BinaryIO, *, name: str | None = None) -> Stored:
    name = name or name_of(stream)
    head = stream.read(SPOOL_ABOVE)
    if not isinstance(head, bytes):
        raise UnreadableAudio(f"{name}: gives text, not bytes. Open it in binary mode ('rb').")
    if len(head) < SPOOL_ABOVE:
        rest = stream.read()  # a pipe may hand out less than it was asked for
        if not rest:
            return _not_empty(Stored(name, data=head))
        head += rest
    with tempfile.NamedTemporaryFile(prefix="earwitness-", delete=False) as file:
        file.write(head)
        shutil.copyfileobj(stream, file, _CHUNK)
    return Stored(name, path=Path(file.name), is_ours=True)


def _not_empty(found: Stored) -> Stored:
    if not found.data:
        raise EmptyAudio(f"{found.name}: there are no bytes in it. Was something sent?")
    return found


def _cannot_open(name: str, exc: OSError | ValueError) -> UnreadableAudio:
    if isinstance(exc, FileNotFoundError):
        return UnreadableAudio(f"{name}: there is no such file. Is the path right?")
    if isinstance(exc, PermissionError):
        return UnreadableAudio(f"{name}: may not be read. Change its permissions, or copy it.")
    why = getattr(exc, "strerror", None) or str(exc)
    return UnreadableAudio(f"{name}: cannot be opened ({why}).")
