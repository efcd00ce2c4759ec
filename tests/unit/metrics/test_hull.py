"""The convex hull of the running counts beside pool-adjacent-violators, written out."""

import numpy as np
import pytest

from earwitness.metrics._hull import hull
from earwitness.metrics._tally import Counts, running_sum, tally
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.cllr import cllr_of_blocks, min_cllr

Sets = dict[str, tuple[Scores, Key]]


def pooled(bona_fide: Counts, spoof: Counts) -> list[tuple[int, int]]:
    """Blocks by the book: one after the other, pooling backwards as long as the order is wrong."""
    blocks: list[tuple[int, int]] = []
    for block in zip(np.diff(bona_fide).tolist(), np.diff(spoof).tolist(), strict=True):
        blocks.append(block)
        # share of bona fide in the block before >= share in this one, in whole numbers
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = (blocks[-1][0] + last[0], blocks[-1][1] + last[1])
    return blocks


def cost(blocks: list[tuple[int, int]]) -> float:
    total = np.sum(blocks, axis=0)
    shares = np.array(blocks) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = shares * np.log2(shares.sum(axis=1, keepdims=True) / shares)
    return float(np.nansum(bits)) / 2


def assert_hull_is_pooled(bona_fide: Counts, spoof: Counts) -> None:
    corners = hull(bona_fide, spoof)
    found = list(
        zip(np.diff(bona_fide[corners]).tolist(), np.diff(spoof[corners]).tolist(), strict=True)
    )
    assert found == pooled(bona_fide, spoof)


def test_the_minimum_cllr_is_that_of_pooling_one_by_one(sets: Sets, published: Sets) -> None:
    for name, (scores, key) in (sets | published).items():
        if not np.isnan(scores).any() and key.any() and not key.all():
            counts = tally(scores, key)
            blocks = pooled(counts.bona_fide, counts.spoof)
            assert min_cllr(scores, key) == pytest.approx(cost(blocks), rel=1e-12, abs=1e-15), name


SIZE = 3000
UP, DOWN = np.arange(1, SIZE + 1), np.arange(SIZE, 0, -1)


@pytest.mark.parametrize(
    ("bona_fide", "spoof"),
    [
        (UP, DOWN),  # all in order: every step is a block
        (DOWN, UP),  # all out of order: one block
        # In order, but for one heavy step at an end: pooled one by one, were it not for far chords.
        (np.append(UP, 0), np.append(DOWN, SIZE**2)),
        (np.append(UP, 9), np.append(DOWN, 9 * SIZE**2)),
        (np.append(SIZE**2, UP), np.append(0, DOWN)),
        # A saw.
        (np.tile(np.append(UP[:60], 0), 40), np.tile(np.append(DOWN[-60:], 3000), 40)),
    ],
    ids=["order", "disorder", "heavy end", "heavier end", "heavy start", "saw"],
)
def test_the_corners_are_the_ends_of_the_blocks(bona_fide: Counts, spoof: Counts) -> None:
    assert_hull_is_pooled(running_sum(bona_fide), running_sum(spoof))


def test_steps_without_a_trial_do_not_matter() -> None:
    bona_fide, spoof = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 1, 1])
    full = hull(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]))
    corners = hull(bona_fide, spoof)
    assert len(corners) == len(full) == 3
    assert bona_fide[corners].tolist() == [0, 0, 2]
    assert spoof[corners].tolist() == [0, 1, 1]
    assert cllr_of_blocks(bona_fide, spoof) == 0.0


def test_random_counts_are_pooled_as_one_by_one() -> None:
    rng = np.random.default_rng(11)
    for size in (2, 3, 5, 20, 400):
        for _ in range(30):
            counts = rng.integers(0, 4, (2, size)) * rng.integers(0, 5, (2, size))
            there = counts.sum(axis=0) > 0
            if counts.any(axis=1).all():
                assert_hull_is_pooled(*(running_sum(each[there]) for each in counts))
