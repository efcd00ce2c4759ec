"""Which clips make which batch: a pure function of (seed, epoch), the same for any number of ranks.

An epoch is a list of steps, each of as many rows as all processes and all accumulated passes take
together; process ``rank`` of ``ranks`` takes rows rank, rank + ranks, … of it. So two processes
hear what one with twice the batch hears, and a run that goes on at step k hears what it would have
heard. Each row brings the seed of its crop and augmentation, drawn from (seed, epoch, clip id).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError
from earwitness.records import Label, Trial
from earwitness.training.recipes import DataSettings


@dataclass(frozen=True)
class Row:
    """One row of a batch.

    Attributes:
        clip: its number; those to learn come first, then those to replay.
        seed: of crop and augmentation.
    """

    clip: int
    seed: int


@dataclass(frozen=True)
class Step:
    """What one step of the optimiser hears, over all processes and passes."""

    rows: tuple[Row, ...]

    def passes(self, accumulate: int, *, rank: int = 0, ranks: int = 1) -> list[tuple[Row, ...]]:
        """Give the batches of one process, in order."""
        own = self.rows[rank::ranks]
        size = -(-len(own) // accumulate)
        return [own[i * size : (i + 1) * size] for i in range(accumulate)]


@dataclass(frozen=True)
class Pool:
    """What may be drawn.

    Attributes:
        learned: trials of the train part.
        replayed: trials that are mixed in, so that they are not forgotten.
        share: of each step that is drawn from these.
    """

    learned: Sequence[Trial]
    replayed: Sequence[Trial] = ()
    share: float = 0.0


def epoch_steps(
    pool: Pool, settings: DataSettings, *, rows: int, seed: int, epoch: int
) -> list[Step]:
    """Draw the steps of one epoch: one pass over what is to be learned.

    Rows that fill no step are left out; shuffling makes them others each epoch.

    Args:
        pool: what may be drawn.
        settings: balance and order.
        rows: of a step: batch * processes * passes.
        seed: of the run.
        epoch: counted from 0.

    Raises:
        SettingsError: there are fewer clips than rows, or nothing to replay.
    """
    replayed = _replayed_rows(pool, rows)
    learned = rows - replayed
    if len(pool.learned) < learned:
        raise SettingsError(
            f"A step takes {learned} clips (batch x processes x accumulate), but there are "
            f"{len(pool.learned)} to train on. Take a smaller batch."
        )
    rng = np.random.default_rng([seed, epoch])
    order = _order(pool.learned, settings, rng, len(pool.learned))
    steps = len(order) // learned
    mixed = _order(pool.replayed, settings, rng, steps * replayed) + len(pool.learned)
    clips = np.concatenate(
        [order[: steps * learned].reshape(steps, learned), mixed.reshape(steps, replayed)], axis=1
    )
    if settings.shuffle:
        clips = rng.permuted(clips, axis=1)
    return [Step(row) for row in _seeded(clips, pool, seed=seed, epoch=epoch)]


def _replayed_rows(pool: Pool, rows: int) -> int:
    if not pool.share:
        return 0
    if not pool.replayed:
        raise SettingsError("The recipe replays a keep set, but none was given: use --keep.")
    return min(rows - 1, max(1, round(pool.share * rows)))


def _order(
    trials: Sequence[Trial], settings: DataSettings, rng: np.random.Generator, size: int
) -> NDArray[np.int64]:
    """Draw ``size`` of the trials: all of them once before one comes again."""
    if not size:
        return np.empty(0, np.int64)
    if settings.balance == "none":
        return _cycled(np.arange(len(trials)), size, rng, shuffle=settings.shuffle)
    is_bona_fide = np.array([trial.label is Label.BONA_FIDE for trial in trials])
    halves = [np.flatnonzero(is_bona_fide), np.flatnonzero(~is_bona_fide)]
    sizes = [size // 2, size - size // 2]
    if len(trials) == size and len(halves[0]) > len(halves[1]):
        sizes.reverse()
    drawn = [
        _cycled(half, n, rng, shuffle=settings.shuffle)
        for half, n in zip(halves, sizes, strict=True)
    ]
    both = np.concatenate(drawn)
    return rng.permutation(both) if settings.shuffle else np.sort(both)


def _cycled(
    numbers: NDArray[np.int64], size: int, rng: np.random.Generator, *, shuffle: bool
) -> NDArray[np.int64]:
    rounds = -(-size // len(numbers))
    orders = [rng.permutation(numbers) if shuffle else numbers for _ in range(rounds)]
    return np.concatenate(orders)[:size]


def _seeded(
    clips: NDArray[np.int64], pool: Pool, *, seed: int, epoch: int
) -> list[tuple[Row, ...]]:
    """Give each row a seed; a clip that comes twice in an epoch gets two."""
    ids = [trial.id for trial in (*pool.learned, *pool.replayed)]
    times: dict[int, int] = {}
    table = []
    for step in clips.tolist():
        rows = []
        for clip in step:
            times[clip] = times.get(clip, 0) + 1
            rows.append(Row(clip, seed_of(seed, epoch, crc32(ids[clip].encode()), times[clip])))
        table.append(tuple(rows))
    return table


def seed_of(*numbers: int) -> int:
    """Make one seed of several numbers, 0 or above.

    Example:
        >>> seed_of(1, 2) == seed_of(1, 2), seed_of(1, 2) == seed_of(2, 1)
        (True, False)
    """
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
