"""The custom set is divided by source, once, with at least half of it only reported."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from earwitness.errors import ProtocolError
from earwitness.records import Label, Trial
from earwitness.study import tables
from earwitness.study.places import Places
from earwitness.study.splitting import CHOOSE, EVAL, MIX, PARTS, split


def trials(sizes: list[tuple[int, int]], column: str = "source") -> list[Trial]:
    """Make as many bona fide and spoof clips of each source as are asked for."""
    found = []
    for source, (real, fake) in enumerate(sizes):
        for label, count in ((Label.BONA_FIDE, real), (Label.SPOOF, fake)):
            for number in range(count):
                name = f"{label.value}/s{source}/{number}.wav"
                found.append(Trial(name, Path(name), label, "eval", {column: f"s{source}"}))
    return found


sizes = some.lists(
    some.tuples(some.integers(0, 12), some.integers(0, 12)), min_size=12, max_size=40
)


@settings(max_examples=20)
@given(sizes=sizes)
def test_no_source_is_in_two_parts_and_half_of_each_label_is_only_reported(
    sizes: list[tuple[int, int]],
) -> None:
    clips = trials(sizes)
    try:
        found = split(clips, ("source",), seed=1)
    except ProtocolError:
        return  # what cannot be divided is refused, see below
    for one, other in ((EVAL, MIX), (EVAL, CHOOSE), (MIX, CHOOSE)):
        assert not found.sources(one) & found.sources(other)
    assert set(found.part_of) == {trial.id for trial in clips}
    whole = Counter(trial.label for trial in clips)
    held = Counter(trial.label for trial in found.of(clips, EVAL))
    for label in Label:
        assert 2 * held[label] >= whole[label]
    for part in PARTS:
        assert len({trial.label for trial in found.of(clips, part)}) == 2


def test_many_sources_of_a_size_are_divided_almost_evenly() -> None:
    clips = trials([(5, 5)] * 40)
    found = split(clips, ("source",), seed=1)
    assert 100 <= len(found.of(clips, EVAL)) // 2 <= 105
    assert len(found.of(clips, MIX)) == pytest.approx(100, abs=15)


def test_the_same_seed_divides_alike() -> None:
    clips = trials([(3, 4)] * 30)
    first, again = (split(clips, ("source",), seed=1) for _ in range(2))
    assert first == again
    assert first.part_of != split(clips, ("source",), seed=2).part_of


def test_sources_that_show_the_same_recording_stay_together() -> None:
    clips = trials([(3, 3)] * 30)
    apart = split(clips, ("source",), seed=1)
    one = next(t for t in clips if apart.part_of[t.id] == EVAL)
    other = next(t for t in clips if apart.part_of[t.id] == MIX)
    found = split(clips, ("source",), seed=1, pairs=[(clips.index(one), clips.index(other))])
    assert found.part_of[one.id] == found.part_of[other.id]
    assert found.source_of[one.id] != found.source_of[other.id]


def test_the_first_column_that_tells_sources_counts() -> None:
    found = split(trials([(3, 3)] * 20, "speaker"), ("page", "speaker"), seed=1)
    assert found.column == "speaker"


def test_without_a_column_every_clip_stands_alone() -> None:
    clips = trials([(20, 20)], "nothing")
    found = split(clips, ("source",), seed=1)
    assert found.column is None
    assert found.sources(*PARTS) == {trial.id for trial in clips}


def test_too_few_sources_are_refused() -> None:
    with pytest.raises(ProtocolError, match="2 sources, and they cannot be divided into three"):
        split(trials([(30, 30)] * 2), ("source",), seed=1)


def test_the_tables_are_lists_that_evaluate_reads(tmp_path: Path) -> None:
    from earwitness.evaluation.questions import questions

    clips = [replace(trial, path=tmp_path / "a.wav") for trial in trials([(3, 3)] * 20)]
    (tmp_path / "a.wav").touch()
    found = split(clips, ("source",), seed=1)
    tables.write(Places(tmp_path), clips, found)
    asked = questions(tmp_path / "custom-eval.tsv")
    assert [trial.id for trial in asked.trials] == [trial.id for trial in found.of(clips, EVAL)]
    assert {trial.meta["source"] for trial in asked.trials} == found.sources(EVAL)
    adapt = questions(tmp_path / "custom-adapt.tsv")
    assert len(adapt.trials) == len(found.of(clips, MIX, CHOOSE))
