"""Epochs are drawn from (seed, epoch) alone, both labels alike, crowded pages less."""

from collections import Counter

import numpy as np
import pytest
from made_runs import RATE, trial

from earwitness.errors import SettingsError
from earwitness.records import Label, Trial
from earwitness.training.sampling import Batch, epoch_batches, weights_of
from earwitness.training.settings import SamplingSettings

pytestmark = pytest.mark.torch  # the settings of a recipe name networks

CROWDED, LONELY = 90, 10
SETTINGS = SamplingSettings(batch=8, shortest_s=1.0, longest_s=3.0)


def trials() -> list[Trial]:
    """Few bona fide trials on one page; a spoofed page with many, and one with few."""
    counts = [("a/x", Label.BONA_FIDE, 20), ("b/x", Label.SPOOF, CROWDED)]
    counts.append(("c/x", Label.SPOOF, LONELY))
    return [
        trial(f"{page}/{n}.wav", label, page=page) for page, label, count in counts
        for n in range(count)
    ]  # fmt: skip


def batches(*, seed: int = 1, epoch: int = 0, balance: float = 0.5) -> list[Batch]:
    weights = weights_of(trials(), balance=balance)
    return epoch_batches(weights, SETTINGS, sample_rate=RATE, seed=seed, epoch=epoch)


def drawn(balance: float) -> Counter[str]:
    """Count the pages of what 100 epochs draw."""
    found = trials()
    return Counter(
        found[clip].meta["page"]
        for epoch in range(100)
        for batch in batches(epoch=epoch, balance=balance)
        for clip, _ in batch.clips
    )


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_both_labels_are_drawn_equally_often(balance: float) -> None:
    counts = drawn(balance)
    assert counts["a/x"] / counts.total() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("balance", "ratio"), [(0.0, 9.0), (0.5, 3.0), (1.0, 1.0)], ids=["clips", "roots", "pages"]
)
def test_balance_decides_how_much_more_a_crowded_page_is_heard(
    balance: float, ratio: float
) -> None:
    counts = drawn(balance)
    assert counts["b/x"] / counts["c/x"] == pytest.approx(ratio, rel=0.1)


def test_a_clip_of_a_crowded_page_is_drawn_less_often_than_one_of_a_lonely_page() -> None:
    weights = weights_of(trials(), balance=0.5)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[-1] / weights[20] == pytest.approx((CROWDED / LONELY) ** 0.5)


def test_a_page_counts_its_bona_fide_and_its_spoofed_clips_apart() -> None:
    one_page = [trial("0", Label.BONA_FIDE), *(trial(f"s{n}", Label.SPOOF) for n in range(9))]
    weights = weights_of(one_page, balance=1.0)
    assert weights == pytest.approx([0.5, *[0.5 / 9] * 9])


def test_trials_without_a_page_are_pages_of_their_own() -> None:
    bare = [Trial(str(n), trial("x", Label.SPOOF).path, label, "train") for n, label in
            enumerate([Label.BONA_FIDE, Label.SPOOF, Label.SPOOF])]  # fmt: skip
    assert weights_of(bare, balance=1.0) == pytest.approx([0.5, 0.25, 0.25])


def test_the_same_seed_and_epoch_give_the_same_batches() -> None:
    assert batches(seed=4, epoch=2) == batches(seed=4, epoch=2)


@pytest.mark.parametrize("other", [{"seed": 4, "epoch": 3}, {"seed": 5, "epoch": 2}])
def test_another_epoch_or_seed_gives_other_batches(other: dict[str, int]) -> None:
    one, two = batches(seed=4, epoch=2), batches(**other)
    assert [b.clips for b in one] != [b.clips for b in two]
    assert [b.samples for b in one] != [b.samples for b in two]


def test_an_epoch_has_as_many_clips_as_there_are_in_full_batches() -> None:
    assert [len(batch.clips) for batch in batches()] == [8] * (len(trials()) // 8)


def test_lengths_lie_within_the_settings_and_fill_them() -> None:
    lengths = np.array([b.samples for epoch in range(50) for b in batches(epoch=epoch)]) / RATE
    assert 1.0 <= lengths.min() < 1.1
    assert 2.9 < lengths.max() <= 3.0


def test_a_clip_that_is_drawn_twice_is_cut_and_distorted_anew() -> None:
    seeds = [
        seed for epoch in range(5) for batch in batches(epoch=epoch) for _, seed in batch.clips
    ]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("label", list(Label))
def test_a_missing_label_is_refused(label: Label) -> None:
    others = [one for one in trials() if one.label is not label]
    with pytest.raises(SettingsError, match=f"There is no {label} clip to train on"):
        weights_of(others, balance=0.5)


def test_lengths_that_are_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"shortest_s \(3.0\) must not be above longest_s"):
        SamplingSettings(shortest_s=3.0, longest_s=2.0)


def test_a_batch_of_one_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"batch \(1\) must be at least 2"):
        SamplingSettings(batch=1)
