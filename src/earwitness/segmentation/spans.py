"""Probabilities of speech → spans of speech, as they come in: hysteresis and two least lengths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from earwitness.errors import SettingsError
from earwitness.records import SpeechSpan


@dataclass(frozen=True)
class SpanSettings:
    """When a row of probabilities is speech; the defaults are Silero's own.

    Attributes:
        start_at: speech starts where the probability reaches this,
        stop_below: and stops where it falls below this
        min_silence_s: and has not reached ``start_at`` again for so long.
        min_speech_s: what is shorter is no speech.
    """

    start_at: float = 0.5
    stop_below: float = 0.35
    min_silence_s: float = 0.1
    min_speech_s: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.stop_below <= self.start_at < 1:
            raise SettingsError(
                "0 < stop_below <= start_at < 1 must hold, but got "
                f"stop_below = {self.stop_below} and start_at = {self.start_at}."
            )
        if self.min_silence_s < 0 or self.min_speech_s < 0:
            raise SettingsError(
                "The least lengths cannot be negative, but got "
                f"{self.min_silence_s} s of silence and {self.min_speech_s} s of speech."
            )


class SpanFinder:
    """Finds spans of speech in probabilities that come one chunk after the other.

    A span that is long enough to count is given out as far as it is certain after each ``feed``,
    so a speaker without pauses comes in pieces that touch. The union of the pieces does not depend
    on how the probabilities were fed.

    Args:
        settings: when it is speech.
        chunk_s: how long one chunk is.

    Example:
        >>> finder = SpanFinder(SpanSettings(), chunk_s=0.1)
        >>> finder.feed([0.1, 0.9, 0.4, 0.9, 0.9, 0.1, 0.1, 0.1])
        [SpeechSpan(start_s=0.1, end_s=0.5)]
    """

    def __init__(self, settings: SpanSettings, *, chunk_s: float) -> None:
        self._settings = settings
        self._chunk_s = chunk_s
        self._min_silence = settings.min_silence_s / chunk_s
        self._min_speech = settings.min_speech_s / chunk_s
        self._heard = 0
        self._start: int | None = None  # the chunk where the open span starts,
        self._given = 0  # up to where it was given out already,
        self._pause: int | None = None  # and where the pause starts that may end it

    @property
    def decided_s(self) -> float:
        """Up to which time it is certain where speech is and where it is not."""
        return self._decided() * self._chunk_s

    def feed(self, probabilities: Iterable[float]) -> list[SpeechSpan]:
        """Take in the next chunks and give the speech that has become certain."""
        spans = []
        for probability in probabilities:
            spans += self._step(float(probability))
        return spans + self._certain()

    def finish(self, last: Iterable[float], end_s: float) -> list[SpeechSpan]:
        """Take in the last chunks and give the speech that is left; the sound ends at ``end_s``."""
        spans = self.feed(last)
        if self._start is not None:
            spans += self._closed(self._heard if self._pause is None else self._pause)
        return [SpeechSpan(span.start_s, min(span.end_s, end_s)) for span in spans]

    def _step(self, probability: float) -> list[SpeechSpan]:
        now = self._heard
        self._heard += 1
        if probability >= self._settings.start_at:
            self._pause = None
            if self._start is None:
                self._start = self._given = now
        elif self._start is not None and probability < self._settings.stop_below:
            self._pause = now if self._pause is None else self._pause
        if self._pause is None or self._heard - self._pause < self._min_silence:
            return []
        return self._closed(self._pause)

    def _closed(self, end: int) -> list[SpeechSpan]:
        start, self._start, self._pause = self._start, None, None
        is_speech = start is not None and end - start >= self._min_speech
        return self._span(self._given, end) if is_speech else []

    def _certain(self) -> list[SpeechSpan]:
        """Give out the part of the open span that nothing to come can take back."""
        end = self._decided()
        if self._start is None or end <= self._given:
            return []
        start, self._given = self._given, end
        return self._span(start, end)

    def _decided(self) -> int:
        if self._start is None:
            return self._heard
        end = self._heard if self._pause is None else self._pause
        return end if end - self._start >= self._min_speech else self._start

    def _span(self, start: int, end: int) -> list[SpeechSpan]:
        if end <= start:
            return []
        return [SpeechSpan(start * self._chunk_s, end * self._chunk_s)]
