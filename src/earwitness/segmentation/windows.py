"""Blocks of sound → segments: windows of one length, wherever there is speech, in constant memory.

Speech with short pauses in it is one region. A region that fits into a window is repeated until the
window is full; a longer one gets windows at even steps and a last one that ends with it, so that
every sample of speech is covered. Training cuts its sound here, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.records import Samples, Segment, SpeechSpan


@dataclass(frozen=True)
class WindowSettings:
    """How speech is cut into windows; the settings travel with the weights.

    Attributes:
        length_s: how long the model wants a window to be.
        hop_s: from the start of one window to that of the next inside a region.
        padding: how a region that is too short is filled up; "tile" repeats it.
        pad_s: sound kept around speech, where there is room.
        join_s: pauses up to this stay inside one region.
    """

    length_s: float = 4.0
    hop_s: float = 2.0
    padding: Literal["tile"] = "tile"
    pad_s: float = 0.1
    join_s: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.hop_s <= self.length_s:
            raise SettingsError(
                "0 < hop_s <= length_s must hold, so that no sound falls between two windows, "
                f"but got hop_s = {self.hop_s} and length_s = {self.length_s}."
            )
        if self.pad_s < 0 or self.join_s < 2 * self.pad_s:
            raise SettingsError(
                "join_s must be at least twice pad_s, so that regions do not overlap, "
                f"but got join_s = {self.join_s} and pad_s = {self.pad_s}."
            )


class Voice(Protocol):
    """What hears where speech is: ``vad.VoiceActivity``, or a stand-in."""

    sample_rate: int

    @property
    def decided_s(self) -> float:
        """Up to which time it is certain where speech is and where it is not."""

    def hear(self, block: Samples) -> list[SpeechSpan]:
        """Take in the next samples and give the speech that has become certain."""

    def finish(self) -> list[SpeechSpan]:
        """Say that nothing follows, and give the speech that was still open."""


def split(
    blocks: Iterable[Samples], settings: WindowSettings, voice: Voice, *, sample_rate: int
) -> Iterator[Segment]:
    """Cut a recording into segments while it passes by.

    Args:
        blocks: the recording, shape (samples,) each, of any lengths.
        settings: how to cut.
        voice: hears where speech is; fresh for each recording.
        sample_rate: of the blocks, in Hz.

    Raises:
        IncompatibleWeights: the voice activity detector does not hear this rate.

    Example:
        >>> from earwitness.segmentation.vad import VoiceActivity
        >>> silence = [np.zeros(16000, np.float32)]
        >>> list(split(silence, WindowSettings(), VoiceActivity(), sample_rate=16000))
        []
    """
    if sample_rate != voice.sample_rate:
        raise IncompatibleWeights(
            f"The model wants sound at {sample_rate} Hz, but the voice activity detector hears "
            f"{voice.sample_rate} Hz only."
        )
    cutter = Cutter(settings, sample_rate)
    for block in blocks:
        spans = voice.hear(block)
        yield from cutter.feed(block, spans, round(voice.decided_s * sample_rate))
    yield from cutter.finish(voice.finish())


@dataclass
class _Region:
    """Speech with short pauses in it, in samples from the start of the recording."""

    start: int
    end: int
    next_window: int
    has_windows: bool = False


class Cutter:
    """Holds what has been heard and not yet cut.

    Args:
        settings: how to cut.
        sample_rate: in Hz.
    """

    def __init__(self, settings: WindowSettings, sample_rate: int) -> None:
        self._rate = sample_rate
        self._length = max(1, round(settings.length_s * sample_rate))
        self._hop = max(1, round(settings.hop_s * sample_rate))
        self._pad = round(settings.pad_s * sample_rate)
        self._join = round(settings.join_s * sample_rate)
        self._sound = np.empty(0, np.float32)
        self._sound_start = 0
        self._speech: list[tuple[int, int]] = []  # what a window to come may still touch
        self._covered = 0  # up to where windows have taken in all the speech
        self._region: _Region | None = None

    def feed(self, block: Samples, spans: list[SpeechSpan], decided: int) -> Iterator[Segment]:
        """Take in a block and the speech that has become certain; give the windows of it."""
        self._sound = np.concatenate([self._sound, np.asarray(block, np.float32)])
        for span in spans:
            yield from self._add(round(span.start_s * self._rate), round(span.end_s * self._rate))
        if self._region is not None and decided - self._region.end > self._join:
            yield from self._close()
        self._forget(decided)

    def finish(self, spans: list[SpeechSpan]) -> Iterator[Segment]:
        """Give the windows of what is left."""
        for span in spans:
            yield from self._add(round(span.start_s * self._rate), round(span.end_s * self._rate))
        yield from self._close()

    def would_finish(self, spans: list[SpeechSpan]) -> list[Segment]:
        """Give the windows that ``finish`` would give now; more may follow, though."""
        twin = copy(self)  # arrays are never changed in place, so they may be shared
        twin._speech = list(self._speech)
        twin._region = copy(self._region)
        return list(twin.finish(spans))

    def _add(self, start: int, end: int) -> Iterator[Segment]:
        if self._region is not None and start - self._region.end > self._join:
            yield from self._close()
        self._speech.append((start, end))
        if self._region is None:
            first = max(0, start - self._pad)
            self._region = _Region(start, end, next_window=first)
        self._region.end = end
        yield from self._windows(self._region, end)

    def _windows(self, region: _Region, end: int) -> Iterator[Segment]:
        """Cut the windows of a region that end at ``end`` at the latest."""
        if region.end - region.start <= self._length:
            return
        while region.next_window + self._length <= end:
            yield self._cut(region.next_window, region.next_window + self._length)
            region.next_window += self._hop
            region.has_windows = True

    def _close(self) -> Iterator[Segment]:
        region, self._region = self._region, None
        if region is None:
            return
        heard = self._sound_start + len(self._sound)
        end = min(region.end + self._pad, heard)
        yield from self._windows(region, end)
        if not region.has_windows:
            yield self._cut(*self._fitted(region, end))
        elif self._covered < region.end:
            yield self._cut(end - self._length, end)

    def _fitted(self, region: _Region, end: int) -> tuple[int, int]:
        """Take away padding from a region that would fit into one window without it."""
        start = region.next_window
        surplus = max(0, end - start - self._length)
        left = min(region.start - start, max(surplus // 2, surplus - (end - region.end)))
        return start + left, end - (surplus - left)

    def _cut(self, start: int, end: int) -> Segment:
        sound = self._sound[start - self._sound_start : end - self._sound_start]
        speech = sum(_overlap(span, start, end) for span in self._speech)
        fresh = sum(_overlap(span, max(start, self._covered), end) for span in self._speech)
        self._covered = end
        return Segment(
            start_s=start / self._rate,
            end_s=end / self._rate,
            speech_s=speech / self._rate,
            fresh_s=fresh / self._rate,
            samples=np.resize(sound, self._length),
        )

    def _forget(self, decided: int) -> None:
        """Let go of all that no window to come can reach back to."""
        needed = decided - self._pad
        if self._region is not None:
            last_window = self._region.end - self._length
            needed = min(needed, self._region.next_window, max(last_window, 0))
        drop = min(max(0, needed - self._sound_start), len(self._sound))
        self._sound = self._sound[drop:]
        self._sound_start += drop
        self._speech = [span for span in self._speech if span[1] > self._sound_start]


def _overlap(span: tuple[int, int], start: int, end: int) -> int:
    return max(0, min(span[1], end) - max(span[0], start))
