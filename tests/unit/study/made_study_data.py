"""A tiny for-2seconds, a tiny custom set, and a tiny detector, made in a test's folder.

Bona fide voices buzz, spoofs hiss; on the target the buzz is higher than on the custom set.
"""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
PARTS = {"training": 8, "validation": 4, "testing": 6}
SOURCES, EACH = 12, 2


def make(root: Path) -> tuple[Path, Path]:
    """Write both data sets; gives their folders."""
    target, custom = root / "for-2seconds", root / "custom"
    seed = 0
    for part, each in PARTS.items():
        for label in ("real", "fake"):
            for number in range(each):
                seed += 1
                _write(target / part / label / f"file{number}.wav", 180, label == "real", seed)
    for source in range(SOURCES):
        for label in ("Real", "Fake"):
            for number in range(EACH):
                seed += 1
                path = custom / label / f"source{source}" / f"{number}.flac"
                _write(path, 90 + source, label == "Real", seed)
    return target, custom


def make_detector(path: Path) -> Path:
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
    return path


def _write(path: Path, hertz: float, is_real: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = np.arange(2 * RATE) / RATE
    swell = np.interp(at, np.linspace(0, 2, 17), rng.uniform(0.2, 1.0, 17))
    sound = rng.standard_normal(len(at)) * 0.05
    for harmonic in range(1, 12 if is_real else 5):
        sound += np.sin(2 * np.pi * hertz * harmonic * at + rng.uniform(0, 6)) / harmonic
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.2 * sound * swell, RATE)
