"""An uploaded archive of Real and Fake → the report that ``earwitness evaluate`` would write."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from earwitness.apps.web.hearing import Ask, OnShare, detector_of
from earwitness.apps.web.unpacking import Limits, unpack
from earwitness.audio.apart import open_apart
from earwitness.detector import Detector
from earwitness.errors import AudioError, EarwitnessError
from earwitness.evaluation import setups
from earwitness.evaluation.audit.cheap import cheap_leaks
from earwitness.evaluation.curves import trace
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.questions import Questions, questions
from earwitness.evaluation.records import Evaluation, Remark, Scored, Unread
from earwitness.evaluation.scoring import outcome_of
from earwitness.records import Failure, Trial, Verdict
from earwitness.reporting.evaluations import run_folder
from earwitness.reporting.evaluations._story import headline

_LISTENING = 0.95  # share of the time; the rest goes into figures


@dataclass(frozen=True)
class Evaluated:
    """What came of it.

    Attributes:
        headline: the figure in words.
        page: the report.
        files: a zip of all that belongs to it.
    """

    headline: str
    page: str
    files: Path


def evaluated(archive: Path, ask: Ask, limits: Limits, files: Path, on_share: OnShare) -> Evaluated:
    """Unpack, listen to every recording, measure, and write the report.

    Args:
        archive: a zip of two folders, Real and Fake.
        ask: of whom, and under which name.
        limits: of what may come out of the archive.
        files: the zip that is written.
        on_share: is told which share is done, 0 to 1.

    Raises:
        EarwitnessError: one sentence on what is wrong with the archive.
    """
    with TemporaryDirectory(dir=files.parent) as place:
        folder = Path(place) / "in"
        try:
            root = unpack(archive, folder, limits, name=ask.name)
            asked = questions(root)
            found = _measured(detector_of(ask), asked, ask, on_share)
            out = Path(place) / "report"
            run_folder.write(found, trace(found), out, asked=asked.trials)
        except EarwitnessError as error:
            raise type(error)(_without_paths(str(error), folder, ask.name)) from error
        shutil.make_archive(str(files.with_suffix("")), "zip", out)
        page = (out / run_folder.PAGE).read_text("utf-8")
        return Evaluated(headline(found), page, files)


def _measured(detector: Detector, asked: Questions, ask: Ask, on_share: OnShare) -> Evaluation:
    scored, unread = _heard(detector, asked, on_share)
    stem = Path(ask.name).stem
    command = shlex.join(["earwitness", "evaluate", stem, "--model", detector.card.name])
    if detector.calibration is not None:
        command += f" --operating-point {shlex.quote(ask.operating_point)}"
    setup = setups.of_detector(
        detector, replace(asked, root=Path(stem)), command=command, date=date.today().isoformat()
    )
    remarks = (
        *(Remark("left_out", {"says": sentence}) for sentence in asked.remarks),
        *cheap_leaks(asked.trials, None),
    )
    plan = Plan(kin=asked.kin, groups=asked.groups, remarks=remarks)
    return evaluate(setup, scored, unread, plan)


def _heard(
    detector: Detector, asked: Questions, on_share: OnShare
) -> tuple[Sequence[Scored], Sequence[Unread]]:
    scored: list[Scored] = []
    unread: list[Unread] = []
    for trial in asked.trials:
        found = _answered(detector, trial)
        outcome = outcome_of(trial, found, is_calibrated=detector.calibration is not None)
        if isinstance(outcome, Scored):
            scored.append(outcome)
        else:
            unread.append(outcome)
        on_share(_LISTENING * (len(scored) + len(unread)) / len(asked.trials))
    return scored, unread


def _answered(detector: Detector, trial: Trial) -> Verdict | Failure:
    """Listen as ``Detector.detect_many`` does, but decode in a process of its own."""
    try:
        with open_apart(trial.path, sample_rate=detector.sample_rate, name=trial.id) as recording:
            return detector.judge(recording)
    except AudioError as error:
        return Failure(trial.id, error.code, str(error))


def _without_paths(message: str, folder: Path, name: str) -> str:
    """Tell of the archive, not of where it lay for a minute."""
    return message.replace(f"{folder}/", "").replace(str(folder), name)
