"""Music behind a voice: made up from a seed, or from a folder of recordings.

What is made up has what a detector can trip over in music: tones of a tempered scale that go on,
chords that change with the bar, a bass, and drums on the beat. It needs no recordings, so recipes
work everywhere; a folder of real music is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from earwitness.augmentation import AUGMENTATIONS, Effect
from earwitness.augmentation._chance import Range, check_range, seed, uniform
from earwitness.augmentation._recordings import Piece, draw_piece, heard, recordings_in
from earwitness.augmentation._spectra import at_level, rms
from earwitness.records import Samples

_A4_HZ, _A4 = 440.0, 69  # the number that MIDI gives it
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
_BEATS_A_BAR = 4
_HARMONICS = 6
_CYCLE = 4096


@dataclass(frozen=True)
class MusicSettings:
    """How loud, and whose.

    Attributes:
        snr_db: level of the sound over that of the music.
        tempo: range of beats a minute of what is made up.
        folder: of recordings to take instead; empty to make music up.
    """

    snr_db: Range = (5.0, 30.0)
    tempo: Range = (70.0, 150.0)
    folder: str = ""

    def __post_init__(self) -> None:
        check_range("snr_db", self.snr_db)
        check_range("tempo", self.tempo, least=20, most=400)


@dataclass(frozen=True)
class MusicDraw:
    """One piece; ``recorded`` takes the place of what is made up where there is one."""

    snr_db: float
    tempo: float
    seed: int
    recorded: Piece | None = None


def draw(
    rng: np.random.Generator, settings: MusicSettings, paths: tuple[str, ...] = ()
) -> MusicDraw:
    """Draw a level and a piece; of the recordings at ``paths`` where there are any."""
    snr_db, tempo = uniform(rng, settings.snr_db), uniform(rng, settings.tempo)
    return MusicDraw(snr_db, tempo, seed(rng), draw_piece(rng, paths) if paths else None)


def apply(samples: Samples, parameters: MusicDraw, sample_rate: int) -> Samples:
    """Add the music; silence gets none."""
    if parameters.recorded is None:
        music = composed(parameters, len(samples), sample_rate)
    else:
        music = heard(parameters.recorded, len(samples), sample_rate)
    return samples + at_level(music, rms(samples) * 10 ** (-parameters.snr_db / 20))


@AUGMENTATIONS.add
def build(settings: MusicSettings) -> Effect[MusicDraw]:
    """Build the effect."""
    paths = recordings_in(settings.folder) if settings.folder else ()
    return Effect(partial(draw, settings=settings, paths=paths), apply)


def composed(piece: MusicDraw, samples: int, sample_rate: int) -> Samples:
    """Make up music, from somewhere within a bar on: shape (samples,)."""
    rng = np.random.Generator(np.random.PCG64(piece.seed))
    beat = max(1, round(60 / piece.tempo * sample_rate))
    band = _Band(rng, beat, sample_rate)
    start = int(rng.integers(_BEATS_A_BAR * beat))
    beats = -(-(start + samples) // beat)
    sound = np.zeros((beats + _BEATS_A_BAR) * beat, np.float32)
    for number in range(beats):
        for at, note in band.beat(number):
            sound[at : at + len(note)] += note[: len(sound) - at]
    return sound[start : start + samples]


class _Band:
    """Plays beat by beat: chords, a bass, a melody and drums.

    Args:
        rng: composes.
        beat: samples of a beat.
        sample_rate: in Hz.
    """

    def __init__(self, rng: np.random.Generator, beat: int, sample_rate: int) -> None:
        self._rng, self._beat, self._rate = rng, beat, sample_rate
        self._scale = _SCALES[int(rng.integers(len(_SCALES)))]
        self._root = int(rng.integers(48, 60))
        self._degrees = rng.integers(7, size=4)
        slope = rng.uniform(0.8, 2.0)
        angles = 2 * np.pi * np.arange(_CYCLE) / _CYCLE
        numbers = np.arange(1, _HARMONICS + 1)[:, None]
        self._cycle = (np.sin(numbers * angles) / numbers**slope).sum(axis=0).astype(np.float32)

    def beat(self, number: int) -> list[tuple[int, Samples]]:
        """Play one beat: where each note begins, in samples, and its sound."""
        start, beat, rng = number * self._beat, self._beat, self._rng
        degree = int(self._degrees[number // _BEATS_A_BAR % 4])
        notes = [
            (start, 0.8 * self._tone(self._pitch(degree) - 12, beat)),
            (start, 0.5 * self._hit(beat // 4, fall=6.0)),
            (start + beat // 2, 0.15 * self._hit(beat // 8, fall=4.0)),
        ]
        if number % 2 == 0:
            chord = (self._tone(self._pitch(degree + third), 2 * beat) for third in (0, 2, 4))
            notes += [(start, 0.4 * tone) for tone in chord]
        for half in (0, beat // 2):
            if rng.random() < 0.6:
                pitch = self._pitch(int(rng.integers(7))) + 12
                notes.append((start + half, 0.4 * self._tone(pitch, beat)))
        return notes

    def _pitch(self, degree: int) -> int:
        return self._root + self._scale[degree % 7] + 12 * (degree // 7)

    def _tone(self, pitch: int, samples: int) -> Samples:
        hz = _A4_HZ * 2 ** ((pitch - _A4) / 12)
        phases = np.arange(samples) * (hz / self._rate * _CYCLE)
        swell = np.minimum(1, np.arange(samples, dtype=np.float32) / (0.01 * self._rate))
        tone: Samples = self._cycle[phases.astype(np.intp) % _CYCLE]
        return np.asarray(tone * swell * self._falling(samples, 3.0), np.float32)

    def _hit(self, samples: int, *, fall: float) -> Samples:
        return self._rng.standard_normal(samples, np.float32) * self._falling(samples, fall)

    def _falling(self, samples: int, fall: float) -> Samples:
        at = np.arange(samples, dtype=np.float32)
        return np.asarray(np.exp(at * np.float32(-fall / max(1, samples))), np.float32)
