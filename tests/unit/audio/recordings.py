"""Sounds that are known to the last sample, and files that hold them."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

from earwitness.audio.read import open_recording
from earwitness.audio.recording import Recording
from earwitness.records import QualityNotes, SourceFacts


def tone(hz=440.0, *, seconds=1.0, rate=16000, level=0.5):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype("f4")


def babble(seconds=1.0, *, rate=16000, seed=0, top_hz=3000.0):
    """Give noise in the band of speech that swells and fades: it lines up with nothing else."""
    count = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / rate)
    spectrum[(hz < 200) | (hz > top_hz)] = 0
    noise = np.fft.irfft(spectrum, count)
    swell = 1 + 0.8 * np.sin(2 * np.pi * 3.7 * np.arange(count) / rate)
    return (0.5 * noise * swell / np.abs(noise * swell).max()).astype(np.float32)


def wav_bytes(samples, rate=16000, subtype="PCM_16", container="WAV"):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, subtype, format=container)
    return file.getvalue()


def encode(path: Path, samples, rate, *, codec, container, bit_rate=0, options=None) -> Path:
    """Write a file of sound with PyAV; samples of shape (samples,) or (samples, channels)."""
    with av.open(path, "w", format=container, options=options or {}) as file:
        stream = _add_sound(file, codec, rate, samples)
        if bit_rate:
            stream.bit_rate = bit_rate
        _say(file, stream, samples, rate, first=0)
    return path


def encode_film(path: Path, samples, rate, *, codec, container, late_s=0.0) -> Path:
    """Write a film; its sound starts ``late_s`` after its picture. No codec, no sound."""
    with av.open(path, "w", format=container) as file:
        picture = file.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = _add_sound(file, codec, rate, samples) if codec else None
        _show(file, picture, seconds=len(samples) / rate + late_s)
        if sound is not None:
            _say(file, sound, samples, rate, first=round(late_s * rate))
    return path


def _add_sound(file, codec, rate, samples):
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[channels]
    return file.add_stream(codec, rate=rate, layout=layout)


def _show(file, stream, *, seconds):
    for number in range(max(1, round(25 * seconds))):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number % 255, np.uint8), "rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        file.mux(stream.encode(frame))
    file.mux(stream.encode(None))


def _say(file, stream, samples, rate, *, first):
    if not stream.codec_context.is_open:
        stream.codec_context.open()
    interleaved = np.ascontiguousarray(samples.reshape(1, -1), np.float32)
    frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=stream.layout.name)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), first
    form = (stream.codec_context.format, stream.layout, rate, stream.frame_size)
    resampler = av.AudioResampler(*form)
    for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
        file.mux(stream.encode(piece))


class Heard:
    """All that came out of a recording."""

    def __init__(self, recording: Recording):
        self.blocks: Sequence[np.ndarray] = list(recording.blocks())
        self.samples = np.concatenate(self.blocks)
        self.facts: SourceFacts = recording.facts()
        self.notes: QualityNotes = recording.notes()
        self.channels = recording.channels
        self.expected_s = recording.expected_s


def hear(source, rate=16000, **wanted) -> Heard:
    with open_recording(source, sample_rate=rate, **wanted) as recording:
        return Heard(recording)


def lag(heard, original) -> int:
    """Say by how many samples ``heard`` comes later than ``original``."""
    size = len(heard) + len(original)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(original, size))
    peak = int(np.argmax(np.fft.irfft(spectrum, size)))
    return peak if peak < size / 2 else peak - size


def likeness(heard, original) -> float:
    count = min(len(heard), len(original))
    return float(np.corrcoef(heard[:count], original[:count])[0, 1])


def loudest_hz(samples, rate) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))
