"""``calibrate``: have the detector listen, fit, write the new folder, and say what it is worth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from earwitness.apps.cli import _exits
from earwitness.apps.cli._evaluating_end import tell, tell_remark
from earwitness.apps.cli._loading import loaded
from earwitness.apps.cli._progress import Shown
from earwitness.apps.cli._writing import only_our_words
from earwitness.detector import Detector
from earwitness.errors import ProtocolError
from earwitness.evaluation.calibrating import Calibrated, Heard, calibrate, refuse_too_few
from earwitness.evaluation.journal import hash_of_trials
from earwitness.evaluation.overlap import overlaps
from earwitness.evaluation.questions import Questions, questions
from earwitness.evaluation.records import Unread
from earwitness.evaluation.scoring import score_trials
from earwitness.protocols import PROTOCOLS, recognise
from earwitness.records import Label, Trial, Verdict
from earwitness.reporting.evaluations import calibrations
from earwitness.runtimes import Device, Precision
from earwitness.weights import fitted, places, recalibrated, store
from earwitness.weights.cards import CalibrationTable
from earwitness.weights.folders import Way, refuse_unwritable

_CHOSEN, _REPORTING = "dev", "eval"
_WHOLE = ("folder", "manifest")  # what nobody split, we call "eval"


@dataclass(frozen=True)
class Wishes:
    """The command's arguments and options, as they were given; see its help."""

    model: str
    dataset: Path
    protocol: str | None = None
    partition: str | None = None
    out: Path | None = None
    link: bool = False
    few: bool = False
    allow_eval: bool = False
    workers: int = 1
    threads: int = 1
    device: Device | None = None
    precision: Precision | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Listened:
    """What listening brought: windows to fit on, and what could not be used."""

    heard: list[Heard]
    recordings: list[fitted.Recording]
    unread: list[Unread]
    speechless: int


def run(wishes: Wishes, *, as_json: bool) -> int:
    """Calibrate, write and tell; gives the exit code."""
    asked = _asked(wishes)
    detector = loaded(
        wishes.model,
        threads=wishes.threads,
        device=wishes.device,
        precision=wishes.precision,
    )
    folder = wishes.out or places.own_place() / f"{detector.card.name}_calibrated"
    refuse_unwritable(folder)
    tell(_what(asked), is_quiet=wishes.quiet)
    for remark in overlaps(detector.card.trained_on, asked.protocol, asked.partition):
        tell_remark(remark)
    listened = _listened(wishes, detector, asked.trials)
    found = calibrate(listened.heard, detector.policy, kin=asked.kin, is_few_enough=wishes.few)
    card = recalibrated.write(
        detector.card,
        _network(wishes.model, detector),
        folder,
        _fitted(asked, listened, found),
        "link" if wishes.link else _way(wishes.model),
    )
    left_out = len(listened.unread) + listened.speechless
    if as_json:
        table = calibrations.table(found, card, left_out=left_out)
        click.echo(json.dumps({"folder": str(folder), **table}, allow_nan=False))
    else:
        for line in calibrations.lines(found, card, left_out=left_out):
            click.echo(line)
    shown = card.name if wishes.out is None else folder
    tell(f"The detector lies in {folder}: --model {shown}", is_quiet=wishes.quiet)
    return _exits.UNREADABLE if listened.unread else _exits.DONE


def _asked(wishes: Wishes) -> Questions:
    """List the trials, and refuse those that are for reporting, and too few, before listening.

    Raises:
        ProtocolError: it is the partition for results.
        SettingsError: there are too few trials.
    """
    protocol = wishes.protocol or recognise(wishes.dataset)
    there = PROTOCOLS.get(protocol)().partitions(wishes.dataset)
    partition = wishes.partition or (_CHOSEN if _CHOSEN in there else None)
    asked = questions(wishes.dataset, protocol=protocol, partition=partition)
    if asked.partition == _REPORTING:
        _refuse_reporting(wishes, asked)
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in asked.trials)
    refuse_too_few(bona_fide, len(asked.trials) - bona_fide, is_few_enough=wishes.few)
    return asked


def _refuse_reporting(wishes: Wishes, asked: Questions) -> None:
    """Refuse what results are reported on; what nobody split is "eval" in name only."""
    is_whole = asked.protocol in _WHOLE and asked.partitions == (_REPORTING,)
    if not wishes.allow_eval and not is_whole:
        others = [name for name in asked.partitions if name != _REPORTING]
        hint = f"Take --partition {' or '.join(others)}" if others else "Take other recordings"
        raise ProtocolError(
            f"{wishes.dataset}: the partition 'eval' of {asked.protocol} is for reporting results, "
            f"and a detector that was calibrated on it flatters itself there. {hint}, or say "
            "--allow-eval."
        )
    tell(
        "!! Report no results of the calibrated detector on these recordings: it is fitted on "
        "them, and evaluate will say so.",
        is_quiet=wishes.quiet and is_whole,
    )


def _what(asked: Questions) -> str:
    bona_fide = sum(trial.label is Label.BONA_FIDE for trial in asked.trials)
    return (
        f"{asked.protocol}, {asked.partition}: {len(asked.trials):,} trials to calibrate on "
        f"({bona_fide:,} bona fide, {len(asked.trials) - bona_fide:,} spoof)."
    )


def _listened(wishes: Wishes, detector: Detector, trials: tuple[Trial, ...]) -> Listened:
    verdicts: dict[str, Verdict] = {}
    unread: list[Unread] = []
    with _shown(wishes, len(trials)) as shown:
        outcomes = score_trials(
            detector,
            trials,
            workers=wishes.workers,
            on_done=lambda _: shown.counts(),
            on_verdict=lambda trial, verdict: verdicts.update({trial.id: verdict}),
        )
        for outcome in outcomes:
            if isinstance(outcome, Unread):
                unread.append(outcome)
                with shown.aside():
                    tell(outcome.message)
    heard = [Heard(t, verdicts[t.id].segments) for t in trials if t.id in verdicts]
    spoken = [one for one in heard if one.windows]
    prints = [
        fitted.recording(one.trial.path, verdicts[one.trial.id].facts.sha256) for one in spoken
    ]
    recordings = [one for one in prints if one is not None]
    return Listened(spoken, recordings, unread, len(heard) - len(spoken))


@contextmanager
def _shown(wishes: Wishes, total: int) -> Iterator[Shown]:
    with only_our_words(), Shown(total, is_wanted=not wishes.quiet) as shown:
        yield shown


def _fitted(asked: Questions, listened: Listened, found: Calibrated) -> recalibrated.Fitted:
    trials = [one.trial for one in listened.heard]
    table = CalibrationTable(
        scale=found.line.scale,
        offset=found.line.offset,
        fitted_on=f"{asked.root.resolve().name} ({asked.protocol}, {asked.partition})",
        trials=len(trials),
        date=date.today().isoformat(),
        bona_fide=found.n_bona_fide,
        spoof=found.n_spoof,
        trials_hash=hash_of_trials(asked.trials),
    )
    figures = {
        f"{one.name}_cross_validated": float(one.value)
        for one in found.after
        if one.value is not None
    }
    return recalibrated.Fitted(table, found.points, frozenset(listened.recordings), figures)


def _network(model: str, detector: Detector) -> Path:
    place = store.here(model)
    if store.is_checkpoint(place):
        return Path(str(place))
    return store.locate(place).folder / detector.card.network


def _way(model: str) -> Way:
    """Share the network of a detector; a bare file may be written into by whoever trains."""
    return "copy" if store.is_checkpoint(store.here(model)) else "share"
