"""Bodies of requests → files of our own, in a folder of our own, gone when they were answered.

What a sender calls a file is a label for the answer, and nothing else: it names no path here.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from earwitness.apps.api.desk import Upload
from earwitness.apps.api.problems import Problem

FIELD = "file"
_LONGEST_LABEL = 120
_PREFIX = "earwitness-serve-"
_RAW = ("audio/", "video/", "application/octet-stream", "application/ogg")


class Spool:
    """The folder that uploads lie in; nobody else may look into it.

    Args:
        place: where it is made; None for the system's place for temporary files.
    """

    def __init__(self, place: Path | None = None) -> None:
        place = place or Path(tempfile.gettempdir())
        _sweep(place)
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=place)
        self.path = Path(self._folder.name)
        self._lock = _locked(self.path)

    def close(self) -> None:
        """Remove it, with all that is in it."""
        self._folder.cleanup()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @asynccontextmanager
    async def one(self, request: Request) -> AsyncIterator[Upload]:
        """Take in the one recording of a request, as a form or as the bare body.

        Raises:
            Problem: it is none, or more than one.
        """
        async with self.several(request, most=1) as uploads:
            yield uploads[0]

    @asynccontextmanager
    async def several(self, request: Request, *, most: int) -> AsyncIterator[list[Upload]]:
        """Take in all recordings of a request; they are removed when the block ends."""
        taken: list[Upload] = []
        try:
            await self._take(request, most, taken)
            yield taken
        finally:
            for upload in taken:
                upload.path.unlink(missing_ok=True)

    async def _take(self, request: Request, most: int, taken: list[Upload]) -> None:
        kind = request.headers.get("content-type", "application/octet-stream").lower()
        try:
            if kind.startswith("multipart/form-data"):
                await self._take_form(request, most, taken)
            elif kind.startswith(_RAW):
                await self._take_body(request, taken)
            else:
                raise Problem(
                    415, "request.media_type",
                    f"A recording comes as multipart/form-data, audio/*, video/* or "
                    f"application/octet-stream, but got '{kind[:80]}'.",
                )  # fmt: skip
        except ClientDisconnect as exc:
            raise Problem(400, "request.broken_off", "The client left before its end.") from exc
        except OSError as exc:
            detail = "There is no room here for what was sent. Come again later, or send less."
            raise Problem(503, "server.no_space", detail, {"Retry-After": "30"}) from exc

    async def _take_body(self, request: Request, taken: list[Upload]) -> None:
        taken.append(self._new(request.query_params.get("name")))
        size = 0
        with taken[0].path.open("xb") as file:
            async for piece in request.stream():
                size += len(piece)
                await run_in_threadpool(file.write, piece)
        if not size:
            raise Problem(422, "audio.empty", "The request has no body. Send a recording's bytes.")

    async def _take_form(self, request: Request, most: int, taken: list[Upload]) -> None:
        try:
            form = await request.form(max_files=most, max_fields=20, max_part_size=100_000)
        except HTTPException as exc:
            raise Problem(400, "request.invalid", f"The form does not fit: {exc.detail}") from exc
        try:
            for part in _files(form, most):
                taken.append(self._new(part.filename))
                await run_in_threadpool(_copy, part, taken[-1].path)
        finally:
            await form.close()

    def _new(self, name: str | None) -> Upload:
        return Upload(self.path / secrets.token_hex(16), label_of(name))


def label_of(name: str | None) -> str:
    r"""Make a harmless label of what a sender calls a file.

    Example:
        >>> label_of("../../etc/pass\x1bwd"), label_of("C:\\clips\\a.wav"), label_of("..")
        ('passwd', 'a.wav', 'upload')
    """
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    return clean[:_LONGEST_LABEL] or "upload"


def _locked(folder: Path) -> int | None:
    """Lock a folder as long as this process lives; None if another one has, or nobody can."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(place: Path) -> None:
    """Remove what servers left that were killed: their folders are locked by nobody."""
    for folder in place.glob(f"{_PREFIX}*"):
        handle = None if folder.is_symlink() else _locked(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _files(form: FormData, most: int) -> list[UploadFile]:
    files = [part for key, part in form.multi_items() if key == FIELD]
    found = [part for part in files if isinstance(part, UploadFile)]
    others = sorted({key for key, _ in form.multi_items()} - {FIELD})
    if others or len(found) < len(files):
        what = f"a field '{others[0][:40]}'" if others else f"a '{FIELD}' that is no file"
        detail = f"A form has files called '{FIELD}' only, but this one has {what}."
        raise Problem(422, "request.invalid", detail)
    if not 1 <= len(found) <= most:
        detail = f"A form has 1 to {most} files called '{FIELD}' here, but got {len(found)}."
        raise Problem(422, "request.invalid", detail)
    return found


def _copy(part: UploadFile, path: Path) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(part.file, file)
    if path.stat().st_size == 0:
        raise Problem(422, "audio.empty", "A file of the form has no bytes in it.")
