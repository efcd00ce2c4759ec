"""Parts are looked through: labels, limits, halves by source, and recordings in two of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from earwitness.errors import ProtocolError, SettingsError
from earwitness.records import Label, Trial
from earwitness.training.fitting_inputs import halved, limited, refuse_lacking, refuse_overlap


def trial(name: str, label: Label, path: Path | None = None, **meta: str) -> Trial:
    return Trial(name, path or Path(name), label, "train", meta)


def some(bona_fide: int, spoof: int) -> list[Trial]:
    labels = [Label.BONA_FIDE] * bona_fide + [Label.SPOOF] * spoof
    return [trial(f"{n}", label) for n, label in enumerate(labels)]


def test_a_limit_takes_half_of_each_label_in_their_order() -> None:
    chosen = limited(some(20, 60), 10, seed=1)
    assert sum(one.label is Label.SPOOF for one in chosen) == 5
    assert [int(one.id) for one in chosen] == sorted(int(one.id) for one in chosen)


def test_a_limit_is_filled_up_where_a_label_has_few() -> None:
    chosen = limited(some(2, 60), 10, seed=1)
    assert len(chosen) == 10
    assert sum(one.label is Label.BONA_FIDE for one in chosen) == 2


def test_a_limit_above_all_takes_all() -> None:
    assert limited(some(2, 3), 99, seed=1) == limited(some(2, 3), None, seed=1) == some(2, 3)


def test_a_limit_of_one_is_refused() -> None:
    with pytest.raises(SettingsError, match="limit must be at least 2, but got 1"):
        limited(some(2, 3), 1, seed=1)


def of_sources(count: int) -> list[Trial]:
    """Make sources of one, two or three clips, so many of each label."""
    return [
        trial(f"{label}/{source}/{n}", label, source=f"{label}{source}")
        for label in Label for source in range(count) for n in range(1 + source % 3)
    ]  # fmt: skip


def test_halves_are_alike_and_share_no_source() -> None:
    trials = of_sources(8)
    one, other = halved(trials, seed=0)
    assert sorted(t.id for t in (*one, *other)) == sorted(t.id for t in trials)
    assert not {t.meta["source"] for t in one} & {t.meta["source"] for t in other}
    ours, theirs = (Counter(t.label for t in half) for half in (one, other))
    assert max(abs(ours[label] - theirs[label]) for label in Label) <= 3
    assert min(*ours.values(), *theirs.values()) > 0
    assert len(ours) == len(theirs) == len(Label)


def test_clips_without_a_source_are_halved_one_by_one() -> None:
    one, other = halved(some(6, 6), seed=0)
    assert len(one) == len(other) == 6


def test_a_part_of_one_label_is_refused() -> None:
    with pytest.raises(ProtocolError, match="keep part has 3 bona fide and 0 spoof clips"):
        refuse_lacking({"train": some(1, 1), "keep": some(3, 0)})


def test_the_same_bytes_in_two_parts_are_refused_and_counted(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.wav", "b.wav", "c.wav", "copy.wav")]
    for path, content in zip(paths, (b"one", b"two", b"three", b"one"), strict=True):
        path.write_bytes(content)
    a, b, c, copy = (trial(path.name, Label.SPOOF, path) for path in paths)
    refuse_overlap({"train": [a, b], "dev": [c]})
    with pytest.raises(ProtocolError, match=r"1 recordings are in the train part and in the dev"):
        refuse_overlap({"train": [a, b], "dev": [c, copy]})


def test_recordings_that_cannot_be_read_are_known_by_their_place() -> None:
    gone = trial("gone.wav", Label.SPOOF, Path("nowhere/gone.wav"))
    with pytest.raises(ProtocolError, match=r"in the dev part: gone\.wav"):
        refuse_overlap({"train": [gone], "dev": [gone]})
