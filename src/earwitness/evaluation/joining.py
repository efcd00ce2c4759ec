"""Scores that came from a file, and their key → scored trials; what does not fit is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earwitness.evaluation import score_files
from earwitness.evaluation.records import Remark, Scored, Unread
from earwitness.records import Trial


@dataclass(frozen=True)
class Joined:
    """Trials with what the file says of them, in the key's order, and what to know of the join."""

    scored: tuple[Scored, ...]
    unread: tuple[Unread, ...]
    remarks: tuple[Remark, ...]

    @property
    def is_calibrated(self) -> bool:
        """Say whether the scores are LLRs."""
        heard = [one for one in self.scored if one.score is not None]
        return bool(heard) and all(one.llr is not None for one in heard)


def join(
    scores: Path,
    asked: Sequence[Trial],
    key: Sequence[Trial],
    *,
    are_llrs: bool = False,
    is_partial: bool = False,
) -> Joined:
    """Give each trial its score.

    Args:
        scores: the file.
        asked: the trials of the partition that is asked about.
        key: the whole key; trials of its other partitions may have scores, too.
        are_llrs: the scores are calibrated. Of a file that we wrote this is known without.
        is_partial: trials without a score, and scores without a trial, are allowed.

    Raises:
        ProtocolError: the file is malformed, nothing fits, labels differ, or not everything fits
            and ``is_partial`` is not given.
    """
    there = {row.id for row in score_files.read_rows(scores)}
    names = {trial.id for trial in asked}
    others = [trial for trial in key if trial.id in there and trial.id not in names]
    found = score_files.join(scores, [*asked, *others], partial=is_partial)
    ours = [one for one in found if one.trial.id in names]
    scored = [_as_llr(one) if are_llrs else one for one in ours if isinstance(one, Scored)]
    foreign = len(there - names - {trial.id for trial in others})
    return Joined(
        tuple(scored),
        tuple(one for one in ours if isinstance(one, Unread)),
        tuple(_remarks(len(names) - len(ours), len(names), foreign)),
    )


def _as_llr(one: Scored) -> Scored:
    return one if one.llr is not None else replace(one, raw_score=None, llr=one.raw_score)


def _remarks(missing: int, of: int, foreign: int) -> Iterator[Remark]:
    if missing:
        yield Remark("partial", {"missing": missing, "of": of})
    if foreign:
        yield Remark("foreign", {"n": foreign})
