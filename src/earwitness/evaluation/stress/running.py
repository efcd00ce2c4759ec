"""Trials and conditions → what the detector says of each, seeded, resumable.

A clip is read once and heard as it is, then under every condition, through ``detector.detect``. All
chance of a condition comes from (seed, condition, trial), so that a trial's sound is the same to
the bit in whatever order, and by however many workers, it is heard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from earwitness import __version__, config
from earwitness.detector import Detector
from earwitness.errors import AudioError
from earwitness.evaluation import journal as journals
from earwitness.evaluation.journal import Asked, Journal
from earwitness.evaluation.records import Scored, Unread
from earwitness.evaluation.scoring import outcome_of, what_is_asked
from earwitness.evaluation.stress.clips import Crowd, gather, read_clip
from earwitness.evaluation.stress.families import Clip, Condition
from earwitness.evaluation.stress.records import CLEAN, Tried
from earwitness.records import Samples, Trial, Waveform
from earwitness.runtimes.side_by_side import Checkpoint, side_by_side

Said = dict[str, Scored | None]  # condition → answer; None where the clip cannot meet it


@dataclass(frozen=True)
class Plan:
    """What is asked of a detector.

    Attributes:
        trials: with different identities.
        conditions: that this machine can make, with different names.
        kin_of: trial → what it shares with its kin.
        seed: of all chance.
    """

    trials: Sequence[Trial] = field(repr=False)
    conditions: Sequence[Condition] = field(repr=False)
    kin_of: Callable[[Trial], str]
    seed: int


def stress(
    detector: Detector,
    plan: Plan,
    *,
    workers: int = 1,
    journal: Path | None = None,
    restart: bool = False,
) -> Iterator[Tried | Unread]:
    """Have a detector answer trials as they are and under conditions, in the trials' order.

    Args:
        detector: who listens.
        plan: what is asked.
        workers: trials that are listened to at the same time.
        journal: file in which answers are kept as they come, and found again.
        restart: forget what stands in the journal.

    Returns:
        What was said of each trial, and in its place the failure of one that cannot be read.

    Raises:
        SettingsError: the journal belongs to another test, or cannot be written.
    """
    asked = _asked(detector, plan)
    keeper = journals.opened(journal, asked, restart=restart) if journal else nullcontext(None)
    with keeper as kept:
        known = [_Known(trial, _recalled(trial, plan, kept)) for trial in plan.trials]
        crowd = _crowd(known, plan, detector.sample_rate)
        answers = side_by_side(_Listener(detector, plan, crowd).answer, known, workers=workers)
        for before, now in zip(known, answers, strict=True):
            if kept is not None and isinstance(now, Tried):
                _keep(kept, before.said, now)
            yield now


def chance(seed: int, condition: str, trial: str) -> np.random.Generator:
    """Give the generator of one condition on one trial.

    Example:
        >>> [int(chance(1, "noise", "a.wav").integers(100)) for _ in range(2)]
        [85, 85]
    """
    name = f"{seed}\t{condition}\t{trial}".encode(errors="surrogateescape")
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name).digest()[:16], "little"))


def within_full_scale(samples: Samples) -> Samples:
    """Turn a sound that exceeds full scale down as a whole: no file could hold it.

    Example:
        >>> within_full_scale(np.array([0.5, -2.0], np.float32))
        array([ 0.25, -1.  ], dtype=float32)
    """
    peak = np.abs(samples).max(initial=0)
    return samples / peak if peak > 1 else samples


@dataclass(frozen=True)
class _Known:
    """A trial, and what a journal knows of it already."""

    trial: Trial
    said: Said

    def lacks(self, plan: Plan) -> list[Condition]:
        return [condition for condition in plan.conditions if condition.name not in self.said]

    def is_done(self, plan: Plan) -> bool:
        return CLEAN in self.said and not self.lacks(plan)


class _Listener:
    def __init__(self, detector: Detector, plan: Plan, crowd: Crowd) -> None:
        self._detector = detector
        self._plan = plan
        self._crowd = crowd

    def answer(self, known: _Known, checkpoint: Checkpoint) -> Tried | Unread:
        """Hear what is not known yet of one trial."""
        said = dict(known.said)
        try:
            if not known.is_done(self._plan):
                said |= self._heard(known, checkpoint)
        except AudioError as error:
            return Unread(known.trial, error.code, str(error))
        return _tried(said, self._plan)

    def _heard(self, known: _Known, checkpoint: Checkpoint) -> Said:
        trial = known.trial
        others = self._crowd.around(self._plan.kin_of(trial))
        clip = read_clip(trial.path, sample_rate=self._detector.sample_rate, others=others)
        said: Said = {} if CLEAN in known.said else {CLEAN: self._said(trial, clip.samples)}
        for condition in known.lacks(self._plan):
            checkpoint()
            said[condition.name] = self._under(condition, trial, clip)
        return said

    def _under(self, condition: Condition, trial: Trial, clip: Clip) -> Scored | None:
        sound = condition.apply(clip, chance(self._plan.seed, condition.name, trial.id))
        return None if sound is None else self._said(trial, within_full_scale(sound))

    def _said(self, trial: Trial, samples: Samples) -> Scored:
        sound = Waveform(samples, self._detector.sample_rate, source=str(trial.path))
        verdict = self._detector.detect(sound)
        is_calibrated = self._detector.calibration is not None
        outcome = outcome_of(trial, verdict, is_calibrated=is_calibrated)
        assert isinstance(outcome, Scored)
        return outcome


def _tried(said: Mapping[str, Scored | None], plan: Plan) -> Tried:
    clean = said[CLEAN]
    assert clean is not None
    return Tried(clean, {condition.name: said[condition.name] for condition in plan.conditions})


def _crowd(known: Sequence[_Known], plan: Plan, sample_rate: int) -> Crowd:
    """Gather voices, unless there is nothing left to hear."""
    if all(one.is_done(plan) for one in known):
        return Crowd()
    return gather(plan.trials, plan.kin_of, sample_rate=sample_rate, seed=plan.seed)


def _asked(detector: Detector, plan: Plan) -> Asked:
    """Say what is asked; conditions may be added to a journal later, trials may not."""
    asked = what_is_asked(detector, plan.trials)
    kin = [plan.kin_of(trial) for trial in plan.trials]
    return replace(
        asked,
        settings=config.digest([asked.settings, plan.seed, __version__]),
        trials=config.digest([asked.trials, kin]),
    )


def _recalled(trial: Trial, plan: Plan, kept: Journal | None) -> Said:
    if kept is None:
        return {}
    names = (CLEAN, *(condition.name for condition in plan.conditions))
    found = {name: kept.recall(_named(trial, name)) for name in names}
    return {
        name: None if _is_unmet(one) else replace(one, trial=trial)
        for name, one in found.items()
        if one is not None
    }


def _keep(kept: Journal, known: Said, now: Tried) -> None:
    for name, said in {CLEAN: now.clean, **now.under}.items():
        if name not in known:
            trial = _named(now.trial, name)
            kept.keep(Scored(trial, None, None) if said is None else replace(said, trial=trial))


def _named(trial: Trial, condition: str) -> Trial:
    """Give a trial under a condition an identity of its own, for the journal."""
    return replace(trial, id=f"{condition}:{trial.id}")


def _is_unmet(said: Scored) -> bool:
    """Tell what stands in a journal for "cannot meet the condition": every answer has a word."""
    return said.answer is None
