"""Trials → timelines: what the detector says of each part of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from earwitness.detector import Detector
from earwitness.evaluation.records import Unread
from earwitness.metrics.localisation import Region, Steps, mean_of_windows
from earwitness.records import Failure, SegmentScore, Trial, Verdict

Outcome: TypeAlias = "Timeline | Unread"


@dataclass(frozen=True)
class Timeline:
    """A recording and what was said of each part of it.

    Attributes:
        trial: the question.
        duration_s: of the recording.
        windows: in order.
        suspicious: suspicious stretches, in order; neighbours may overlap.
        is_calibrated: the windows have LLRs, and there can be suspicious stretches.
    """

    trial: Trial
    duration_s: float
    windows: tuple[SegmentScore, ...]
    suspicious: tuple[Region, ...]
    is_calibrated: bool

    def steps(self) -> Steps:
        """Give the score of each instant: LLRs, or raw scores without a calibration."""
        scores = [w.raw_score if w.llr is None else w.llr for w in self.windows]
        return mean_of_windows(
            np.array([w.start_s for w in self.windows]),
            np.array([w.end_s for w in self.windows]),
            np.array(scores),
        )


def timeline_of(trial: Trial, verdict: Verdict) -> Timeline:
    """Keep of a verdict what localisation is measured on."""
    return Timeline(
        trial=trial,
        duration_s=verdict.facts.duration_s,
        windows=verdict.segments,
        suspicious=tuple(Region(s.start_s, s.end_s) for s in verdict.stretches),
        is_calibrated=verdict.threshold is not None,
    )


def listen(
    detector: Detector,
    trials: Sequence[Trial],
    *,
    known: Mapping[str, Outcome] | None = None,
    workers: int = 1,
    on_done: Callable[[Outcome], None] | None = None,
) -> Iterator[Outcome]:
    """Give the timeline of every trial, in order.

    Args:
        detector: who listens.
        trials: what to.
        known: outcomes of trials that were listened to already, by trial id.
        workers: recordings that are listened to at the same time.
        on_done: is called for each of them.
    """
    held = known or {}
    answers = detector.detect_many((t.path for t in trials if t.id not in held), workers=workers)
    for trial in trials:
        outcome = held[trial.id] if trial.id in held else _outcome(trial, next(answers))
        if on_done is not None:
            on_done(outcome)
        yield outcome


def _outcome(trial: Trial, found: Verdict | Failure) -> Outcome:
    if isinstance(found, Failure):
        return Unread(trial, found.code, found.message)
    return timeline_of(trial, found)
