"""Which clips make which batch: all of them, balanced, the same for any number of processes."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import SettingsError
from earwitness.records import Label, Trial
from earwitness.training.plan import Pool, Step, epoch_steps
from earwitness.training.recipes import DataSettings


def trials(bona_fide: int, spoof: int, *, name: str = "t") -> list[Trial]:
    labels = [Label.BONA_FIDE] * bona_fide + [Label.SPOOF] * spoof
    return [Trial(f"{name}{n}", Path(f"{n}"), one, "train") for n, one in enumerate(labels)]


def clips(steps: list[Step]) -> list[list[int]]:
    return [[row.clip for row in step.rows] for step in steps]


def flat(table: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(table))


def test_an_epoch_is_one_pass_over_all_clips_in_a_new_order() -> None:
    pool = Pool(trials(12, 12))
    first, second = (
        clips(epoch_steps(pool, DataSettings(), rows=4, seed=1, epoch=epoch)) for epoch in (0, 1)
    )
    assert sorted(flat(first)) == sorted(flat(second)) == list(range(24))
    assert first != second != [list(range(i, i + 4)) for i in range(0, 24, 4)]


def test_without_shuffling_the_order_is_that_of_the_data_set() -> None:
    settings = DataSettings(shuffle=False, balance="none")
    steps = epoch_steps(Pool(trials(4, 4)), settings, rows=4, seed=1, epoch=3)
    assert clips(steps) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_both_labels_are_drawn_equally_often_and_none_twice_before_all_were_once() -> None:
    steps = epoch_steps(Pool(trials(6, 18)), DataSettings(), rows=8, seed=1, epoch=0)
    drawn = Counter(flat(clips(steps)))
    assert sum(drawn[n] for n in range(6)) == sum(drawn[n] for n in range(6, 24)) == 12
    assert {drawn[n] for n in range(6)} == {2}
    assert {drawn[n] for n in range(6, 24)} <= {0, 1}


def test_unbalanced_data_can_be_left_as_they_are() -> None:
    settings = DataSettings(balance="none")
    steps = epoch_steps(Pool(trials(2, 10)), settings, rows=4, seed=1, epoch=0)
    assert Counter(flat(clips(steps))) == Counter(range(12))


@given(st.integers(1, 4), st.integers(1, 3), st.integers(2, 5), st.integers(0, 9), st.booleans())
def test_processes_and_passes_share_a_step_without_a_rest(
    ranks: int, accumulate: int, batch: int, seed: int, replays: bool
) -> None:
    rows = ranks * accumulate * batch
    pool = Pool(trials(40, 40), trials(5, 5, name="k") if replays else (), 0.3 * replays)
    for step in epoch_steps(pool, DataSettings(), rows=rows, seed=seed, epoch=1):
        assert len(step.rows) == rows
        shares = [
            one for rank in range(ranks) for one in step.passes(accumulate, rank=rank, ranks=ranks)
        ]
        assert [len(one) for one in shares] == [batch] * ranks * accumulate
        assert Counter(row for one in shares for row in one) == Counter(step.rows)


def test_a_share_of_each_step_is_replayed() -> None:
    pool = Pool(trials(12, 12), trials(3, 3, name="k"), share=0.25)
    steps = epoch_steps(pool, DataSettings(), rows=8, seed=1, epoch=0)
    assert [sum(row.clip >= 24 for row in step.rows) for step in steps] == [2, 2, 2, 2]
    assert Counter(row.clip for step in steps for row in step.rows if row.clip < 24) == Counter(
        range(24)
    )


def test_a_clip_is_cut_and_distorted_by_seed_epoch_and_name_whatever_else_there_is() -> None:
    def seeds(pool: Pool, *, rows: int, seed: int = 1, epoch: int = 0) -> dict[int, int]:
        steps = epoch_steps(pool, DataSettings(), rows=rows, seed=seed, epoch=epoch)
        return {row.clip: row.seed for step in steps for row in step.rows}

    plain = seeds(Pool(trials(8, 8)), rows=4)
    mixed = seeds(Pool(trials(8, 8), trials(2, 2, name="k"), 0.5), rows=8)
    assert plain == {clip: mixed[clip] for clip in plain}
    assert len(set(plain.values())) == 16
    assert not set(plain.values()) & set(seeds(Pool(trials(8, 8)), rows=4, epoch=1).values())
    assert not set(plain.values()) & set(seeds(Pool(trials(8, 8)), rows=4, seed=2).values())


def test_a_clip_that_comes_twice_is_cut_in_two_ways() -> None:
    steps = epoch_steps(Pool(trials(1, 7)), DataSettings(), rows=4, seed=1, epoch=0)
    twice = [row.seed for step in steps for row in step.rows if row.clip == 0]
    assert len(twice) == len(set(twice)) == 4


def test_more_rows_than_clips_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"A step takes 9 clips .* there are 8 to train on"):
        epoch_steps(Pool(trials(4, 4)), DataSettings(), rows=9, seed=1, epoch=0)


def test_replaying_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="replays a keep set, but none was given"):
        epoch_steps(Pool(trials(4, 4), (), 0.5), DataSettings(), rows=4, seed=1, epoch=0)
