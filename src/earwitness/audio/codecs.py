"""PyAV's only door: decoding (in the child process) and encoding (for augmentation).

``Decoding`` runs in ``_decoder_process``; nobody else opens a foreign container. ``transcode``
sends a sound of our own through a lossy codec and back, in this process.

``av`` is imported when something is decoded or encoded, not with this module; so is numpy, which
the child process does without.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from earwitness.audio.formats import Format, block_frames
from earwitness.audio.headers.foreign import format_of
from earwitness.errors import SettingsError

if TYPE_CHECKING:
    import av

    from earwitness.records import Samples

# Playlists and scripts (concat, hls, dash) name other files and hosts: they are not in here, and
# neither are headerless formats, which would make speech out of any text file.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,eac3,flac,flv,loas,matroska,webm,mov,mp4,mp3,mpc,mpc8,"
    "mpeg,mpegts,nistsphere,ogg,rm,sf,tak,tta,voc,w64,wav,wv,xwma"
)
_NO_LOOKING_AHEAD = {"probesize": "4096", "analyzeduration": "1000"}
_HEARTBEAT_S = 2.0
_LEAST_LEAD_S, _MOST_LEAD_S = 0.02, 3600.0


class Decoding:
    """One container that is being decoded, at its native rate and with all its channels.

    Args:
        source: a path with the prefix ``file:``, or the bytes as a file object.
        is_live: it is still being made, so look no further ahead than needed.

    Raises:
        av.FFmpegError: the bytes are no container, or one that is damaged beyond reading.
        LookupError: there is no audio in it.
    """

    def __init__(self, source: str | BinaryIO, *, is_live: bool = False) -> None:
        import av

        av.logging.set_level(None)
        limits = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
        if is_live:
            limits |= _NO_LOOKING_AHEAD
        self._container: Any = av.open(source, mode="r", options=limits)
        if not self._container.streams.audio:
            raise LookupError("no audio stream")
        self._stream: Any = self._container.streams.best("audio")
        self.broke_off = False
        self._frames = self._decoded()
        self._first: Any = next(self._frames, None)
        if self._first is None:
            raise LookupError("no audio sample")
        self.format: Format = format_of(self._container, self._stream, self._first)
        self._width = 4 * self.format.channels

    def blocks(
        self, start: int, stop: int | None, *, at_once: int | None = None
    ) -> Iterator[bytes]:
        """Give interleaved float32 of the frames from ``start`` up to ``stop``.

        A block has ``at_once`` frames; ten seconds if that is None. An empty piece now and then
        says that the decoder is alive, while frames are skipped.
        """
        at_once = at_once or block_frames(self.format.sample_rate, self.format.channels)
        full = at_once * self._width
        held, at, last_sign = bytearray(), 0, time.monotonic()
        for piece in chain(self._lead(), self._without_padding(self._pieces())):
            until = len(piece) if stop is None else max(0, stop * self._width - at)
            held += piece[max(0, start * self._width - at) : until]
            at += len(piece)
            while len(held) >= full:
                yield bytes(held[:full])
                del held[:full]
                last_sign = time.monotonic()
            if time.monotonic() - last_sign > _HEARTBEAT_S:
                yield b""
                last_sign = time.monotonic()
            if len(piece) > until:
                break
        if held:
            yield bytes(held)

    def close(self) -> None:
        """Close the container."""
        self._container.close()

    def _decoded(self) -> Iterator[av.AudioFrame]:
        """Decode frame by frame, stepping over damaged packets."""
        import av

        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.EOFError):
                return
            except av.FFmpegError:
                self.broke_off = True
                return
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.FFmpegError:
                self.broke_off = True  # unless something sound follows
                continue
            if frames:
                self.broke_off = False
                yield from frames

    def _pieces(self) -> Iterator[bytes]:
        """Turn frames into interleaved float32 of the first one's rate and layout."""
        import av

        first, form, resampler = self._first, None, None
        for frame in chain([first], self._frames):
            its_form = (frame.format.name, frame.layout.name, frame.sample_rate)
            if resampler is None or its_form != form:
                if resampler is not None:
                    yield from map(_interleaved, resampler.resample(None))
                form = its_form
                resampler = av.AudioResampler("flt", first.layout, first.sample_rate)
            frame.pts = None
            yield from map(_interleaved, resampler.resample(frame))
        if resampler is not None:
            yield from map(_interleaved, resampler.resample(None))

    def _lead(self) -> Iterator[bytes]:
        """Fill up with silence where the sound starts later than the picture."""
        if not self._container.streams.video or not self._first.time:
            return
        late_s = self._first.time - (self._container.start_time or 0) / 1e6
        if _LEAST_LEAD_S < late_s < _MOST_LEAD_S:
            second = self.format.sample_rate
            frames = round(late_s * second)
            for at in range(0, frames, second):
                yield bytes(self._width * min(second, frames - at))

    def _without_padding(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Cut off the encoder's padding; libav cuts the priming in front by itself.

        What goes beyond the edit list by two codec frames or less is padding. What goes further is
        sound, and the header is wrong.
        """
        promised = self.format.frames
        if promised is None or not self._container.format.name.startswith("mov"):
            yield from pieces
            return
        left = promised * self._width
        most = 2 * max(1024, self._first.samples) * self._width
        beyond, is_sound = bytearray(), False
        for piece in pieces:
            yield piece[: max(0, left)]
            beyond += piece[max(0, left) :]
            left -= len(piece)
            is_sound = is_sound or len(beyond) > most
            if is_sound:
                yield bytes(beyond)
                beyond.clear()


@dataclass(frozen=True)
class Codec:
    """How a codec is reached, and what it allows.

    Attributes:
        encoder: libav's name of the encoder; empty for those that soundfile writes.
        container: libav's name of the container, or soundfile's, with the subtype behind a slash.
        rates: sample rates that it takes, ascending.
        bit_rate: in bit/s, where none is asked for; 0 where there is no choice.
        bit_rates: the only ones that there are; empty if any will do.
        delay: samples that come out too late, at the codec's rate, and that no container cuts.
        options: of the encoder; these make it two to three times as fast, for a training sends
            thousands of sounds through it.
    """

    encoder: str
    container: str
    rates: tuple[int, ...]
    bit_rate: int = 0
    bit_rates: tuple[int, ...] = ()
    delay: int = 0
    options: Mapping[str, str] = field(default_factory=dict)


_MPEG_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_AMR_RATES = (4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200)
CODECS = {
    "mp3": Codec("libmp3lame", "mp3", _MPEG_RATES, 48_000, options={"compression_level": "7"}),
    "aac": Codec("aac", "mp4", _MPEG_RATES, 48_000, options={"aac_coder": "fast"}),
    "opus": Codec("libopus", "ogg", _OPUS_RATES, 24_000, options={"compression_level": "4"}),
    "vorbis": Codec("", "OGG/VORBIS", _MPEG_RATES, 48_000),
    "amr_nb": Codec("libopencore_amrnb", "amr", (8000,), 12_200, _AMR_RATES, delay=40),
    "g711a": Codec("", "WAV/ALAW", (8000,)),
    "g711u": Codec("", "WAV/ULAW", (8000,)),
    "g722": Codec("g722", "wav", (16000,), delay=22),
    "gsm": Codec("", "WAV/GSM610", (8000,)),
}


def codecs_available() -> list[str]:
    """Name the codecs that ``transcode`` can use on this machine."""
    return [name for name, codec in CODECS.items() if _is_available(codec)]


def transcode(
    samples: Samples, sample_rate: int, codec: str, bit_rate: int | None = None
) -> Samples:
    """Send a sound through a lossy codec and back.

    Args:
        samples: shape (samples,).
        sample_rate: in Hz; the sound is resampled to the nearest rate the codec knows, and back.
        codec: one of ``codecs_available()``.
        bit_rate: in bit/s; the nearest one that the codec knows is taken. None for a usual one.

    Returns:
        Shape (samples,): as long as what came in, and lined up with it.

    Raises:
        SettingsError: there is no such codec here.
    """
    import numpy as np

    from earwitness.audio.resample import resample

    chosen = _chosen(codec)
    if len(samples) == 0:
        return samples.copy()
    rate = next((r for r in chosen.rates if r >= sample_rate), chosen.rates[-1])
    sound = np.clip(resample(samples, sample_rate, rate), -1, 1)
    bits = min(chosen.bit_rates or (bit_rate or chosen.bit_rate,), key=lambda known: abs(
        known - (bit_rate or chosen.bit_rate)))  # fmt: skip
    through = _through_av if chosen.encoder else _through_soundfile
    # A little silence behind it, so that a codec with a delay gives out the end, too.
    heard = through(np.pad(sound, (0, chosen.delay + rate // 25)), rate, chosen, bits)
    back = resample(heard[chosen.delay : chosen.delay + len(sound)], rate, sample_rate)
    return np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]


def as_flac(samples: Samples, sample_rate: int) -> bytes:
    """Write a sound as a FLAC file of 16 bits, as small as it gets without loss.

    Args:
        samples: shape (samples,); what is beyond full scale is clipped.
        sample_rate: in Hz.
    """
    import numpy as np
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), sample_rate, "PCM_16", format="FLAC")
    return file.getvalue()


def _chosen(name: str) -> Codec:
    if name not in CODECS:
        raise SettingsError(f"There is no codec called '{name}'. There are: {', '.join(CODECS)}.")
    if not _is_available(CODECS[name]):
        here = ", ".join(codecs_available())
        raise SettingsError(f"The codec '{name}' is not in this build of PyAV. There are: {here}.")
    return CODECS[name]


def _is_available(codec: Codec) -> bool:
    if not codec.encoder:
        import soundfile

        return bool(soundfile.check_format(*codec.container.split("/")))
    import av

    try:
        av.codec.Codec(codec.encoder, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def _through_av(sound: Samples, rate: int, codec: Codec, bit_rate: int) -> Samples:
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, mode="w", format=codec.container) as container:
        options = dict(codec.options)
        stream: Any = container.add_stream(codec.encoder, rate=rate, layout="mono", options=options)
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        stream.codec_context.open()
        to_form = av.AudioResampler(stream.codec_context.format, "mono", rate, stream.frame_size)
        for piece in chain(to_form.resample(frame), to_form.resample(None), [None]):
            container.mux(stream.encode(piece))
    file.seek(0)
    decoding = Decoding(file)
    heard = np.frombuffer(b"".join(decoding.blocks(0, None)), np.float32)
    heard = heard.reshape(-1, decoding.format.channels)[:, 0]
    decoding.close()
    return _at_rate(heard, decoding.format.sample_rate, rate)


def _through_soundfile(sound: Samples, rate: int, codec: Codec, bit_rate: int) -> Samples:
    import numpy as np
    import soundfile

    container, subtype = codec.container.split("/")
    # Vorbis has a quality, not a bit rate: from 16 to 160 kbit/s for one channel of speech.
    level = float(np.clip(1 - (bit_rate - 16_000) / 144_000, 0, 1)) if bit_rate else None
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", rate, 1, subtype, format=container, compression_level=level
    ) as writer:
        for at in range(0, len(sound), rate):
            writer.write(sound[at : at + rate])
    file.seek(0)
    heard, its_rate = soundfile.read(file, dtype="float32")
    return _at_rate(heard, its_rate, rate)


def _at_rate(heard: Samples, its_rate: int, rate: int) -> Samples:
    from earwitness.audio.resample import resample

    return resample(heard, its_rate, rate)


def _interleaved(frame: av.AudioFrame) -> bytes:
    size = frame.samples * frame.layout.nb_channels * 4
    return bytes(memoryview(frame.planes[0])[:size])
