"""Scores that came from a file, and their key → scored trials; what does not fit is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from earwitness.errors import ProtocolError
from earwitness.evaluation.records import Remark, Scored
from earwitness.records import Trial

_SHOWN = 3


@dataclass(frozen=True)
class Joined:
    """Trials with their scores, in the key's order, and what to know of the join."""

    scored: tuple[Scored, ...]
    remarks: tuple[Remark, ...] = ()


def join(
    scores: Mapping[str, float],
    trials: Sequence[Trial],
    known: Collection[str],
    *,
    are_llrs: bool = False,
    is_partial: bool = False,
) -> Joined:
    """Give each trial its score.

    Args:
        scores: by trial id.
        trials: that are asked about.
        known: ids of the whole key; the other partitions of it may have scores, too.
        are_llrs: the scores are calibrated.
        is_partial: trials without a score, and scores without a trial, are allowed.

    Raises:
        ProtocolError: nothing fits, or not everything does and ``is_partial`` is not given.
    """
    missing = [trial.id for trial in trials if trial.id not in scores]
    foreign = [name for name in scores if name not in known]
    if len(missing) == len(trials):
        raise ProtocolError(
            f"Not one of {len(trials):,} trials of the key has a score. The key has "
            f"{_some([trial.id for trial in trials])}; the scores have {_some(list(scores))}."
        )
    if not is_partial:
        _refuse(missing, f"of {len(trials):,} trials of the key have no score")
        _refuse(foreign, f"of {len(scores):,} scores belong to no trial of the key")
    scored = (_scored(t, scores[t.id], are_llrs=are_llrs) for t in trials if t.id in scores)
    return Joined(tuple(scored), tuple(_remarks(len(missing), len(trials), len(foreign))))


def _scored(trial: Trial, score: float, *, are_llrs: bool) -> Scored:
    return Scored(trial, None, score) if are_llrs else Scored(trial, score, None)


def _remarks(missing: int, of: int, foreign: int) -> Iterator[Remark]:
    if missing:
        yield Remark("partial", {"missing": missing, "of": of})
    if foreign:
        yield Remark("foreign", {"n": foreign})


def _refuse(names: Sequence[str], what: str) -> None:
    if names:
        raise ProtocolError(
            f"{len(names):,} {what}: {_some(names)}. Use --partial to measure what fits."
        )


def _some(names: Sequence[str]) -> str:
    told = ", ".join(f"'{name}'" for name in islice(names, _SHOWN))
    return f"{told} …" if len(names) > _SHOWN else told
