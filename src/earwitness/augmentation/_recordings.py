"""Recordings of a folder that is given: music, noise or voices to lay behind a sound.

What is drawn of them is a file and a place in it, so that a draw can be played again as long as
the file is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earwitness.audio.read import open_recording
from earwitness.audio.suffixes import audio_files
from earwitness.augmentation._chance import choice
from earwitness.errors import SettingsError, UnreadableAudio
from earwitness.records import Samples


@dataclass(frozen=True)
class Piece:
    """Where to listen: a file, and a place in it as a share of its length."""

    path: str
    place: float


def recordings_in(folder: str) -> tuple[str, ...]:
    """List the recordings of a folder, to the bottom, in order.

    Raises:
        SettingsError: the folder cannot be searched, or holds no recording.
    """
    found = tuple(audio_files(folder, onerror=_refuse))
    if not found:
        raise SettingsError(f"folder ({folder!r}) holds no recordings.")
    return found


def draw_piece(rng: np.random.Generator, paths: tuple[str, ...]) -> Piece:
    """Draw a recording, each equally often, and a place in it."""
    return Piece(choice(rng, paths), float(rng.random()))


def heard(piece: Piece, samples: int, sample_rate: int) -> Samples:
    """Read as many samples from the place on; what is too short is repeated.

    Raises:
        UnreadableAudio: the file is not there any more, or cannot be decoded.
        EmptyAudio: there is no sound in it.
    """
    with open_recording(piece.path, sample_rate=sample_rate) as recording:
        whole_s = recording.expected_s or 0.0
    start_s = max(0.0, piece.place * (whole_s - samples / sample_rate))
    end_s = start_s + (samples + 1) / sample_rate
    with open_recording(
        piece.path, sample_rate=sample_rate, time_range=(start_s, end_s)
    ) as recording:
        sound = np.concatenate([np.empty(0, np.float32), *recording.blocks()])
    if not len(sound):
        raise UnreadableAudio(f"{piece.path}: gave no sound from {start_s:.2f} s on.")
    return np.resize(sound, samples)


def _refuse(problem: OSError) -> None:
    raise SettingsError(
        f"folder ({problem.filename!r}) cannot be searched ({problem.strerror})."
    ) from problem
