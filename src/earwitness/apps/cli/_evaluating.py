"""``evaluate DATASET``: listen to every trial, measure, report; a killed one goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from earwitness.apps.cli import _evaluating_folder
from earwitness.apps.cli._evaluating_end import conclude, plan_of, tell, tell_remark
from earwitness.apps.cli._evaluating_wishes import Wishes
from earwitness.apps.cli._loading import loaded
from earwitness.apps.cli._localising import Segments
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import only_our_words
from earwitness.detector import Detector
from earwitness.evaluation import journal, setups
from earwitness.evaluation.audit.cheap import cheap_leaks
from earwitness.evaluation.overlap import calibrated_on, overlaps
from earwitness.evaluation.pools import cluster_of, kin_among
from earwitness.evaluation.questions import Questions, questions
from earwitness.evaluation.records import Remark, Scored, Unread
from earwitness.evaluation.scoring import OnVerdict, already_scored, score_trials
from earwitness.records import Label, Trial
from earwitness.weights import store

_MOST_TOLD = 10  # faults of recordings, one by one


def of_data(wishes: Wishes, dataset: Path) -> int:
    """Evaluate a detector on a data set; gives the exit code."""
    asked = questions(dataset, protocol=wishes.protocol, partition=wishes.partition)
    plan = plan_of(wishes, asked)
    segments = Segments.read(wishes, asked)
    detector = loaded(
        wishes.model,
        operating_point=wishes.operating_point,
        threads=wishes.threads,
        device=wishes.device,
        precision=wishes.precision,
    )
    _evaluating_folder.prepare(wishes.out, restart=wishes.restart, has_journal=True)
    tell(_what(asked), is_quiet=wishes.quiet)
    known = tuple(_known_before(detector, asked, wishes.model))
    for remark in known:
        tell_remark(remark, is_quiet=wishes.quiet)
    scored, unread = _heard(wishes, detector, asked.trials, segments.keep if segments else None)
    command = wishes.command(protocol=asked.protocol, partition=asked.partition)
    setup = setups.of_detector(detector, asked, command=command, date=date.today().isoformat())
    located = segments.located(detector, setup, unread, known) if segments else None
    plan = replace(plan, remarks=known)
    return conclude(wishes, setup, scored, unread, plan, asked, located)


def _what(asked: Questions) -> str:
    """Say what was found and which part of it is asked, before the long wait."""
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in asked.trials)
    told = (
        f"{asked.protocol}, {asked.partition}: {len(asked.trials):,} trials "
        f"({bona_fide:,} bona fide, {len(asked.trials) - bona_fide:,} spoof)"
    )
    others = [name for name in asked.partitions if name != asked.partition]
    return f"{told}; there are also {', '.join(others)}." if others else f"{told}."


def _known_before(detector: Detector, asked: Questions, model: str | None) -> Iterator[Remark]:
    yield from overlaps(detector.card.trained_on, asked.protocol, asked.partition)
    fitted_on = store.fitted_on(model)
    yield from calibrated_on(detector.card.calibration, fitted_on, asked.trials)
    yield from (Remark("left_out", {"says": sentence}) for sentence in asked.remarks)
    yield from cheap_leaks(asked.trials, _kin(asked))


def _kin(asked: Questions) -> list[str] | None:
    """Name what each trial shares with its kin, where the data set tells."""
    nameless = [Scored(trial, None, None) for trial in asked.trials]
    column = kin_among(nameless, asked.kin).column
    return None if column is None else [cluster_of(one, column) for one in nameless]


def _heard(
    wishes: Wishes, detector: Detector, trials: Sequence[Trial], on_verdict: OnVerdict | None
) -> tuple[list[Scored], list[Unread]]:
    kept = wishes.out and wishes.out / journal.NAME
    before = 0 if wishes.restart else already_scored(detector, trials, kept)
    if before:
        tell(f"{before:,} of {len(trials):,} are scored already.", is_quiet=wishes.quiet)
    with only_our_words(), Shown(len(trials), is_wanted=not wishes.quiet) as shown:
        outcomes = score_trials(
            detector,
            trials,
            workers=wishes.workers or 1,
            journal=kept,
            restart=wishes.restart,
            on_done=lambda _: shown.counts(),
            on_verdict=on_verdict,
        )
        with _told_that_it_can_go_on(shown, is_kept=kept is not None):
            return _parted(outcomes, shown)


def _parted(outcomes: Iterable[Scored | Unread], shown: Shown) -> tuple[list[Scored], list[Unread]]:
    """Tell the unread from the others, and tell of each as it comes."""
    scored: list[Scored] = []
    unread: list[Unread] = []
    for outcome in outcomes:
        if isinstance(outcome, Scored):
            scored.append(outcome)
            continue
        unread.append(outcome)
        if len(unread) <= _MOST_TOLD:
            with shown.aside():
                tell(outcome.message)
    if len(unread) > _MOST_TOLD:
        tell(f"{len(unread) - _MOST_TOLD:,} more could not be read; --out lists them all.")
    return scored, unread


@contextmanager
def _told_that_it_can_go_on(shown: Shown, *, is_kept: bool) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if is_kept:
            with shown.aside():
                tell("What was scored is kept: the same command goes on from here.")
        raise
