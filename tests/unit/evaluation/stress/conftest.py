"""Examples as trials, and the smallest detector: it takes loud for bona fide."""

from __future__ import annotations

from pathlib import Path

import pytest

from earwitness.detector import Detector, load
from earwitness.records import Label, Trial

NAMES = (
    "bonafide_pocketsphinx_librivox_1.flac",
    "bonafide_pocketsphinx_numbers.wav",
    "bonafide_asterisk_ru_1.ogg",
    "spoof_kokoro_if_sara.ogg",
    "spoof_flite_rms.flac",
)


@pytest.fixture(scope="session")
def tiny(root: Path) -> Detector:
    return load(root / "tests" / "data" / "tiny_detector")


@pytest.fixture
def few(examples: Path) -> list[Trial]:
    """Three bona fide and two spoof clips of five pages."""
    return [
        Trial(
            name,
            examples / name,
            Label.SPOOF if name.startswith("spoof") else Label.BONA_FIDE,
            "eval",
            {"page": name.rpartition("_")[0]},
        )
        for name in NAMES
    ]
