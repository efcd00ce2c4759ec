"""The parent's side of the decoder process: whatever happens in there costs one file.

Processes are kept and lent out again, one to each stream that is open. One that crashes, hangs or
is left in the middle of a recording is killed, and the next stream starts a fresh one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from earwitness.audio._decoder_process import END, ERROR, FORMAT, HEADER, SOUND
from earwitness.audio.formats import Format
from earwitness.audio.source import Stored
from earwitness.errors import AudioError, EmptyAudio, UnreadableAudio
from earwitness.records import Samples

TIMEOUT_S = 60.0
_FAREWELL_S = 5.0
PROGRAM = ("-P", "-m", "earwitness.audio._decoder_process")


class DecoderGone(Exception):
    """The process crashed, was killed, or did not answer in time."""


class Decoder:
    """One decoder process and the pipes to it.

    Args:
        program: what it runs, as words for Python.
    """

    def __init__(self, program: tuple[str, ...] = PROGRAM) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(_import_path())},
        )
        self._timed_out = False
        self._patience_s = TIMEOUT_S

    def is_alive(self) -> bool:
        """Say whether the process still runs."""
        return self._process.poll() is None

    def send(self, request: dict[str, Any] | None, data: bytes = b"") -> None:
        """Write one request."""
        pipe = cast(BinaryIO, self._process.stdin)
        try:
            pipe.write(json.dumps(request).encode() + b"\n")
            pipe.write(data)
            pipe.flush()
        except OSError as exc:
            raise DecoderGone("it crashed") from exc

    def write(self, data: bytes) -> None:
        """Write bare bytes, for a program that takes no requests."""
        pipe = cast(BinaryIO, self._process.stdin)
        try:
            pipe.write(data)
            pipe.flush()
        except (OSError, ValueError) as exc:
            raise DecoderGone("it crashed") from exc

    def end_input(self) -> None:
        """Say that nothing follows."""
        with contextlib.suppress(OSError):
            cast(BinaryIO, self._process.stdin).close()

    def receive(self, timeout_s: float | None = None) -> tuple[bytes, bytes]:
        """Wait for one message, not longer than the timeout."""
        self._patience_s = TIMEOUT_S if timeout_s is None else timeout_s
        watchdog = threading.Timer(self._patience_s, self._give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            kind, length = HEADER.unpack(self._read(HEADER.size))
            return kind, self._read(length)
        finally:
            watchdog.cancel()

    @property
    def pid(self) -> int:
        """Its number in the system's table."""
        return self._process.pid

    def dismiss(self) -> None:
        """Let a process that waits for a request end by itself."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            cast(BinaryIO, self._process.stdin).close()
            self._process.wait(_FAREWELL_S)
        self.kill()

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was to be flushed has no reader any more
                cast(BinaryIO, pipe).close()
        self._process.wait()

    def _give_up(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _read(self, length: int) -> bytes:
        try:
            got = cast(BinaryIO, self._process.stdout).read(length)
        except ValueError as exc:  # closed by another thread
            raise DecoderGone("it was ended") from exc
        if len(got) < length:
            raise DecoderGone(
                f"it gave no sign of life for {self._patience_s:.3g} s"
                if self._timed_out
                else "it crashed"
            )
        return got


class DecoderPool:
    """Decoder processes that nobody uses right now."""

    def __init__(self, program: tuple[str, ...] = PROGRAM) -> None:
        self._program = program
        self._idle: list[Decoder] = []
        self._lock = threading.Lock()

    def borrow(self) -> Decoder:
        """Hand out a process, starting one if none is idle."""
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.is_alive():
                    return decoder
                decoder.kill()
        return Decoder(self._program)

    def give_back(self, decoder: Decoder) -> None:
        """Take back a process that waits for a request."""
        with self._lock:
            self._idle.append(decoder)

    def close(self) -> None:
        """End all idle processes."""
        with self._lock:
            while self._idle:
                self._idle.pop().dismiss()

    def forget(self) -> None:
        """After a fork: the processes belong to the parent."""
        self._idle = []
        self._lock = threading.Lock()


def kept_pool(program: tuple[str, ...] = PROGRAM) -> DecoderPool:
    """Make a pool that ends its processes when this one ends."""
    pool = DecoderPool(program)
    atexit.register(pool.close)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pool.forget)
    return pool


POOL = kept_pool()


class DecodedStream:
    """A recording that the decoder process reads.

    Raises:
        UnreadableAudio: no decoder makes sense of it, or the decoder crashed or hung.
        EmptyAudio: there is no audio stream in it.
    """

    def __init__(self, source: Stored) -> None:
        self._name = source.name
        self._decoder: Decoder | None = POOL.borrow()
        self._is_open = self._is_asked = False
        self.broke_off = False
        try:
            self._decoder.send(_request(source), source.data or b"")
            self.format = Format(**self._expect(FORMAT))
            self._is_open = True
        except DecoderGone as exc:
            raise _gone(self._name, exc) from exc
        finally:
            if not self._is_open:
                self.close()

    def blocks(self, start: int, stop: int | None) -> Iterator[Samples]:
        """Read the frames from ``start`` up to ``stop``; a crash midway ends the recording."""
        decoder = self._decoder
        if decoder is None:
            return
        heard, self._is_asked = False, True
        try:
            decoder.send({"start": start, "stop": stop})
            while True:
                kind, payload = decoder.receive()
                if kind != SOUND:
                    self._finish(kind, payload)
                    return
                heard = heard or bool(payload)
                if payload:
                    samples = np.frombuffer(payload, np.float32)
                    yield samples.reshape(-1, self.format.channels)
        except DecoderGone as exc:
            self.close()
            self.broke_off = True
            if not heard:
                raise _gone(self._name, exc) from exc

    def close(self) -> None:
        """Give the process back if it waits for us, else end it."""
        if self._decoder is None:
            return
        decoder, self._decoder = self._decoder, None
        if self._is_open and not self._is_asked:
            with contextlib.suppress(DecoderGone):
                decoder.send(None)
                POOL.give_back(decoder)
                return
        decoder.kill()

    def _finish(self, kind: bytes, payload: bytes) -> None:
        self.broke_off = kind != END or json.loads(payload)["broke_off"]
        self._release()

    def _release(self) -> None:
        if self._decoder is not None:
            POOL.give_back(self._decoder)
            self._decoder = None

    def _expect(self, wanted: bytes) -> dict[str, Any]:
        assert self._decoder is not None
        kind, payload = self._decoder.receive()
        told: dict[str, Any] = json.loads(payload)
        if kind == ERROR:
            self._release()
            raise _refusal(self._name, told)
        assert kind == wanted
        return told


def _request(source: Stored) -> dict[str, Any]:
    path = None if source.path is None else f"file:{source.path.resolve()}"
    return {"path": path, "bytes": len(source.data or b"")}


def _import_path() -> list[str]:
    """Let the child find this very package, wherever it was imported from, and not the folder."""
    root = str(Path(__file__).resolve().parents[2])
    return [root, *(entry for entry in sys.path if entry and entry != root)]


def _gone(name: str, exc: DecoderGone) -> UnreadableAudio:
    return UnreadableAudio(
        f"{name}: the decoder was lost on this file ({exc}). "
        "The file is probably damaged: try to convert it to WAV with another program."
    )


def _refusal(name: str, told: dict[str, Any]) -> AudioError:
    if told["kind"] == "empty":
        return EmptyAudio(
            f"{name}: there is no sound in it ({told['why']}). Is it the right file or track?"
        )
    return UnreadableAudio(
        f"{name}: no decoder makes sense of it ({told['why']}). "
        "Is it an audio file, and was it copied to the end?"
    )
