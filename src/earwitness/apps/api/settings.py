"""What a server allows: sizes, lengths, times and numbers, in one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from earwitness.errors import SettingsError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """How much one request, one client and all of them together may ask for.

    Attributes:
        upload_mb: largest body of a request.
        duration_s: longest recording that is answered at once;
        job_duration_s: longest one in a job.
        decode_s: how long a recording may take to decode; in a job, a twentieth of the longest.
        answer_s: how long a request may take in all, once it is here.
        idle_s: how long a client may send nothing in the middle of its body.
        workers: recordings that are listened to at the same time;
        queue: and so many more may wait.
        uploads: requests whose bodies may come in at the same time.
        job_workers: jobs that run at the same time;
        jobs: that may wait or run;
        job_files: recordings in one.
        results: finished jobs that are remembered, for
        keep_results_s: at most.
        streams: live streams at the same time, of
        stream_s: at most.
        rate: requests that start work, a minute, of one client; 0 for any number.
    """

    upload_mb: float = 100.0
    duration_s: float = 600.0
    job_duration_s: float = 4 * 3600.0
    decode_s: float = 120.0
    answer_s: float = 300.0
    idle_s: float = 30.0
    workers: int = 2
    queue: int = 16
    uploads: int = 128
    job_workers: int = 1
    jobs: int = 32
    job_files: int = 100
    results: int = 256
    keep_results_s: float = 3600.0
    streams: int = 8
    stream_s: float = 3600.0
    rate: int = 120

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            least = 0 if name in ("rate", "queue") else 1e-9
            if value < least:
                raise SettingsError(f"{name} of a server must be larger than 0, but got {value}.")

    @property
    def upload_bytes(self) -> int:
        """The largest body in bytes."""
        return int(self.upload_mb * _MB)


@dataclass(frozen=True)
class ApiSettings:
    """How a server is set up.

    Attributes:
        limits: how much may be asked for.
        keys: the file of hashed API keys; None lets everybody in.
        hosts: names by which the server may be addressed; empty for any.
        origins: other web sites whose pages may use it.
    """

    limits: Limits = field(default_factory=Limits)
    keys: Path | None = None
    hosts: tuple[str, ...] = LOOPBACK
    origins: tuple[str, ...] = ()
