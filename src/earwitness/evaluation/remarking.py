"""What a reader must know beside the figures; the words are chosen in ``reporting``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from earwitness.evaluation.pools import Kin, Pool
from earwitness.evaluation.records import Direction, Guard, Measure, Remark, Scored, Unread
from earwitness.records import Answer

FEW_TRIALS = 100  # of one label; an EER of 10 % is then known to within 6 points
MANY_TIES = 0.01
APART = 0.001  # a tenth of a point
EERS = ("eer", "eer_asvspoof", "eer_rocch")


def remarks(
    scored: Sequence[Scored],
    unread: Sequence[Unread],
    pool: Pool,
    kin: Kin,
    measures: Sequence[Measure],
    guard: Guard,
) -> Iterator[Remark]:
    """Go through everything that may mislead a reader.

    Args:
        scored: all trials that were heard.
        unread: those that could not be.
        pool: those with a score.
        kin: how they were resampled.
        measures: that were taken.
        guard: what it found.
    """
    total = len(scored) + len(unread)
    if guard.direction is not Direction.AS_EXPECTED:
        code = "inverted_accepted" if guard.is_accepted else guard.direction.value
        yield Remark(code, {"auc": guard.auc, "mirrored_auc": guard.mirrored_auc})
    if unread:
        yield Remark("unread", {"n": len(unread), "of": total})
    unscored = len(scored) - len(pool.scores)
    if unscored:
        yield Remark("unscored", {"n": unscored, "of": total})
    with_score = (one.answer for one in scored if one.score is not None)
    inconclusive = sum(answer is Answer.INCONCLUSIVE for answer in with_score)
    if inconclusive:
        yield Remark("inconclusive", {"n": inconclusive, "of": total})
    yield from _of_scores(pool, measures)
    yield from _of_numbers(pool, kin)


def _of_scores(pool: Pool, measures: Sequence[Measure]) -> Iterator[Remark]:
    share, across = _ties(pool)
    if share > MANY_TIES:
        facts = {"share": share, "across": across, "distinct": len(np.unique(pool.scores))}
        yield Remark("ties", facts)
    values = {one.name: one.value for one in measures if one.name in EERS}
    given = [value for value in values.values() if value is not None]
    if given and max(given) - min(given) > APART:
        facts = {name: value for name, value in values.items() if value is not None}
        yield Remark("eer_definitions_differ", facts)


def _ties(pool: Pool) -> tuple[float, float]:
    """Give the share of trials with a score that others have, too; and that the other label has."""
    _, group, counts = np.unique(pool.scores, return_inverse=True, return_counts=True)
    bona_fide = np.bincount(group[pool.is_bona_fide], minlength=len(counts))
    is_shared = (bona_fide > 0) & (bona_fide < counts)
    total = len(pool.scores)
    return float(counts[counts > 1].sum() / total), float(counts[is_shared].sum() / total)


def _of_numbers(pool: Pool, kin: Kin) -> Iterator[Remark]:
    bona_fide, spoof = pool.n
    if min(bona_fide, spoof) < FEW_TRIALS:
        yield Remark("small_n", {"bona_fide": bona_fide, "spoof": spoof})
    if kin.column is None and kin.passed_over is not None:
        column, clusters = kin.passed_over
        yield Remark("few_clusters", {"column": column, "clusters": clusters})
