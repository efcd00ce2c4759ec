"""Requests → findings, in order, several at a time; what cannot be read does not stop the rest."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import BinaryIO, Literal

from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._sources import STDIN, Request
from earwitness.audio.read import channel_count
from earwitness.detector import Detector
from earwitness.errors import AudioError
from earwitness.records import Failure, Progress
from earwitness.reporting import STANDARD_INPUT, Finding

Found = list[Finding]


class Listener:
    """Answers requests with one detector.

    Args:
        detector: who listens.
        shown: is told how far a recording has been heard.
    """

    def __init__(self, detector: Detector, shown: Shown) -> None:
        self._detector = detector
        self._shown = shown
        self._is_stopped = Event()

    def findings(
        self, requests: Iterable[Request | Finding], *, workers: int = 1
    ) -> Iterator[Finding]:
        """Answer in order, each as soon as it is known."""
        answers = map(self._answer, requests) if workers == 1 else self._spread(requests, workers)
        for found in answers:
            yield from found

    def _spread(self, requests: Iterable[Request | Finding], workers: int) -> Iterator[Found]:
        waiting: deque[Future[Found]] = deque()
        pool = ThreadPoolExecutor(workers)
        try:
            for request in requests:
                waiting.append(pool.submit(self._answer, request))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            self._is_stopped.set()  # whoever still listens gives up at the next block
            pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, request: Request | Finding) -> Found:
        if isinstance(request, Finding):
            return [request]
        with _readable_again(request) as source:
            try:
                channels = self._channels(source, request)
            except AudioError as error:
                return [Finding(_failure(source, request, error), request.part)]
            return [self._heard(source, request, channel) for channel in channels]

    def _channels(self, source: str | BinaryIO, request: Request) -> Sequence[Literal["mix"] | int]:
        if request.channel != "each":
            return [request.channel]
        return range(channel_count(source))

    def _heard(
        self, source: str | BinaryIO, request: Request, channel: Literal["mix"] | int
    ) -> Finding:
        part = replace(request.part, channel=channel)
        try:
            verdict = self._detector.detect(
                source,
                channel=channel,
                time_range=request.time_range,
                on_progress=self._on_progress,
            )
        except AudioError as error:
            return Finding(_failure(source, request, error), part)
        return Finding(verdict, part)

    def _on_progress(self, progress: Progress) -> None:
        if self._is_stopped.is_set():
            raise KeyboardInterrupt
        self._shown.hears(progress)


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
