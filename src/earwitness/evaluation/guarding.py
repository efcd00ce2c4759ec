"""The sign and label guard: do higher scores go with bona fide speech, as everything here assumes?

A detector that is worse than chance on all plausible values of its AUC was not measured on what it
was thought to be: labels are swapped, or scores have the other sign, or both lists are in different
orders. Such figures are told together with what they would be the other way round, and nothing is
turned round in silence.
"""

from __future__ import annotations

from earwitness.evaluation.pools import Pool
from earwitness.evaluation.records import Direction, Guard, Measure
from earwitness.metrics.eer import auc, eer

CHANCE = 0.5


def guard(pool: Pool, auc_measure: Measure, *, is_accepted: bool = False) -> Guard:
    """Look which way the scores point.

    Args:
        pool: the trials.
        auc_measure: their AUC with its interval.
        is_accepted: inverted scores are meant; is kept only where they are.
    """
    measured, high = auc_measure.value or 0.0, auc_measure.high or 0.0
    direction = Direction.AS_EXPECTED
    if measured < CHANCE:
        direction = Direction.INVERTED if high < CHANCE else Direction.DOUBTFUL
    return Guard(
        direction=direction,
        auc=measured,
        eer=eer(pool.scores, pool.is_bona_fide),
        mirrored_auc=auc(-pool.scores, pool.is_bona_fide),
        mirrored_eer=eer(-pool.scores, pool.is_bona_fide),
        is_accepted=is_accepted and direction is Direction.INVERTED,
    )
