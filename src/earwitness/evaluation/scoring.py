"""Trials → what the detector says of each, in their order, several at a time, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeAlias

import earwitness
from earwitness import config
from earwitness.detector import Detector
from earwitness.evaluation import journal as journals
from earwitness.evaluation.journal import Journal
from earwitness.evaluation.records import Scored, Unread
from earwitness.records import Failure, Trial, Verdict

OnDone: TypeAlias = Callable[[Scored | Unread], None]
OnVerdict: TypeAlias = Callable[[Trial, Verdict], None]


def score_trials(
    detector: Detector,
    trials: Sequence[Trial],
    *,
    workers: int = 1,
    journal: Path | None = None,
    restart: bool = False,
    on_done: OnDone | None = None,
    on_verdict: OnVerdict | None = None,
) -> Iterator[Scored | Unread]:
    """Have the detector answer every trial, in order; what cannot be read does not stop the rest.

    Args:
        detector: who listens.
        trials: with different identities.
        workers: recordings that are listened to at the same time.
        journal: file in which answers are kept as they come. Answers that it holds already are
            taken from it, and those trials are not listened to again.
        restart: forget what stands in the journal.
        on_done: is called for each outcome, recalled ones too, before it is given out.
        on_verdict: is called with all that was said of each trial that was listened to now.

    Raises:
        SettingsError: the journal belongs to another evaluation, or cannot be written.
    """
    asked = what_is_asked(detector, trials)
    keeper = journals.opened(journal, asked, restart=restart) if journal else nullcontext(None)
    with keeper as kept:
        for outcome in _outcomes(detector, trials, kept, workers, on_verdict):
            if on_done is not None:
                on_done(outcome)
            yield outcome


def already_scored(detector: Detector, trials: Sequence[Trial], journal: Path | None) -> int:
    """Count the trials that a journal has an answer to, so that nobody listens to them again.

    Raises:
        SettingsError: the journal belongs to another evaluation.
    """
    if journal is None or not journal.exists():
        return 0
    with journals.opened(journal, what_is_asked(detector, trials)) as kept:
        return sum(kept.recall(trial) is not None for trial in trials)


def what_is_asked(detector: Detector, trials: Sequence[Trial]) -> journals.Asked:
    """Say what an evaluation asks: of whom, with which settings, about what."""
    point = detector.point
    settings = config.digest(
        [detector.settings_hash(), point.name, point.threshold, earwitness.__version__]
    )
    return journals.Asked(detector.card.name, settings, journals.hash_of_trials(trials))


def _outcomes(
    detector: Detector,
    trials: Sequence[Trial],
    kept: Journal | None,
    workers: int,
    on_verdict: OnVerdict | None,
) -> Iterator[Scored | Unread]:
    known = {} if kept is None else {t.id: kept.recall(t) for t in trials}
    paths = (trial.path for trial in trials if known.get(trial.id) is None)
    answers = detector.detect_many(paths, workers=workers)
    for trial in trials:
        recalled = known.get(trial.id)
        if recalled is not None:
            yield recalled
            continue
        found = next(answers)
        if on_verdict is not None and isinstance(found, Verdict):
            on_verdict(trial, found)
        outcome = outcome_of(trial, found, is_calibrated=detector.calibration is not None)
        if kept is not None:
            kept.keep(outcome)
        yield outcome


def outcome_of(trial: Trial, found: Verdict | Failure, *, is_calibrated: bool) -> Scored | Unread:
    """Take what an evaluation needs from what a detector said."""
    if isinstance(found, Failure):
        return Unread(trial, found.code, found.message)
    # Where nothing could be scored, the sound speaks for neither side: that is an LLR of 0.
    llr = 0.0 if found.llr is None and is_calibrated else found.llr
    return Scored(
        trial,
        raw_score=found.raw_score,
        llr=llr,
        answer=found.answer,
        reasons=found.reasons,
        duration_s=found.facts.duration_s,
        speech_s=found.speech_s,
    )
