"""Proof that an ONNX file says what the torch network says, alone and in a batch.

Where a file rounds its weights, "the same" is measured against how far clips are apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from earwitness.audio.read import open_recording
from earwitness.audio.suffixes import audio_files
from earwitness.errors import ModelError, SettingsError
from earwitness.records import Samples
from earwitness.runtimes import Runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.runtimes.torch_runtime import TorchRuntime

TOLERANCE = 1e-4
BATCH = 4
MADE = 5


@dataclass(frozen=True)
class OfSpread:
    """A tolerance as a share of the standard deviation of the scores over clips.

    For files that round weights: how large a raw score is differs from network to network, and what
    rounding may cost is measured against what tells clips apart. Errors of q standard deviations,
    drawn at random, lower the distance of two classes by the factor 1 / √(1 + q²): q = 0.1 by
    0.5 %, q = 0.5 by 11 %. The tolerance is for the largest error; the usual one is a third of it.

    Where clips are hardly apart, as with random weights, nothing is asked below ``at_least``. Graph
    back ends keep the best of their nodes, and where those are all but equal the slightest rounding
    decides: scores jump, by more than such clips are apart. The output of a network that was
    trained with cross-entropy is in nats, of which 0.02 is half a per cent of probability.
    """

    share: float
    at_least: float = 0.02

    def allowed(self, scores: NDArray[np.float32]) -> float:
        """Give the tolerance in raw score for clips of these scores."""
        return max(self.at_least, self.share * float(scores.std()))


@dataclass(frozen=True)
class Clip:
    """One window of sound to compare on."""

    name: str
    samples: Samples


@dataclass(frozen=True)
class ClipParity:
    """The raw scores of one clip, alone, by both engines."""

    clip: str
    torch: float
    onnx: float


@dataclass(frozen=True)
class Parity:
    """How far the scores of two engines, and of two ways to batch, are apart at most.

    Attributes:
        tolerance: what was allowed, in raw score.
        spread: standard deviation of the scores by torch over the clips.
        batch: rows of a batch.
        engines_apart: ONNX Runtime against torch, one clip at a time.
        onnx_batch_apart, torch_batch_apart: in a batch against alone, by the same engine.
        clips: the scores.
    """

    tolerance: float
    spread: float
    batch: int
    engines_apart: float
    onnx_batch_apart: float
    torch_batch_apart: float
    clips: tuple[ClipParity, ...]

    @property
    def holds(self) -> bool:
        """Say whether all three are within the tolerance; NaN is not."""
        apart = [self.engines_apart, self.onnx_batch_apart, self.torch_batch_apart]
        return all(value <= self.tolerance for value in apart)

    def text(self) -> str:
        """Write the report as JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"


def check_parity(
    network: nn.Module,
    onnx_file: Path,
    clips: Sequence[Clip],
    *,
    tolerance: float | OfSpread = TOLERANCE,
) -> Parity:
    """Score the clips with torch and with ONNX Runtime, one by one and in batches.

    Raises:
        ModelError: the scores are further apart than ``tolerance``.
    """
    rows = np.stack([clip.samples for clip in clips])
    torch_alone, torch_batch = _both_ways(TorchRuntime(network), rows)
    onnx_alone, onnx_batch = _both_ways(OnnxRuntime(onnx_file), rows)
    if isinstance(tolerance, OfSpread):
        tolerance = tolerance.allowed(torch_alone)
    parity = Parity(
        tolerance=tolerance,
        spread=float(torch_alone.std()),
        batch=BATCH,
        engines_apart=_apart(onnx_alone, torch_alone),
        onnx_batch_apart=_apart(onnx_batch, onnx_alone),
        torch_batch_apart=_apart(torch_batch, torch_alone),
        clips=tuple(
            ClipParity(clip.name, float(one), float(other))
            for clip, one, other in zip(clips, torch_alone, onnx_alone, strict=True)
        ),
    )
    if not parity.holds:
        raise ModelError(
            f"{onnx_file.name}: on {len(clips)} clips ONNX Runtime and torch are up to "
            f"{parity.engines_apart:.2g} apart, batches {parity.onnx_batch_apart:.2g} and "
            f"{parity.torch_batch_apart:.2g}; at most {tolerance:.2g} is allowed. Nothing was kept."
        )
    return parity


def read_clips(paths: Sequence[Path], *, window: int, sample_rate: int) -> list[Clip]:
    """Read the first window of each recording, tiled where it is shorter.

    Args:
        paths: of recordings, or of folders that have some in them.
        window: in samples.
        sample_rate: in Hz.

    Raises:
        AudioError: one cannot be read, or has no sound.
        SettingsError: a folder has none in it.
    """
    return [
        Clip(path.name, _first_window(path, window, sample_rate))
        for named in paths
        for path in (_recordings(named) if named.is_dir() else [named])
    ]


def _recordings(folder: Path) -> list[Path]:
    found = [Path(name) for name in audio_files(str(folder), onerror=_cannot_be_searched)]
    if not found:
        raise SettingsError(f"{folder}: has no recordings in it.")
    return found


def _cannot_be_searched(error: OSError) -> None:
    raise SettingsError(f"{error.filename}: cannot be searched ({error.strerror}).") from error


def made_clips(*, window: int, sample_rate: int, count: int = MADE) -> list[Clip]:
    """Make clips where there are none: noise and voiced sound that swell like syllables."""
    rng = np.random.default_rng(20_261)
    times = np.arange(window) / sample_rate
    clips = []
    for number in range(count):
        noise = np.cumsum(rng.normal(size=window)) if number % 2 else rng.normal(size=window)
        pitch = rng.uniform(90, 250) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.3, 1) * times))
        phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
        voice = sum(np.sin(k * phase) / k for k in range(1, 20))
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * rng.uniform(2, 5) * times + rng.uniform(0, 6))
        sound = swell * voice + rng.uniform(0.05, 0.5) * noise / np.abs(noise).max()
        sound = rng.uniform(0.05, 0.9) * sound / np.abs(sound).max()
        clips.append(Clip(f"made {number + 1}", sound.astype(np.float32)))
    return clips


def _first_window(path: Path, window: int, sample_rate: int) -> Samples:
    heard, blocks = 0, []
    with open_recording(path, sample_rate=sample_rate) as recording:
        for block in recording.blocks():
            blocks.append(block)
            heard += len(block)
            if heard >= window:
                break
    return np.resize(np.concatenate(blocks)[:window], window)


def _both_ways(
    runtime: Runtime, rows: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    alone = np.concatenate([runtime.scores(row[None]) for row in rows])
    starts = range(0, len(rows), BATCH)
    batch = np.concatenate([runtime.scores(rows[i : i + BATCH]) for i in starts])
    return alone, batch


def _apart(scores: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    return float(np.abs(scores - others).max())
