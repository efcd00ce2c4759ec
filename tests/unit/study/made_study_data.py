"""A tiny for-2seconds, a tiny custom set, and a tiny detector, made in a test's folder.

Real clips are two seconds of the longest example, and no two of them overlap: a study keeps sources
together that show the same recording. Of fake ones every fourth sample is held on the
target; on the custom set there is nothing above 2 kHz.
"""

from pathlib import Path

import numpy as np
import soundfile

from earwitness.audio.read import open_recording

RATE = 16_000
SPEECH = "long_bonafide_it_with_one_spliced_sentence.ogg"
PARTS = {"training": 8, "validation": 4, "testing": 6}
SOURCES, EACH = 12, 2
HOP_S = 2.5


def make(root: Path, examples: Path) -> None:
    """Write ``for-2seconds`` and ``custom``."""
    speech = _read(examples / SPEECH)
    number = 0
    for part, each in PARTS.items():
        for clip in range(each):
            number += 1
            real = _cut(speech, number)
            _write(root / "for-2seconds" / part / "real" / f"file{clip}.wav", real)
            _write(root / "for-2seconds" / part / "fake" / f"file{clip}.wav", _held(real))
    for source in range(SOURCES):
        for clip in range(EACH):
            number += 1
            real = _cut(speech, number)
            _write(root / "custom" / "Real" / f"source{source}" / f"{clip}.flac", real)
            _write(root / "custom" / "Fake" / f"source{source}" / f"{clip}.flac", _dull(real))


def make_detector(path: Path) -> None:
    """Write the weights of a small network of our own kind, as they are drawn."""
    import torch

    from earwitness.models import checkpoints
    from earwitness.models.branches import Branches, BranchSettings

    ends = {"hidden": 4, "heads": 1}
    front = {"layers": 1, "positions": 200, "width": 64}
    torch.manual_seed(1)
    network = Branches(
        (
            BranchSettings("whisper", "moments", front, {"layers": 2, "width": 64, **ends}),
            BranchSettings("spectrum", "statistics", {"hop": 160}, ends),
        )
    )
    checkpoints.save(network.state_dict(), path)


def _read(path: Path) -> np.ndarray:
    with open_recording(path, sample_rate=RATE) as recording:
        return np.concatenate(list(recording.blocks()))


def _cut(speech: np.ndarray, number: int) -> np.ndarray:
    first = round(number * HOP_S * RATE)
    return speech[first : first + 2 * RATE]


def _held(sound: np.ndarray) -> np.ndarray:
    return np.repeat(sound[::4], 4)


def _dull(sound: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) > 2000] = 0
    return np.fft.irfft(spectrum, len(sound))


def _write(path: Path, sound: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE)
