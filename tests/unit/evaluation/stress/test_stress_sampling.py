"""A few trials stand for many: both labels alike, every page before one has another turn."""

from pathlib import Path

import pytest

from earwitness.errors import SettingsError
from earwitness.evaluation.stress.sampling import kin_of, subset
from earwitness.records import Label, Trial


def trials(pages: dict[str, tuple[int, int]]) -> list[Trial]:
    """Page → how many bona fide and spoof clips it has."""
    return [
        Trial(f"{page}/{label}{n}", Path("gone"), label, "eval", {"page": page})
        for page, counts in pages.items()
        for label, count in zip(Label, counts, strict=True)
        for n in range(count)
    ]


def page(trial: Trial) -> str:
    return trial.meta["page"]


MANY = trials({"big": (90, 10), "middle": (5, 30), "small": (2, 2)})


def test_half_of_the_limit_is_drawn_of_each_label_in_the_order_of_the_list() -> None:
    drawn = subset(MANY, 20, kin_of=page, seed=1)
    assert [sum(t.label is label for t in drawn) for label in Label] == [10, 10]
    assert drawn == [trial for trial in MANY if trial in drawn]


def test_every_page_has_its_turn_before_one_has_another() -> None:
    drawn = subset(MANY, 12, kin_of=page, seed=3)
    for label in Label:
        of_label = [page(trial) for trial in drawn if trial.label is label]
        assert {name: of_label.count(name) for name in ("big", "middle", "small")} == {
            "big": 2, "middle": 2, "small": 2,
        }  # fmt: skip


def test_the_same_seed_draws_the_same_trials_and_another_one_others() -> None:
    one, same, other = (subset(MANY, 20, kin_of=page, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_label_with_too_few_gives_all_that_it_has() -> None:
    drawn = subset(trials({"a": (3, 50)}), 20, kin_of=page, seed=1)
    assert [sum(t.label is label for t in drawn) for label in Label] == [3, 10]


def test_a_limit_of_one_is_refused() -> None:
    with pytest.raises(SettingsError, match="limit of 1 leaves no trial of one label"):
        subset(MANY, 1, kin_of=page, seed=1)


def test_kin_are_told_by_the_first_column_with_enough_values_else_by_nothing() -> None:
    few, enough = (trials({f"p{n}": (1, 1) for n in range(count)}) for count in (9, 10))
    assert kin_of(enough, ("speaker", "page"))(enough[0]) == "p0"
    assert kin_of(few, ("speaker", "page"))(few[0]) == "p0/bonafide0"
