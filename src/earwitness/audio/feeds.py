"""Bytes of a live stream → blocks of sound: bare samples, or a container that a process decodes.

One thread pushes bytes as they come, another takes out sound as it is ready; the first has to wait
when the second is too slow, so that little is held.
"""

from __future__ import annotations

import hashlib
import json
import queue
from collections.abc import Iterator
from typing import Any, Literal, Protocol, TypeAlias, get_args

import numpy as np

from earwitness.audio._decoder_process import END, ERROR, SOUND
from earwitness.audio.decoder import Decoder, DecoderGone
from earwitness.audio.formats import Format
from earwitness.audio.live import Digest
from earwitness.audio.streams import as_float
from earwitness.errors import SettingsError, UnreadableAudio
from earwitness.records import Samples

Encoding: TypeAlias = Literal["pcm_s16le", "pcm_f32le", "container"]
_TYPES = {"pcm_s16le": "<i2", "pcm_f32le": "<f4"}
_PROGRAM = ("-P", "-m", "earwitness.audio._live_process")
_MOST_WAITING = 8  # pieces that were pushed and not taken yet
_LONGEST_S = 24 * 3600.0


class Feed(Protocol):
    """A stream on its way in.

    Attributes:
        digest: of all bytes that were pushed.
        broke_off: it was damaged; valid after ``blocks``.
    """

    digest: Digest
    broke_off: bool

    def push(self, data: bytes) -> None:
        """Take in the next bytes; waits while too much lies here."""

    def end(self) -> None:
        """Say that nothing follows."""

    def abandon(self) -> None:
        """Let go of it: nobody wants the rest."""

    def format(self) -> Format:
        """Wait until it is known how the sound comes."""

    def blocks(self) -> Iterator[Samples]:
        """Give blocks of shape (frames, channels), once."""


def open_feed(encoding: Encoding, *, sample_rate: int = 16000, channels: int = 1) -> Feed:
    """Open a stream.

    Args:
        encoding: bare samples, or "container" for whatever names its own form.
        sample_rate: of bare samples, in Hz.
        channels: of bare samples.

    Raises:
        SettingsError: there is no such encoding.
    """
    if encoding == "container":
        return ContainerFeed()
    if encoding not in _TYPES:
        raise SettingsError(f"'{encoding}' is none of {', '.join(get_args(Encoding))}.")
    return SampleFeed(np.dtype(_TYPES[encoding]), Format(sample_rate, channels, codec=encoding))


class SampleFeed:
    """Bare samples, interleaved.

    Args:
        kind: of a sample.
        form: how they come.
    """

    def __init__(self, kind: np.dtype[Any], form: Format) -> None:
        self._hash = hashlib.sha256()
        self.digest: Digest = self._hash
        self.broke_off = False
        self._kind, self._form = kind, form
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._is_abandoned = False

    def push(self, data: bytes) -> None:
        """Take in the next bytes."""
        self._hash.update(data)
        self._put(data)

    def end(self) -> None:
        """Say that nothing follows."""
        self._put(None)

    def abandon(self) -> None:
        """Let whoever waits go on."""
        self._is_abandoned = True

    def format(self) -> Format:
        """Say how the samples come."""
        return self._form

    def blocks(self) -> Iterator[Samples]:
        """Give blocks; a last frame that is not complete is dropped, and the stream broke off."""
        width, rest = self._kind.itemsize * self._form.channels, b""
        while (data := self._get()) is not None:
            data = rest + data
            whole = len(data) // width * width
            rest = data[whole:]
            if whole:
                samples = as_float(np.frombuffer(data[:whole], self._kind))
                yield samples.reshape(-1, self._form.channels)
        self.broke_off = bool(rest)

    def _put(self, data: bytes | None) -> None:
        while not self._is_abandoned:
            try:
                self._waiting.put(data, timeout=0.1)
            except queue.Full:
                continue
            return

    def _get(self) -> bytes | None:
        while not self._is_abandoned:
            try:
                return self._waiting.get(timeout=0.1)
            except queue.Empty:
                continue
        return None


class ContainerFeed:
    """A container (Ogg, WebM and others) that a process of its own decodes while it comes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.digest: Digest = self._hash
        self.broke_off = False
        self._decoder = Decoder(_PROGRAM)
        self._form: Format | None = None

    def push(self, data: bytes) -> None:
        """Take in the next bytes; what comes after the decoder's end is dropped."""
        self._hash.update(data)
        try:
            self._decoder.write(data)
        except DecoderGone:
            return  # whoever takes out the sound is told why

    def end(self) -> None:
        """Say that nothing follows."""
        self._decoder.end_input()

    def abandon(self) -> None:
        """End the process."""
        self._decoder.kill()

    def format(self) -> Format:
        """Wait until the decoder has seen enough to say.

        Raises:
            UnreadableAudio: it makes no sense of it.
        """
        if self._form is None:
            self._form = Format(**json.loads(self._receive()[1]))
        return self._form

    def blocks(self) -> Iterator[Samples]:
        """Give blocks; a crash ends the stream."""
        channels = self.format().channels
        while True:
            kind, payload = self._receive()
            if kind != SOUND:
                self.broke_off = kind != END or json.loads(payload)["broke_off"]
                self.abandon()
                return
            if payload:
                yield np.frombuffer(payload, np.float32).reshape(-1, channels)

    def _receive(self) -> tuple[bytes, bytes]:
        try:
            kind, payload = self._decoder.receive(_LONGEST_S)
        except DecoderGone as exc:
            self.abandon()
            raise UnreadableAudio(f"stream: the decoder was lost on it ({exc}).") from exc
        if kind == ERROR:
            self.abandon()
            why = json.loads(payload)["why"]
            raise UnreadableAudio(
                f"stream: no decoder makes sense of it ({why}). Is it WebM or Ogg, from its start?"
            )
        return kind, payload
