"""Long recordings and batches: taken in now, answered later, forgotten after a stated time."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from earwitness.apps.api import problems
from earwitness.apps.api.desk import Asked, Desk, Stopped, Upload
from earwitness.detector import Detector
from earwitness.errors import EarwitnessError
from earwitness.records import Failure, Progress, Verdict

Status = Literal["queued", "running", "done", "cancelled"]
FileStatus = Literal["waiting", "listening", "done", "failed", "stopped"]


@dataclass
class File:
    """One recording of a job, and what became of it."""

    upload: Upload
    status: FileStatus = "waiting"
    done_s: float = 0.0
    total_s: float | None = None
    found: Verdict | Failure | None = None


@dataclass
class Job:
    """What was asked, and what became of it.

    Attributes:
        id: unguessable; whoever knows it may ask after it.
        owner: the client that made it, where there are keys.
        asked: what is asked about every recording.
        files: the recordings.
        created_at: wall-clock time.
        status: how far it is.
        ended_at: on the monotonic clock; None while it is not at its end.
        stop: is set when nobody wants it any more.
    """

    id: str
    owner: str | None
    asked: Asked
    files: list[File]
    created_at: datetime
    status: Status = "queued"
    ended_at: float | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come."""
        return self.ended_at is not None

    def end(self, status: Status, now: float) -> None:
        """Come to an end, once; the uploads are removed."""
        if self.is_over:
            return
        self.status, self.ended_at = status, now
        for file in self.files:
            file.upload.path.unlink(missing_ok=True)
            if file.status in ("waiting", "listening"):
                file.status = "stopped"


class Jobs:
    """All jobs of a server.

    Args:
        desk: who listens.
        clock: gives seconds.
    """

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self.limits = desk.limits
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._threads = ThreadPoolExecutor(self.limits.job_workers, thread_name_prefix="job")
        desk.metrics.watch("jobs", lambda: float(len(self._open())))

    @property
    def is_idle(self) -> bool:
        """Say whether no job runs or waits."""
        return not self._open()

    def refuse_if_full(self) -> None:
        """Refuse early, before a body comes in.

        Raises:
            Problem: as many jobs wait as may, or the server stops.
        """
        if self._desk.is_stopping:
            raise problems.stopping()
        if len(self._open()) >= self.limits.jobs:
            raise problems.busy(30, "jobs")

    def add(self, asked: Asked, uploads: list[Upload], owner: str | None) -> Job:
        """Take in a job; its files belong to it from now on.

        Raises:
            Problem: as many jobs wait as may.
            UnknownName: it asks for a detector or an operating point that there is not.
        """
        self.refuse_if_full()
        self._forget()
        detector = self._desk.detector(asked)
        files = [File(upload) for upload in uploads]
        job = Job(secrets.token_urlsafe(18), owner, asked, files, datetime.now(UTC))
        self._jobs[job.id] = job

        def run() -> None:
            if not job.is_over:
                job.status = "running"
            for file in job.files:
                if not job.stop.is_set():
                    self._hear(job, file, detector)
            job.end("cancelled" if job.stop.is_set() else "done", self._clock())

        self._threads.submit(run)
        return job

    def find(self, id_: str, owner: str | None) -> Job:
        """Find a job of this client.

        Raises:
            Problem: there is none, or not any more.
        """
        self._forget()
        job = self._jobs.get(id_)
        if job is None or job.owner != owner:
            keep_s = self.limits.keep_results_s
            detail = f"There is no such job. Results are kept for {keep_s:g} s, then forgotten."
            raise problems.Problem(404, "job.unknown", detail)
        return job

    def cancel(self, job: Job) -> bool:
        """Stop a job, or forget the results of one that is over; say which it was."""
        if job.is_over:
            self._jobs.pop(job.id, None)
            return False
        job.stop.set()
        job.end("cancelled", self._clock())
        return True

    def expires_at(self, job: Job) -> datetime | None:
        """Say when the results are forgotten."""
        if job.ended_at is None:
            return None
        left_s = self.limits.keep_results_s - (self._clock() - job.ended_at)
        return datetime.fromtimestamp(time.time() + left_s, UTC)

    async def wait(self, job: Job, seconds: float) -> None:
        """Wait for a job's end, but no longer than this."""
        until = time.monotonic() + seconds
        while not job.is_over and time.monotonic() < until:
            await asyncio.sleep(0.05)

    async def drain(self, seconds: float) -> None:
        """Let what runs come to its end for so long; then hand all of them back as cancelled."""
        for job in self._open():
            if job.status == "queued":
                self.cancel(job)
        until = time.monotonic() + seconds
        while self._open() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        self.close()

    def close(self) -> None:
        """Stop all jobs."""
        for job in self._open():
            self.cancel(job)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hear(self, job: Job, file: File, detector: Detector) -> None:
        def watch(progress: Progress) -> None:
            if job.stop.is_set():
                raise Stopped
            file.done_s, file.total_s = progress.done_s, progress.total_s

        file.status, label = "listening", file.upload.label
        try:
            file.found = self._desk.listen(
                detector, job.asked, file.upload, watch, self.limits.job_duration_s
            )
            file.status = "done"
        except Stopped:
            file.status = "stopped"
        except problems.Problem as problem:
            file.found, file.status = Failure(label, problem.code, problem.detail), "failed"
        except EarwitnessError as error:
            file.found, file.status = Failure(label, error.code, str(error)), "failed"
        except Exception:  # one recording must not take the others with it
            told = "This recording could not be answered: a mistake of the server's."
            file.found, file.status = Failure(label, "server.failed", told), "failed"
        finally:
            file.upload.path.unlink(missing_ok=True)

    def _open(self) -> list[Job]:
        return [job for job in list(self._jobs.values()) if not job.is_over]

    def _forget(self) -> None:
        """Let go of what is over for long enough, and of the oldest if they are too many."""
        over = [job for job in self._jobs.values() if job.ended_at is not None]
        over.sort(key=lambda job: job.ended_at or 0.0)
        eldest = self._clock() - self.limits.keep_results_s
        for at, job in enumerate(over):
            is_one_too_many = len(over) - at > self.limits.results
            if is_one_too_many or (job.ended_at or 0.0) <= eldest:
                self._jobs.pop(job.id, None)
