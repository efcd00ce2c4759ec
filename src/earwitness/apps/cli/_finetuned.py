"""The end of a fine-tuning: start and result hear the same recordings, and what changed is told.

Both are loaded and listen as ``evaluate`` does it, by their raw scores: a result has no calibration
before somebody fits one.
Answers are kept in journals in the run's folder: a stopped one goes on, and what the start said
before training is not asked again at the end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from earwitness.apps.cli._evaluating_end import tell
from earwitness.apps.cli._loading import loaded
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import only_our_words
from earwitness.detector import Detector
from earwitness.evaluation.forgetting import (
    AFTER,
    BEFORE,
    BeforeAfter,
    Role,
    Scores,
    before_after,
    gained_lost,
    hear,
)
from earwitness.evaluation.questions import Questions, refuse_one_label
from earwitness.evaluation.records import Scored
from earwitness.reporting.finetunings import reports
from earwitness.reporting.finetunings.words import Finetuned, name_of_data

if TYPE_CHECKING:
    from earwitness.training.fitting_folder import Finished

HEARD = "heard"
_WHEN = {BEFORE: "the start", AFTER: "the result"}


@dataclass(frozen=True)
class Watched:
    """A data set that is scored before and after.

    Attributes:
        asked: the data set.
        role: what it is there for.
    """

    asked: Questions
    role: Role

    @property
    def name(self) -> str:
        """Name it in a few words."""
        name = name_of_data(str(self.asked.root))
        return name if len(self.asked.partitions) < 2 else f"{name} {self.asked.partition}"

    def without(self, ids: Collection[str]) -> Watched:
        """Leave out trials of a keep-set that training heard.

        Raises:
            ProtocolError: nothing is left of a label.
        """
        if self.role != "keep" or not ids:
            return self
        left = tuple(trial for trial in self.asked.trials if trial.id not in ids)
        refuse_one_label(left, where=f"{self.name}, without what was replayed")
        return replace(self, asked=replace(self.asked, trials=left))


@dataclass(frozen=True)
class Ends:
    """What is listened to at both ends of a fine-tuning.

    Attributes:
        model: the detector that is started from.
        out: folder of the run.
        watched: data sets.
        command: that repeats this.
        workers: recordings at the same time.
        threads: of the network's arithmetic.
        is_quiet: say nothing but results.
    """

    model: str | Path
    out: Path
    watched: tuple[Watched, ...]
    command: str = ""
    workers: int = 1
    threads: int = 1
    is_quiet: bool = False


def listen_before(ends: Ends) -> None:
    """Let the start answer all that is watched, before anything is trained."""
    _heard(ends, ends.model, BEFORE)


def conclude(ends: Ends, finished: Finished, *, recipe: str) -> Finetuned:
    """Say what a fine-tuning gained and lost, and write it into its folder.

    Args:
        ends: what is listened to.
        finished: what came of the run; clips of its keep-set that it replayed measure nothing,
            and are left out.
        recipe: its name.

    Returns:
        What is to be told; ``reports.as_lines`` and ``as_table`` tell it.
    """
    replayed = frozenset(finished.replayed)
    left = replace(ends, watched=tuple(one.without(replayed) for one in ends.watched))
    before = [
        replace(said, asked=one.asked, scored=_of(said, one))
        for said, one in zip(_heard(ends, ends.model, BEFORE), left.watched, strict=True)
    ]
    after = _heard(left, finished.detector, AFTER)
    rows = [
        before_after(one.name, one.role, old, new)
        for one, old, new in zip(left.watched, before, after, strict=True)
    ]
    told = _told(ends, finished, rows, recipe, before[0].setup.model)
    page = reports.write(told, ends.out)
    tell(f"The report: {page}", is_quiet=ends.is_quiet)
    return told


def _of(said: Scores, watched: Watched) -> tuple[Scored, ...]:
    wanted = {trial.id for trial in watched.asked.trials}
    return tuple(one for one in said.scored if one.trial.id in wanted)


def _told(
    ends: Ends, finished: Finished, rows: list[BeforeAfter], recipe: str, start: str
) -> Finetuned:
    targets = " and ".join(one.name for one in ends.watched if one.role == "target")
    notes = [finished.told, *_notes(finished)]
    return Finetuned(
        title=f"{start} fine-tuned on {targets} by the recipe {recipe}",
        found=gained_lost(rows),
        curve=finished.curve,
        chosen_epoch=finished.chosen_epoch,
        points=finished.points,
        facts=(
            ("Start", str(ends.model)),
            ("Recipe", f"{recipe} (recipe.json in this folder)"),
            ("Result", f"detector/ in this folder; weights of epoch {finished.chosen_epoch}"),
            *((one.name, f"{one.role}: {one.asked.root}") for one in ends.watched),
            ("Command", ends.command or "–"),
            ("Date", date.today().isoformat()),
        ),
        told=tuple(note for note in notes if note),
    )


def _notes(finished: Finished) -> list[str]:
    notes = []
    if finished.replayed:
        notes.append(
            f"{len(finished.replayed):,} clips of the keep-set were heard in training, and are in "
            "no figure here."
        )
    if finished.unread:
        notes.append(f"{len(finished.unread):,} clips could not be read, and were left out.")
    return notes


def _heard(ends: Ends, model: str | Path, when: str) -> list[Scores]:
    """Let a detector answer all that is watched; answers are kept as they come."""
    listener = loaded(str(model), threads=ends.threads)
    # Windows' LLRs are pooled in another way than raw scores, and the result has none yet: like is
    # compared with like.
    card = replace(listener.card, calibration=None, operating_points={})
    listener = Detector(card, listener.runtime, listener.point)
    folder = ends.out / HEARD
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, one in enumerate(ends.watched, start=1):
        tell(
            f"{_WHEN[when]} listens to {one.name}: {len(one.asked.trials):,} recordings",
            is_quiet=ends.is_quiet,
        )
        total = len(one.asked.trials)
        with only_our_words(), Shown(total, is_wanted=not ends.is_quiet) as shown:
            found.append(
                hear(
                    listener,
                    one.asked,
                    workers=ends.workers,
                    journal=folder / f"{when}-{number}-{one.role}.jsonl",
                    command=ends.command,
                    date=date.today().isoformat(),
                    on_done=lambda _, shown=shown: shown.counts(),  # type: ignore[misc]
                )
            )
    return found
