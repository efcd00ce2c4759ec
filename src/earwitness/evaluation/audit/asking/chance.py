"""What chance does: the same questions asked of thousands of shuffled keys.

The strongest answer that any column gives to a shuffled key is what a column has to beat (Westfall
and Young's max T), so the chance of *one* false alarm is held over all columns and both ways of
looking, however the columns hang together. Keys are shuffled within partitions: among clips, or,
where pages (speakers, sources) are known, by turning all of a page round together (Rademacher
signs on cluster sums: Cameron, Gelbach and Miller, Review of Economics and Statistics 90, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.audit.asking.columns import Codes, Column
from earwitness.evaluation.audit.asking.joint import Discriminant
from earwitness.evaluation.audit.asking.task import Residuals, Task

ROUNDS = 1999
_MOST_DENSE = 64  # values of a column for which a matrix is quicker
_HELD = 2**23  # numbers of shuffled keys that are held at a time
Keys = NDArray[np.float32]
Question = Callable[[Keys], NDArray[np.float64]]


@dataclass(frozen=True)
class Chance:
    """How often chance does as well.

    Attributes:
        p: for each question, the share of shuffled keys to which the *best* of all questions
            answers as strongly.
        bar: the standardised answer that one shuffled key in a hundred passes.
    """

    p: tuple[float, ...]
    bar: float


def questions(columns: Sequence[Column]) -> list[Question]:
    """Put each column's questions into a list: by order where there is one, and by value."""
    made: list[Question] = []
    for column in columns:
        if column.order is not None:
            made.append(order_question(column.order))
        made.append(value_question(column.codes))
    return made


def compare(
    asked: Sequence[Question],
    residuals: Residuals,
    shuffled: Callable[[int], Iterator[Keys]],
    *,
    share: float,
    rounds: int = ROUNDS,
) -> Chance:
    """Compare the answers to the true key with those to shuffled ones.

    Args:
        asked: the questions.
        residuals: of the true key.
        shuffled: gives so many shuffled keys, in pieces of shape (clips, keys).
        share: of shuffled keys that may pass the bar.
        rounds: shuffled keys.
    """
    if not asked:
        return Chance((), np.inf)
    true = residuals.astype(np.float32)[:, None]
    observed = np.array([question(true)[0] for question in asked])
    pieces = [[question(keys) for question in asked] for keys in shuffled(rounds)]
    drawn = np.concatenate([np.stack(piece) for piece in pieces], axis=1)
    middle, spread = drawn.mean(axis=1), drawn.std(axis=1)
    spread = np.where(spread > 1e-9 * np.maximum(1, np.abs(middle)), spread, np.inf)
    best = ((drawn - middle[:, None]) / spread[:, None]).max(axis=0)
    reached = (observed - middle) / spread
    # A hair off, so that an answer equal to the true one counts whatever the rounding.
    passed = (best[None, :] >= reached[:, None] - 1e-6).sum(axis=1)
    p = (1 + passed) / (1 + drawn.shape[1])
    return Chance(tuple(float(one) for one in p), float(np.quantile(best, 1 - share)))


def among_clips(asked: Task, rng: np.random.Generator) -> Callable[[int], Iterator[Keys]]:
    """Shuffle the key among the clips of each partition."""
    residuals = asked.residuals.astype(np.float32)
    rows = [np.flatnonzero(asked.strata == s) for s in range(int(asked.strata.max(initial=0)) + 1)]

    def shuffled(rounds: int) -> Iterator[Keys]:
        for size in _pieces(rounds, len(residuals)):
            keys = np.empty((size, len(residuals)), np.float32)
            for of_one in rows:
                keys[:, of_one] = rng.permuted(np.tile(residuals[of_one], (size, 1)), axis=1)
            yield np.ascontiguousarray(keys.T)

    return shuffled


def among_groups(
    asked: Task, groups: Codes, rng: np.random.Generator
) -> Callable[[int], Iterator[Keys]]:
    """Turn the key of whole groups round, each with a chance of one half."""
    residuals = asked.residuals.astype(np.float32)
    count = int(groups.max(initial=0)) + 1

    def shuffled(rounds: int) -> Iterator[Keys]:
        for size in _pieces(rounds, len(residuals)):
            signs = rng.choice(np.array([-1, 1], np.float32), size=(count, size))
            yield signs[groups] * residuals[:, None]

    return shuffled


def _pieces(rounds: int, clips: int) -> Iterator[int]:
    step = max(1, _HELD // max(1, clips))
    for at in range(0, rounds, step):
        yield min(step, rounds - at)


def order_question(order: NDArray[np.float32]) -> Question:
    """Ask for the rank sum of one label (Mann and Whitney's), squared."""
    return lambda keys: _like_normal(np.square((order @ keys).astype(np.float64)))


def value_question(codes: Codes) -> Question:
    """Ask for the chi-squared of values against key."""
    counts = np.bincount(codes)
    if len(counts) > _MOST_DENSE:
        return _many_values_question(codes, counts)
    matrix = np.zeros((len(counts), len(codes)), np.float32)
    matrix[codes, np.arange(len(codes))] = 1 / np.sqrt(np.maximum(1, counts))[codes]
    return lambda keys: _like_normal(np.square(matrix @ keys).sum(axis=0, dtype=np.float64))


def _many_values_question(codes: Codes, counts: Codes) -> Question:
    """Ask the same where there are too many values for a matrix; each has a clip."""
    order = np.argsort(codes, kind="stable")
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def ask(keys: Keys) -> NDArray[np.float64]:
        sums = np.add.reduceat(keys[order], begins, axis=0)
        return _like_normal((np.square(sums) / counts[:, None]).sum(axis=0, dtype=np.float64))

    return ask


def joint_question(together: Discriminant) -> Question:
    """Ask how well what four folds teach of a key fits the fifth."""

    def ask(keys: Keys) -> NDArray[np.float64]:
        scores = together.held_out(keys)
        meet = np.einsum("ij,ij->j", scores, keys, dtype=np.float64)
        sizes = np.einsum("ij,ij->j", scores, scores, dtype=np.float64)
        return np.asarray(meet / np.sqrt(np.maximum(sizes, 1e-12)))

    return ask


def _like_normal(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring sums of squares to a shape that is near normal (Wilson and Hilferty's cube root)."""
    return np.cbrt(squares)
