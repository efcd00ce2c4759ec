"""Any recording → a ``Recording``: lazy blocks of mono float32. soundfile's door.

WAV, FLAC, Ogg Vorbis and Opus, and MP3 are read in process by libsndfile; everything else, and
whatever libsndfile refuses, goes to the decoder process. Which of the two is told by the first
bytes, never by the file's name.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from earwitness.audio.decoder import DecodedStream
from earwitness.audio.formats import Format, block_frames
from earwitness.audio.headers.header import Header
from earwitness.audio.headers.sniff import read_header
from earwitness.audio.recording import Channel, Recording, Wanted
from earwitness.audio.source import AudioSource, Stored, stored
from earwitness.audio.streams import ArrayStream, NativeStream
from earwitness.records import Samples, Waveform

__all__ = ["AudioSource", "Channel", "Recording", "channel_count", "open_recording"]

_SEEKS_EXACTLY = {"WAV", "WAVEX", "RF64", "FLAC"}
_PCM = {
    "PCM_U8": "pcm_u8", "PCM_S8": "pcm_s8", "PCM_16": "pcm_s16", "PCM_24": "pcm_s24",
    "PCM_32": "pcm_s32", "FLOAT": "pcm_f32", "DOUBLE": "pcm_f64", "ALAW": "pcm_alaw",
    "ULAW": "pcm_mulaw", "MPEG_LAYER_III": "mp3", "MPEG_LAYER_II": "mp2",
}  # fmt: skip
_NOTHING = np.empty((0, 1), np.float32)


def open_recording(
    source: AudioSource,
    *,
    sample_rate: int | None,
    channel: Channel = "mix",
    time_range: tuple[float, float] | None = None,
) -> Recording:
    """Open a recording, to be read once, in blocks, inside a ``with``.

    Args:
        source: a path, the bytes of a file, a binary stream, or a waveform in memory.
        sample_rate: the rate that is wanted, in Hz: the one that the model states; None for the
            recording's own.
        channel: "mix" for the mean of all channels, or the number of one, counted from 0.
        time_range: start and end in seconds; None for all of it.

    Raises:
        UnreadableAudio: it cannot be opened, or no decoder makes sense of it.
        EmptyAudio: there is no sound in it, or no such channel.
        SettingsError: the rate or the range cannot be meant.

    Example:
        >>> import numpy as np
        >>> second = Waveform(np.zeros(22050, np.float32), 22050)
        >>> with open_recording(second, sample_rate=16000) as recording:
        ...     [len(block) for block in recording.blocks()]
        [16000]
    """
    wanted = Wanted(sample_rate, channel, time_range)
    if isinstance(source, Waveform):
        array = ArrayStream(source)
        return Recording(array, array, Header(), wanted)
    held = stored(source)
    stream: NativeStream | None = None
    try:
        header = read_header(held)
        stream = _open_stream(held, header)
        return Recording(held, stream, header, wanted)
    except BaseException:
        if stream is not None:
            stream.close()
        held.close()
        raise


def channel_count(source: AudioSource) -> int:
    """Say how many channels a recording has.

    Raises:
        UnreadableAudio: it cannot be opened, or no decoder makes sense of it.
        EmptyAudio: there is no sound in it.
    """
    with open_recording(source, sample_rate=16000) as recording:
        return recording.channels


def _open_stream(held: Stored, header: Header) -> NativeStream:
    # soundfile takes a name that ends in .raw for headerless samples, whatever is in it.
    is_raw = held.path is not None and held.path.suffix.lower() == ".raw"
    if header.is_for_libsndfile and not is_raw:
        # An unusual codec inside, or a twist: the decoder process may know it.
        with contextlib.suppress(soundfile.SoundFileError):
            stream = SoundfileStream(held, header)
            if stream.has_sound:
                return stream
            stream.close()
    return DecodedStream(held)


class SoundfileStream:
    """A recording that libsndfile reads, in this process.

    Raises:
        soundfile.SoundFileError: libsndfile does not know what it is.
    """

    def __init__(self, source: Stored, header: Header) -> None:
        self._bytes = source.open() if source.path is None else None
        self._file = soundfile.SoundFile(self._bytes or _file_name(source.path))
        # Else soundfile seeks after each read, and MP3 and Opus lose their thread at every block.
        self._file.seekable = lambda: False
        self.broke_off = False
        subtype = self._file.subtype
        self.format = Format(
            sample_rate=self._file.samplerate,
            channels=self._file.channels,
            codec="flac" if header.container == "flac" else _PCM.get(subtype, subtype.lower()),
            frames=header.frames,
            guess_s=self._file.frames / max(1, self._file.samplerate),
        )
        self._step = block_frames(self.format.sample_rate, self.format.channels)
        try:
            first = self._decoded(self._step)
        except soundfile.SoundFileError:
            self.close()
            raise
        self.has_sound = len(first) > 0
        self._first: Samples | None = first

    def blocks(self, start: int, stop: int | None) -> Iterator[Samples]:
        """Read the frames from ``start`` up to ``stop``; damage ends the recording."""
        at = self._skip_to(start)
        while stop is None or at < stop:
            block = self._next()
            if not len(block):
                return
            first, at = at, at + len(block)
            until = len(block) if stop is None else min(len(block), stop - first)
            if first + until > start:
                yield block[max(0, start - first) : until]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        if self._bytes is not None:
            self._bytes.close()

    def _skip_to(self, start: int) -> int:
        """Go to a frame where that is exact; elsewhere all is decoded and dropped."""
        if start == 0 or self._file.format not in _SEEKS_EXACTLY:
            return 0
        self._first = None
        try:
            return int(self._file.seek(min(start, self._file.frames)))
        except soundfile.SoundFileError:  # damage in between
            self.broke_off = True
            self._first = _NOTHING
            return start

    def _next(self) -> Samples:
        block, self._first = self._first, None
        if block is not None:
            return block
        try:
            return self._decoded(self._step)
        except soundfile.SoundFileError:
            self.broke_off = True
            return _NOTHING

    def _decoded(self, frames: int) -> Samples:
        block: Samples = self._file.read(frames, dtype="float32", always_2d=True)
        return block


def _file_name(path: Path | None) -> str | bytes:
    """Give soundfile the name as the system has it, which need not be UTF-8."""
    return str(path) if sys.platform == "win32" else os.fsencode(path or "")
