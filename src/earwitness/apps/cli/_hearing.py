"""``listen``: bytes of a recorder or of standard input → how it looks, and a verdict."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO

import click

from earwitness.audio.feeds import Feed
from earwitness.detector import Detector
from earwitness.errors import UnreadableAudio
from earwitness.live import Listening, Running
from earwitness.records import Verdict
from earwitness.reporting import FORMS, Finding, Part
from earwitness.reporting import running as words
from earwitness.reporting.as_json import table

__all__ = ["MICROPHONE", "Told", "hear", "opened"]

MICROPHONE = ("pcm_s16le", 16000, 1)
_FFMPEG_INPUT = {"darwin": ("avfoundation", ":0"), "linux": ("alsa", "default")}
_PIECE = 4096


class Told:
    """Says how it looks, and what it was.

    Args:
        as_json: for programs, on standard output.
        is_quiet: nothing before the verdict, for people.
    """

    def __init__(self, *, as_json: bool, is_quiet: bool) -> None:
        self._as_json = as_json
        self._is_shown = not as_json and not is_quiet and sys.stderr.isatty()

    def so_far(self, running: Running) -> None:
        """Say how it looks; in a terminal, over the line before."""
        if self._as_json:
            click.echo(json.dumps(words.table(running)))
        elif self._is_shown:
            click.echo(f"\r\x1b[K{words.line(running)[:100]}", nl=False, err=True)

    def at_the_end(self, verdict: Verdict, name: str) -> None:
        """Say what it was."""
        if self._is_shown:
            click.echo("\r\x1b[K", nl=False, err=True)
        finding = Finding(verdict, Part(name))
        if self._as_json:
            click.echo(json.dumps({"type": "verdict", **table(finding)}))
            return
        for line in FORMS.get("as_details")([finding]):
            click.echo(line)


@contextmanager
def opened(source: str | None) -> Iterator[IO[bytes]]:
    """Open standard input, or the microphone if there is no source.

    Raises:
        UnreadableAudio: no program is here that records.
    """
    if source is not None:
        yield sys.stdin.buffer
        return
    recorder = subprocess.Popen(_recorder(), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert recorder.stdout is not None
    try:
        yield recorder.stdout
    finally:
        recorder.terminate()
        recorder.wait()


def hear(
    detector: Detector,
    sound: IO[bytes],
    feed: Feed,
    told: Told,
    *,
    every_s: float,
    most_s: float,
    name: str,
) -> None:
    """Listen until the sound ends, it was enough, or somebody stops it.

    Args:
        detector: who listens.
        sound: where the bytes come from.
        feed: makes sound of them.
        told: says how it looks.
        every_s: how often.
        most_s: how much is enough.
        name: what to call it.

    Raises:
        AudioError: nothing can be made of it.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        threading.Thread(target=feed.end, daemon=True).start()  # it may have to wait for us

    before = signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_push, args=(sound, feed), daemon=True).start()
    try:
        listening = Listening(detector, feed.format(), source=name, digest=feed.digest)
        for running in listening.running(feed.blocks(), every_s=every_s):
            told.so_far(running)
            if running.heard_s >= most_s:
                break
        if not listening.sound.heard_s:
            raise UnreadableAudio(f"{name}: not one sample came. Is anything being recorded?")
        told.at_the_end(listening.finish(truncated=feed.broke_off), name)
    finally:
        signal.signal(signal.SIGINT, before)
        feed.abandon()


def _push(sound: IO[bytes], feed: Feed) -> None:
    read = getattr(sound, "read1", sound.read)  # as soon as something is there
    while piece := read(_PIECE):
        feed.push(piece)
    feed.end()


def _recorder() -> list[str]:
    """Name the program that records, and how it gives bare samples as ``MICROPHONE`` says."""
    ways = {
        "parec": ["--raw", "--format=s16le", "--rate=16000", "--channels=1", "--latency-msec=100"],
        "arecord": ["-q", "-t", "raw", "-f", "S16_LE", "-r", "16000", "-c", "1"],
        "rec": ["-q", "-t", "raw", "-b", "16", "-e", "signed", "-r", "16000", "-c", "1", "-"],
    }
    kind, device = _FFMPEG_INPUT.get(sys.platform, ("", ""))
    if kind:
        form = ["-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
        ways["ffmpeg"] = ["-v", "error", "-f", kind, "-i", device, *form]
    for program, arguments in ways.items():
        found = shutil.which(program)
        if found:
            return [found, *arguments]
    raise UnreadableAudio(
        f"microphone: none of the programs {', '.join(ways)} is here to record with. Install one, "
        "or send the sound to: earwitness listen -"
    )
