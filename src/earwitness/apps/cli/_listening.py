"""Requests → findings, in order, several at a time; what cannot be read does not stop the rest."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO, Literal

from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._sources import STDIN, Request
from earwitness.audio.read import channel_count
from earwitness.detector import Detector
from earwitness.errors import AudioError
from earwitness.records import Failure, Progress
from earwitness.reporting import STANDARD_INPUT, Finding
from earwitness.runtimes.side_by_side import Checkpoint, side_by_side


class Listener:
    """Answers requests with one detector.

    Args:
        detector: who listens.
        shown: is told how far a recording has been heard.
    """

    def __init__(self, detector: Detector, shown: Shown) -> None:
        self._detector = detector
        self._shown = shown

    def findings(
        self, requests: Iterable[Request | Finding], *, workers: int = 1
    ) -> Iterator[Finding]:
        """Answer in order, each as soon as it is known."""
        for found in side_by_side(self._answer, requests, workers=workers):
            yield from found

    def _answer(self, request: Request | Finding, checkpoint: Checkpoint) -> list[Finding]:
        if isinstance(request, Finding):
            return [request]
        with _readable_again(request) as source:
            try:
                channels = self._channels(source, request)
            except AudioError as error:
                return [Finding(_failure(source, request, error), request.part)]
            return [self._heard(source, request, channel, checkpoint) for channel in channels]

    def _channels(self, source: str | BinaryIO, request: Request) -> Sequence[Literal["mix"] | int]:
        if request.channel != "each":
            return [request.channel]
        return range(channel_count(source))

    def _heard(
        self,
        source: str | BinaryIO,
        request: Request,
        channel: Literal["mix"] | int,
        checkpoint: Checkpoint,
    ) -> Finding:
        def on_progress(progress: Progress) -> None:
            checkpoint()
            self._shown.hears(progress)

        part = replace(request.part, channel=channel)
        try:
            verdict = self._detector.detect(
                source,
                channel=channel,
                time_range=request.time_range,
                on_progress=on_progress,
            )
        except AudioError as error:
            return Finding(_failure(source, request, error), part)
        return Finding(verdict, part)


@contextmanager
def _readable_again(request: Request) -> Iterator[str | BinaryIO]:
    """Give what to read; standard input is kept in a file if its channels are asked for in turn."""
    if request.source != STDIN:
        yield request.source
    elif request.channel != "each":
        yield sys.stdin.buffer
    else:
        with tempfile.NamedTemporaryFile(prefix="earwitness-") as held:
            shutil.copyfileobj(sys.stdin.buffer, held)
            held.flush()
            yield held.name


def _failure(source: str | BinaryIO, request: Request, error: AudioError) -> Failure:
    message = str(error)
    if request.source == STDIN:
        used = source if isinstance(source, str) else source.name
        message = f"{STANDARD_INPUT}{message.removeprefix(used)}"
    return Failure(source=request.source, code=error.code, message=message)
