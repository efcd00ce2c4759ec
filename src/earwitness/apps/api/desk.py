"""Where recordings wait and are listened to: as many at a time as there are threads for it.

Decoding happens in processes of their own (``audio.apart``), the network runs on threads, so the
event loop is free for everybody else. A detector is loaded once.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from earwitness.apps.api import problems
from earwitness.apps.api.metrics import Metrics
from earwitness.apps.api.settings import Limits
from earwitness.audio.apart import open_apart
from earwitness.detector import Detector
from earwitness.errors import UnknownName
from earwitness.records import Progress, Verdict
from earwitness.reporting import Part

_SLOWEST = 20  # times as fast as it was spoken, at least, a long recording has to decode

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Asked:
    """What is asked about a recording.

    Attributes:
        model: a detector's name; None for the first one.
        operating_point: None for the one that the server was started with.
        prior: of a spoof; takes the operating point's place.
        channel: "mix", or one of them, counted from 0.
        start_s, end_s: the range; None for the end.
    """

    model: str | None = None
    operating_point: str | None = None
    prior: float | None = None
    channel: Literal["mix"] | int = "mix"
    start_s: float = 0.0
    end_s: float | None = None

    def part(self, source: str) -> Part:
        """Give it as reports want it."""
        return Part(source, self.channel, self.start_s, self.end_s)


@dataclass(frozen=True)
class Upload:
    """A recording that was sent: where it lies, and what its sender calls it."""

    path: Path
    label: str


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Desk:
    """Answers requests with detectors that are ready.

    Args:
        detectors: by name, the first one being the usual one.
        limits: how much may be asked for.
        metrics: keeps the counts.
    """

    def __init__(
        self, detectors: Mapping[str, Detector], limits: Limits, metrics: Metrics | None = None
    ) -> None:
        self.detectors = dict(detectors)
        self.limits = limits
        self.metrics = metrics or Metrics()
        self.is_stopping = False
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="listen")
        self._lock = threading.Lock()
        self._taken = 0
        self._usual_s = 1.0  # how long an answer took lately
        self.metrics.watch("listening", lambda: self._taken)

    @property
    def is_idle(self) -> bool:
        """Say whether nobody waits for an answer."""
        return self._taken == 0

    def refuse_if_full(self) -> None:
        """Refuse early, before a body comes in.

        Raises:
            Problem: all places are taken, or the server stops.
        """
        if self.is_stopping:
            raise problems.stopping()
        if self._taken >= self.limits.workers + self.limits.queue:
            raise problems.busy(self._usual_s * self._taken / self.limits.workers)

    def detector(self, asked: Asked) -> Detector:
        """Find the detector, with the line drawn where it is asked for.

        Raises:
            UnknownName: it is not among those that are served.
        """
        name = asked.model or next(iter(self.detectors))
        found = self.detectors.get(name) or self.detectors.get(name.replace("-", "_"))
        if found is None:
            known = ", ".join(self.detectors)
            raise UnknownName(
                f"The detector '{name[:100]}' is not served here. There are: {known}."
            )
        if asked.operating_point is None and asked.prior is None:
            return found
        return found.at(asked.operating_point or "balanced", prior=asked.prior)

    async def answer(self, asked: Asked, upload: Upload) -> Verdict:
        """Wait for a free thread, and for the verdict; whoever leaves stops it.

        Raises:
            Problem: there is no place, it took too long, or the recording is too long.
            EarwitnessError: it cannot be read, or asks for what there is not.
        """
        self.refuse_if_full()
        detector, stop = self.detector(asked), threading.Event()
        with self._lock:
            self._taken += 1
        began = time.monotonic()

        def watch(_: Progress) -> None:
            if stop.is_set():
                raise Stopped

        work = self._threads.submit(
            self.listen, detector, asked, upload, watch, self.limits.duration_s
        )
        work.add_done_callback(lambda done: self._give_place(done, began))
        try:
            async with asyncio.timeout(self.limits.answer_s):
                return await asyncio.shield(asyncio.wrap_future(work))
        except TimeoutError as exc:
            detail = f"There was no answer within {self.limits.answer_s:g} s. Make it a job."
            raise problems.Problem(504, "server.timeout", detail) from exc
        finally:
            stop.set()
            work.cancel()

    def listen(
        self,
        detector: Detector,
        asked: Asked,
        upload: Upload,
        on_progress: OnProgress,
        most_s: float,
    ) -> Verdict:
        """Listen to one recording on this thread.

        Args:
            detector: who listens.
            asked: what is asked about it.
            upload: the recording.
            on_progress: is called after every block; may raise to end it.
            most_s: how long it may be.

        Raises:
            Problem: it is longer than that.
            EarwitnessError: it cannot be read.
        """

        def watch(progress: Progress) -> None:
            if progress.done_s > most_s:
                raise problems.too_long(most_s, way_out=" Longer ones may be jobs.")
            on_progress(progress)

        on_progress(Progress(upload.label, 0.0, None))
        end_s = float("inf") if asked.end_s is None else asked.end_s
        part = asked.part(upload.label)
        with open_apart(
            upload.path,
            sample_rate=detector.sample_rate,
            channel=asked.channel,
            time_range=(asked.start_s, min(end_s, 1e9)) if part.has_range else None,
            name=upload.label,
            time_limit_s=max(self.limits.decode_s, most_s / _SLOWEST),
        ) as recording:
            verdict = detector.judge(
                recording, channel=asked.channel, start_s=asked.start_s, on_progress=watch
            )
        self.metrics.count("verdicts_total", answer=verdict.answer.value)
        self.metrics.count("audio_seconds_total", verdict.facts.duration_s)
        return verdict

    def close(self) -> None:
        """Let go of the threads; what still runs comes to its end by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _give_place(self, work: Future[Verdict], began: float) -> None:
        with self._lock:
            self._taken -= 1
            if not work.cancelled():
                share = (time.monotonic() - began) / max(1, self._taken + 1) * self.limits.workers
                self._usual_s = 0.8 * self._usual_s + 0.2 * min(share, 60.0)
