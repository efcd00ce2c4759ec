"""How many trials were asked, heard, answered and lost. Counting only; nothing is measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from earwitness.evaluation.records import Evaluation
from earwitness.records import Answer


@dataclass(frozen=True)
class Counts:
    """What became of all trials.

    Attributes:
        trials: that were asked; the sum of ``scored``, ``unscored`` and ``unread``.
        bona_fide: scored trials of this label.
        spoof: scored trials of this label.
        scored: trials that the figures rest on.
        unscored: read, but without anything to score; left out of the figures.
        unread: could not be read.
        inconclusive: answered so, by reason; a trial may have several.
        inconclusive_bona_fide: trials of this label that were answered so.
        inconclusive_spoof: trials of this label that were answered so.
    """

    trials: int
    bona_fide: int
    spoof: int
    scored: int
    unscored: int
    unread: int
    inconclusive_bona_fide: int = 0
    inconclusive_spoof: int = 0
    inconclusive: dict[str, int] = field(default_factory=dict)


def counted(evaluation: Evaluation) -> Counts:
    """Count an evaluation's trials."""
    told = [one for one in evaluation.scored if one.score is not None]
    without = [one for one in evaluation.scored if one.answer is Answer.INCONCLUSIVE]
    bona_fide = sum(one.is_bona_fide for one in told)
    reasons = Counter(reason.value for one in without for reason in one.reasons)
    return Counts(
        trials=len(evaluation.scored) + len(evaluation.unread),
        bona_fide=bona_fide,
        spoof=len(told) - bona_fide,
        scored=len(told),
        unscored=len(evaluation.scored) - len(told),
        unread=len(evaluation.unread),
        inconclusive_bona_fide=sum(one.is_bona_fide for one in without),
        inconclusive_spoof=sum(not one.is_bona_fide for one in without),
        inconclusive=dict(sorted(reasons.items())),
    )
