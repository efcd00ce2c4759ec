"""Clips that hold one recording are found to be kin, and families are closed under kinship."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as some

from earwitness.corpus.kinship import families, kin_pairs
from earwitness.errors import AudioError
from earwitness.records import Label, Trial

RATE = 16_000
pairs = some.lists(some.tuples(some.integers(0, 19), some.integers(0, 19)), max_size=30)


def voice(seed: int, seconds: float = 3.0) -> np.ndarray:
    """Syllables of noise that is loudest below 2 kHz."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= 1 + np.square(np.fft.rfftfreq(count, 1 / RATE) / 1500)
    swell = np.interp(np.arange(count), np.linspace(0, count, 24), rng.uniform(0.05, 1, 24))
    sound = np.fft.irfft(spectrum, count) * swell
    return 0.1 * sound / np.std(sound)


def trial(path: Path, sound: np.ndarray, subtype: str | None = None) -> Trial:
    soundfile.write(path, sound, RATE, subtype)
    return Trial(path.name, path, Label.BONA_FIDE, "train", {})


@pytest.fixture
def clips(tmp_path: Path) -> list[Trial]:
    """Two voices; the first one a second time softer, and once more as G.711."""
    one, other = voice(1), voice(2)
    return [
        trial(tmp_path / "one.wav", one),
        trial(tmp_path / "other.wav", other),
        trial(tmp_path / "softer.flac", 0.5 * one),
        trial(tmp_path / "coded.wav", one, "ULAW"),
    ]


def test_copies_of_a_recording_are_kin_and_other_voices_are_not(clips: list[Trial]) -> None:
    heard: list[tuple[int, int]] = []
    found = kin_pairs(clips, on_clip=lambda done, all_: heard.append((done, all_)))
    assert families(len(clips), found) == [0, 1, 0, 0]
    assert heard[-1] == (4, 4)


def test_a_clip_that_cannot_be_read_is_an_error_or_nobodys_kin(
    clips: list[Trial], tmp_path: Path
) -> None:
    (tmp_path / "torn.wav").write_bytes(b"RIFF")
    torn = Trial("torn.wav", tmp_path / "torn.wav", Label.SPOOF, "train", {})
    with pytest.raises(AudioError, match="torn"):
        kin_pairs([torn, *clips])
    found = kin_pairs([torn, *clips], skips_unreadable=True)
    assert families(5, found) == [0, 1, 2, 1, 1]


@given(pairs=pairs)
def test_families_are_closed_and_numbered_by_their_first_member(
    pairs: list[tuple[int, int]],
) -> None:
    found = families(20, pairs)
    assert all(found[one] == found[other] for one, other in pairs)
    for member, family in enumerate(found):
        assert family <= member
        assert found[family] == family
        assert found.index(family) == family


@given(pairs=pairs)
def test_nobody_is_kin_without_a_chain_of_pairs(pairs: list[tuple[int, int]]) -> None:
    found = families(20, pairs)
    reached = {number: {number} for number in range(20)}
    for _ in range(20):
        for one, other in pairs:
            both = reached[one] | reached[other]
            for member in both:
                reached[member] = reached[member] | both
    assert all((found[a] == found[b]) is (b in reached[a]) for a in range(20) for b in range(20))
