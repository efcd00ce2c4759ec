"""A recording that is open: what comes out block by block, and what is known at the end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from earwitness.audio.ear import Channel, Ear
from earwitness.audio.headers.header import Header
from earwitness.audio.provenance import provenance
from earwitness.audio.resample import StreamResampler
from earwitness.audio.streams import NativeStream
from earwitness.errors import EmptyAudio, SettingsError, UnreadableAudio
from earwitness.records import QualityNotes, Samples, SourceFacts

__all__ = ["Channel", "Readable", "Recording", "Wanted"]

SLACK_S = 0.1  # headers round to a codec's frame; what is missing beyond that was cut off
_RATES = range(1000, 1_000_000)


@dataclass(frozen=True)
class Wanted:
    """What part of a recording is asked for, and in which form.

    Attributes:
        sample_rate: in Hz; None for the one that it has.
        channel: "mix", or one channel, counted from 0.
        time_range: start and end in seconds; None for all of it.
    """

    sample_rate: int | None
    channel: Channel = "mix"
    time_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.sample_rate is not None and self.sample_rate < 1:
            raise SettingsError(f"sample_rate must be positive, but got {self.sample_rate}.")
        if self.channel != "mix" and not isinstance(self.channel, int):
            raise SettingsError(f'channel is "mix" or a number from 0, but got {self.channel!r}.')
        start, end = self.time_range or (0.0, 1.0)
        are_numbers = isinstance(start, int | float) and isinstance(end, int | float)
        if not (are_numbers and 0 <= start < end < math.inf):
            raise SettingsError(f"A range runs forwards from 0 s or later, but got {start}-{end}.")


class Readable(Protocol):
    """A recording that is open, wherever it is decoded: here, or in a process of its own."""

    source: str
    sample_rate: int

    @property
    def expected_s(self) -> float | None:
        """How long it will probably be; None if nobody knows."""

    def blocks(self) -> Iterator[Samples]:
        """Give mono blocks, shape (samples,), once."""

    def facts(self) -> SourceFacts:
        """Tell what is known of the file, once all blocks were read."""

    def notes(self) -> QualityNotes:
        """Tell what the sound is like, once all blocks were read."""


class Origin(Protocol):
    """Where a recording comes from."""

    name: str

    def sha256(self) -> str:
        """Hash its bytes."""

    def close(self) -> None:
        """Let go of it."""


class Recording:
    """A recording that is open, to be read once, inside a ``with``.

    Args:
        origin: where it comes from.
        stream: how it is decoded.
        header: what its first and last bytes tell.
        wanted: which part, in which form.

    Raises:
        UnreadableAudio: its sample rate cannot be meant.
        EmptyAudio: it has no such channel.
    """

    def __init__(
        self, origin: Origin, stream: NativeStream, header: Header, wanted: Wanted
    ) -> None:
        self._origin = origin
        self._stream = stream
        self._header = header
        self._wanted = wanted
        self.source = origin.name
        own_rate = stream.format.sample_rate
        self.sample_rate = own_rate if wanted.sample_rate is None else wanted.sample_rate
        self.channels = stream.format.channels
        self._check()
        self._ear = Ear(own_rate, wanted.channel)
        self._is_done = False

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
        """Let go of the file and of the decoder."""
        self._stream.close()
        self._origin.close()

    @property
    def expected_s(self) -> float | None:
        """How long it will probably be, for a progress bar; None if nobody knows."""
        form = self._stream.format
        total = form.guess_s if form.frames is None else form.frames / form.sample_rate
        if self._wanted.time_range is None:
            return total
        start, end = self._wanted.time_range
        return max(0.0, (end if total is None else min(end, total)) - start)

    def blocks(self) -> Iterator[Samples]:
        """Give mono blocks of about ten seconds at the wanted rate, shape (samples,).

        Raises:
            UnreadableAudio: it breaks before its first sample.
            EmptyAudio: there is no sample in it, or none in the range.
        """
        resampler = StreamResampler(self._stream.format.sample_rate, self.sample_rate)
        waiting: Samples | None = None
        for block in self._stream.blocks(*self._range()):
            if waiting is not None:
                yield resampler.feed(waiting)
            waiting = self._ear.hear(block)
        if waiting is None:
            raise EmptyAudio(self._nothing())
        yield resampler.feed(waiting, last=True)
        self._is_done = True

    def facts(self) -> SourceFacts:
        """Tell what is known of the file; only once ``blocks`` has been read to its end."""
        notes = self.notes()
        return SourceFacts(
            source=self.source,
            sha256=self._origin.sha256(),
            duration_s=self._ear.frames / self._stream.format.sample_rate,
            truncated=self._is_truncated(),
            provenance=provenance(self._header, self._stream.format, notes.bandwidth_hz),
        )

    def notes(self) -> QualityNotes:
        """Tell what the sound is like; only once ``blocks`` has been read to its end."""
        if not self._is_done:
            raise RuntimeError("Read all blocks before you ask what was in them.")
        return self._ear.notes()

    def _check(self) -> None:
        rate, channel = self._stream.format.sample_rate, self._wanted.channel
        if rate not in _RATES:
            raise UnreadableAudio(
                f"{self.source}: claims a sample rate of {rate} Hz. Its header is damaged."
            )
        if channel != "mix" and not 0 <= channel < self.channels:
            raise EmptyAudio(
                f"{self.source}: has no channel {channel}, only 0 to {self.channels - 1} "
                "(counted from 0)."
            )

    def _range(self) -> tuple[int, int | None]:
        if self._wanted.time_range is None:
            return 0, None
        start, end = self._wanted.time_range
        rate = self._stream.format.sample_rate
        return round(start * rate), max(round(start * rate) + 1, round(end * rate))

    def _is_truncated(self) -> bool:
        start, stop = self._range()
        end = start + self._ear.frames
        if stop is not None and end >= stop:
            return self._stream.broke_off
        promised = self._stream.format.frames
        slack = SLACK_S * self._stream.format.sample_rate
        is_short = promised is not None and end < min(promised, stop or promised) - slack
        return self._stream.broke_off or self._header.is_cut_short or is_short

    def _nothing(self) -> str:
        if self._wanted.time_range is None:
            return f"{self.source}: there is not one sample of sound in it. Was it recorded?"
        start, _ = self._wanted.time_range
        return (
            f"{self.source}: ends before {start:g} s, where the range starts. Is it the right one?"
        )
