"""Calls of a server. httpx's only door; web sockets are ``streaming``'s."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self, TypeAlias

import httpx

from earwitness.apps.client import reading
from earwitness.apps.client.reading import Job, ServedModel, Update
from earwitness.apps.client.streaming import Sound, updates
from earwitness.errors import EarwitnessError, ServerError, UnreadableAudio
from earwitness.records import Failure, Verdict

Source: TypeAlias = str | Path | bytes | BinaryIO
Channel: TypeAlias = Literal["mix"] | int
_LONGEST_POLL_S = 20.0


@dataclass(frozen=True)
class Question:
    """What is asked about a recording; what is None is as the server does it.

    Attributes:
        model: one of ``Client.models``.
        operating_point: where the line is drawn.
        prior: of a spoof; takes the operating point's place.
        channel: "mix", or one of them, counted from 0.
        time_range: start and end in seconds.
    """

    model: str | None = None
    operating_point: str | None = None
    prior: float | None = None
    channel: Channel = "mix"
    time_range: tuple[float, float] | None = None

    def parameters(self) -> dict[str, str]:
        """Write it as the address of a request has it."""
        start_s, end_s = self.time_range or (None, None)
        asked = {
            "model": self.model,
            "operating_point": self.operating_point,
            "prior": self.prior,
            "channel": self.channel,
            "start_s": start_s,
            "end_s": end_s,
        }
        return {key: str(value) for key, value in asked.items() if value is not None}


class Client:
    """Speaks with a server. Safe to share by threads.

    Args:
        url: where it is.
        key: an API key, where the server wants one.
        timeout_s: how long an answer may take.
        patience_s: how long a server that is busy is asked again, in all.
        transport: of httpx; None for the usual one.

    Use it in a ``with``, or close it.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        *,
        key: str | None = None,
        timeout_s: float = 300.0,
        patience_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._patience_s = patience_s
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=timeout_s, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def models(self) -> tuple[ServedModel, ...]:
        """List the detectors that are served."""
        return tuple(reading.served(one) for one in self._asked("GET", "/v1/models")["models"])

    def detect(self, source: Source, **question: Any) -> Verdict:  # noqa: ANN401
        """Have one recording listened to.

        Args:
            source: a path, the bytes of a file, or a binary stream.
            question: fields of ``Question``.

        Raises:
            AudioError: the recording cannot be read, here or there.
            ServerError: the server refused, or did not answer.
        """
        return reading.verdict(self._sent("/v1/detect", [source], Question(**question)))

    def detect_many(
        self,
        sources: Sequence[Source],
        **question: Any,  # noqa: ANN401
    ) -> tuple[Verdict | Failure, ...]:
        """Have recordings listened to as one job, and wait for it.

        Raises:
            ServerError: the server refused, or the job was stopped before its end.
        """
        done = self.wait(self.submit(sources, **question))
        if done.status != "done":
            raise ServerError(
                f"The job {done.id} was stopped before its end.", code="job.cancelled"
            )
        return done.results

    def submit(self, sources: Sequence[Source], **question: Any) -> Job:  # noqa: ANN401
        """Leave recordings at the server, to be listened to later."""
        return reading.job(self._sent("/v1/jobs", sources, Question(**question)))

    def job(self, id_: str, *, wait_s: float = 0.0) -> Job:
        """Ask after a job; wait for its end for up to 30 s."""
        return reading.job(self._asked("GET", f"/v1/jobs/{id_}", {"wait_s": str(wait_s)}))

    def wait(self, job: Job) -> Job:
        """Wait for a job's end."""
        while not job.is_over:
            job = self.job(job.id, wait_s=_LONGEST_POLL_S)
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job, or have the results of one that is over forgotten."""
        self._answered(self._http.build_request("DELETE", f"/v1/jobs/{job.id}"))

    def stream(
        self,
        pieces: Iterable[bytes],
        sound: Sound | None = None,
        **question: Any,  # noqa: ANN401
    ) -> Iterator[Update | Verdict]:
        """Send a sound while it is made; give running scores, and the verdict as the last.

        Args:
            pieces: bytes as they come.
            sound: their form; None for a container such as WebM or Ogg.
            question: model, operating_point and prior of ``Question``.
        """
        asked = Question(**question).parameters()
        asked.pop("channel")
        yield from updates(self.url, self._key, pieces, sound or Sound(), asked)

    def _sent(self, path: str, sources: Sequence[Source], question: Question) -> dict[str, Any]:
        with ExitStack() as opened:
            files = [("file", _part(source, opened)) for source in sources]
            return self._asked("POST", path, question.parameters(), files=files)

    def _asked(
        self,
        method: str,
        path: str,
        parameters: dict[str, str] | None = None,
        *,
        files: list[tuple[str, tuple[str, BinaryIO | bytes]]] | None = None,
    ) -> dict[str, Any]:
        """Ask, and ask again while the server is busy."""
        until = time.monotonic() + self._patience_s
        while True:
            for _, (_, data) in files or []:
                if not isinstance(data, bytes):
                    data.seek(0)
            request = self._http.build_request(method, path, params=parameters, files=files)
            try:
                found: dict[str, Any] = self._answered(request).json()
            except ServerError as busy:
                wait_s = busy.retry_after_s
                if wait_s is None or time.monotonic() + wait_s > until:
                    raise
                time.sleep(wait_s)
            else:
                return found

    def _answered(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._http.send(request)
        except httpx.HTTPError as exc:
            raise ServerError(
                f"{self.url}: did not answer ({exc or type(exc).__name__}). Is it running there?",
                code="server.unreachable",
            ) from exc
        if response.is_success:
            return response
        raise _error(response)


def _error(response: httpx.Response) -> EarwitnessError:
    try:
        told = response.json()
    except ValueError:
        told = None
    after = response.headers.get("Retry-After", "")
    wait_s = float(after) if after.isdecimal() else None
    if not isinstance(told, dict):
        told = {"detail": f"The server answered with status {response.status_code}."}
    return reading.error(told, response.status_code, wait_s)


def _part(source: Source, opened: ExitStack) -> tuple[str, BinaryIO | bytes]:
    if isinstance(source, bytes):
        return "bytes", source
    if isinstance(source, str | Path):
        try:
            file: BinaryIO = opened.enter_context(Path(source).open("rb"))  # noqa: SIM115
        except OSError as exc:
            raise UnreadableAudio(f"{source}: cannot be opened ({exc.strerror}).") from exc
        return Path(source).name, file
    return "stream", source.read()
