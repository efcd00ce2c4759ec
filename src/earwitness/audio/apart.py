"""Recordings that nobody trusts: read in a process of its own, with limits of memory and time.

``open_apart`` gives what ``read.open_recording`` gives, to the last bit; but libsndfile, soxr and
all the rest run in a child process, which is killed when it crashes, hangs or wants too much. That
costs the one recording.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from earwitness.audio._decoder_process import ERROR, SOUND
from earwitness.audio.decoder import TIMEOUT_S, Decoder, DecoderGone, kept_pool
from earwitness.audio.recording import Channel
from earwitness.errors import AudioError, EmptyAudio, SettingsError, UnreadableAudio
from earwitness.records import Provenance, QualityNotes, Samples, SourceFacts

TIME_LIMIT_S = 120.0
READERS = kept_pool(("-P", "-m", "earwitness.audio._reader_process"))
_CLASSES = {kind.code: kind for kind in (UnreadableAudio, EmptyAudio, AudioError, SettingsError)}


@contextmanager
def open_apart(
    path: Path,
    *,
    sample_rate: int,
    channel: Channel = "mix",
    time_range: tuple[float, float] | None = None,
    name: str | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Iterator[ApartRecording]:
    """Open a recording as ``open_recording`` does, in a process of its own.

    Args:
        path: of the file.
        sample_rate: that is wanted, in Hz.
        channel: "mix", or one of them, counted from 0.
        time_range: start and end in seconds; None for all of it.
        name: what to call it, in messages and in the record; None for its path.
        time_limit_s: how long decoding may take, without the time that the listener needs.

    Raises:
        UnreadableAudio: no decoder makes sense of it, it took too long, or the process was lost.
        EmptyAudio: there is no sound in it.
        SettingsError: the range or the channel cannot be meant.
    """
    request = {
        "path": str(path.resolve()),
        "name": str(path) if name is None else name,
        "sample_rate": sample_rate,
        "channel": channel,
        "time_range": time_range,
    }
    recording = ApartRecording(READERS.borrow(), request, time_limit_s)
    try:
        recording.start()
        yield recording
    finally:
        recording.close()


class ApartRecording:
    """A recording that another process reads.

    Args:
        reader: the process.
        request: what it is asked for.
        time_limit_s: how long it may take.
    """

    def __init__(self, reader: Decoder, request: dict[str, Any], time_limit_s: float) -> None:
        self.source: str = request["name"]
        self.sample_rate: int = request["sample_rate"]
        self.expected_s: float | None = None
        self.channels = 0
        self._reader: Decoder | None = reader
        self._request = request
        self._left_s = self._limit_s = time_limit_s
        self._told: dict[str, Any] = {}

    def start(self) -> None:
        """Ask for it, and hear how long it will probably be."""
        reader = self._reader
        assert reader is not None
        try:
            reader.send(self._request)
        except DecoderGone as exc:
            raise self._lost(exc) from exc
        opened = json.loads(self._receive(reader)[1])
        self.expected_s, self.channels = opened["expected_s"], opened["channels"]

    def blocks(self) -> Iterator[Samples]:
        """Give mono blocks at the wanted rate, shape (samples,)."""
        reader = self._reader
        while reader is not None:
            kind, payload = self._receive(reader)
            if kind != SOUND:
                self._told = json.loads(payload)
                self._release()
                return
            yield np.frombuffer(payload, np.float32)

    def facts(self) -> SourceFacts:
        """Tell what is known of the file, once all blocks were read."""
        facts = dict(self._told["facts"])
        return SourceFacts(**{**facts, "provenance": Provenance(**facts["provenance"])})

    def notes(self) -> QualityNotes:
        """Tell what the sound is like, once all blocks were read."""
        return QualityNotes(**self._told["notes"])

    def close(self) -> None:
        """End the process, if it is in the middle of something."""
        if self._reader is not None:
            self._reader.kill()
            self._reader = None

    def _receive(self, reader: Decoder) -> tuple[bytes, bytes]:
        """Wait for one message; what went wrong over there is raised here."""
        before = time.monotonic()
        try:
            kind, payload = reader.receive(min(self._left_s, TIMEOUT_S))
        except DecoderGone as exc:
            self.close()
            raise self._lost(exc) from exc
        self._left_s = max(0.001, self._left_s - (time.monotonic() - before))
        if kind == ERROR:
            self._release()
            told = json.loads(payload)
            raise _CLASSES.get(told["code"], UnreadableAudio)(told["message"])
        return kind, payload

    def _release(self) -> None:
        if self._reader is not None:
            READERS.give_back(self._reader)
            self._reader = None

    def _lost(self, exc: DecoderGone) -> UnreadableAudio:
        return UnreadableAudio(
            f"{self.source}: the process that decodes was lost on this file ({exc}; it may take "
            f"{self._limit_s:g} s in all). The file is probably damaged: try to convert it to WAV "
            "with another program."
        )
