"""Live streams: sound in over a web socket, running scores out, the verdict at the end.

A stream has one thread that listens. What comes in waits in the feed, which makes the client wait
when the thread is too slow; what goes out waits in a short row, from which running scores fall out
when the client reads too slowly. So a stream holds little, however long it is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from starlette.websockets import WebSocket

from earwitness.apps.api import problems
from earwitness.apps.api.desk import Asked, Desk
from earwitness.apps.api.schemas import verdict_table
from earwitness.audio.feeds import Encoding, Feed, open_feed
from earwitness.detector import Detector
from earwitness.live import Listening
from earwitness.reporting import Part
from earwitness.reporting.running import table

SOURCE = "stream"
_MOST_WAITING = 64
Ended = Literal["end", "idle", "limit", "stopping"]
Message = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """What the address of a stream says.

    Attributes:
        asked: what is asked about the sound.
        encoding: how it comes.
        sample_rate, channels: of bare samples.
        every_s: how often a running score is wanted, in seconds of sound.
    """

    asked: Asked
    encoding: Encoding
    sample_rate: int
    channels: int
    every_s: float


class Streams:
    """All live streams of a server.

    Args:
        desk: has the detectors, the limits and the counts.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[Stream] = set()
        most = desk.limits.streams
        self._ears = ThreadPoolExecutor(most, thread_name_prefix="stream")
        self._hands = ThreadPoolExecutor(most, thread_name_prefix="push")
        desk.metrics.watch("streams", lambda: float(len(self._open)))

    @property
    def is_idle(self) -> bool:
        """Say whether no stream is open."""
        return not self._open

    async def serve(self, socket: WebSocket, call: Call) -> None:
        """Answer one stream, which was accepted, to its end.

        Raises:
            Problem: there are too many, or the server stops.
            EarwitnessError: it asks for what there is not, or no decoder makes sense of it.
        """
        if self._desk.is_stopping:
            raise problems.stopping()
        if len(self._open) >= self._desk.limits.streams:
            raise problems.busy(10, "streams")
        detector = self._desk.detector(call.asked)
        feed = open_feed(call.encoding, sample_rate=call.sample_rate, channels=call.channels)
        stream = Stream(feed, detector, call, self._desk.limits.stream_s)
        self._open.add(stream)
        try:
            await self._run(socket, stream)
        finally:
            self._open.discard(stream)
            # Not by the hands: one of them may wait for what this brings about.
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, feed.abandon))

    async def _run(self, socket: WebSocket, stream: Stream) -> None:
        loop = asyncio.get_running_loop()
        listening = loop.run_in_executor(self._ears, stream.listen, loop)
        receiving = asyncio.ensure_future(self._receive(socket, stream))
        try:
            while (message := await stream.next_message(listening)) is not None:
                await socket.send_text(json.dumps(message))
            verdict = await listening
            if stream.problem is not None:
                raise stream.problem
            self._desk.metrics.count("verdicts_total", answer=verdict["verdict"])
            self._desk.metrics.count("audio_seconds_total", verdict["duration_s"])
            await socket.send_text(json.dumps(verdict))
        finally:
            receiving.cancel()

    async def _receive(self, socket: WebSocket, stream: Stream) -> None:
        """Push what comes in until the client ends it, leaves, or falls silent."""
        loop, limits = asyncio.get_running_loop(), self._desk.limits
        until = loop.time() + 2 * limits.stream_s  # by the clock, however little comes
        while stream.ended is None:
            if loop.time() > until:
                await loop.run_in_executor(None, stream.end, "limit")
                break
            try:
                message = await asyncio.wait_for(socket.receive(), limits.idle_s)
            except TimeoutError:
                await loop.run_in_executor(None, stream.end, "idle")
                break
            if message["type"] == "websocket.disconnect":
                stream.leave()
                return
            work = _work(stream, message)
            try:
                await asyncio.wait_for(loop.run_in_executor(self._hands, work), limits.decode_s)
            except TimeoutError:  # nobody takes out what was pushed: the decoder hangs
                stream.leave()
                return
        await asyncio.sleep(limits.decode_s)  # a decoder that hangs keeps nobody waiting for ever
        stream.leave()

    def stop(self) -> None:
        """End all streams, with their verdicts, for the server stops."""
        for stream in list(self._open):
            asyncio.get_running_loop().run_in_executor(None, stream.end, "stopping")

    def close(self) -> None:
        """Let go of the threads."""
        for stream in list(self._open):
            stream.leave()
        self._ears.shutdown(wait=False, cancel_futures=True)
        self._hands.shutdown(wait=False)


class Stream:
    """One stream: what comes in, who listens, and what goes out."""

    def __init__(self, feed: Feed, detector: Detector, call: Call, most_s: float) -> None:
        self.feed = feed
        self.ended: Ended | None = None
        self.problem: problems.Problem | None = None
        self._detector, self._call, self._most_s = detector, call, most_s
        self._has_left = False
        self._out: asyncio.Queue[Message] = asyncio.Queue(_MOST_WAITING)

    def end(self, why: Ended = "end") -> None:
        """Bring it to its end, once."""
        if self.ended is None:
            self.ended = why
            self.feed.end()

    def refuse(self) -> None:
        """Bring it to its end, for the client does not speak our language."""
        detail = 'A stream\'s only text is {"type": "end"}, but something else came.'
        self.problem = problems.Problem(422, "request.invalid", detail)
        self.end()

    def leave(self) -> None:
        """Take note that the client is gone."""
        self._has_left = True
        self.ended = self.ended or "end"
        self.feed.abandon()

    async def next_message(self, listening: Awaitable[Message]) -> Message | None:
        """Wait for the next running score; None if nothing but the verdict will come."""
        getting = asyncio.ensure_future(self._out.get())
        done = asyncio.ensure_future(_over(listening))
        await asyncio.wait({getting, done}, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()
        if getting.done():
            return getting.result()
        getting.cancel()
        return None if self._out.empty() else self._out.get_nowait()

    def listen(self, loop: asyncio.AbstractEventLoop) -> Message:
        """Listen to its end, on a thread of its own, and give the verdict."""

        def tell(message: Message) -> None:
            loop.call_soon_threadsafe(self._post, message)

        form = self.feed.format()
        listening = Listening(self._detector, form, source=SOURCE, digest=self.feed.digest)
        tell({
            "type": "ready", "model": self._detector.card.name, "sample_rate": form.sample_rate,
            "channels": form.channels, "most_s": self._most_s,
        })  # fmt: skip
        for running in listening.running(self.feed.blocks(), every_s=self._call.every_s):
            tell(table(running))
            if running.heard_s >= self._most_s:
                self.ended = self.ended or "limit"
                break
        verdict = listening.finish(truncated=self.feed.broke_off)
        told = verdict_table(verdict, Part(SOURCE))
        return {"type": "verdict", "ended": self.ended or "end", **told}

    def _post(self, message: Message) -> None:
        if self._out.full():  # the client reads too slowly: the newest score is what it wants
            self._out.get_nowait()
        self._out.put_nowait(message)


async def _over(listening: Awaitable[Message]) -> None:
    await asyncio.wait({asyncio.ensure_future(listening)})


def _work(stream: Stream, message: Mapping[str, Any]) -> Callable[[], None]:
    """Say what a message of the client brings about."""
    data, text = message.get("bytes"), message.get("text")
    if text is None:
        return partial(stream.feed.push, data or b"")
    return stream.end if _is_end(text) else stream.refuse


def _is_end(text: str) -> bool:
    try:
        told = json.loads(text)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("type") == "end"
