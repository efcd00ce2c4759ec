"""``evaluate --scores FILE --key FILE``: measure scores that somebody computed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from earwitness.apps.cli import _evaluating_folder
from earwitness.apps.cli._evaluating_end import conclude, plan_of, tell_remark
from earwitness.apps.cli._evaluating_wishes import Wishes
from earwitness.errors import ProtocolError
from earwitness.evaluation import setups
from earwitness.evaluation.joining import join
from earwitness.evaluation.questions import Questions, default_partition, refuse_one_label
from earwitness.evaluation.score_files import read_key, read_scores
from earwitness.protocols import PROTOCOLS
from earwitness.records import Trial

_OF_ONES_OWN = "manifest"  # the protocol of lists that follow no corpus
_EQUAL_ODDS = 0.0
ALL = "all"


def of_scores(wishes: Wishes, scores: Path, key: Path) -> int:
    """Evaluate a score file; gives the exit code."""
    trials = read_key(key, wishes.protocol)
    asked = _asked(wishes, key, trials)
    plan = plan_of(wishes, asked)
    joined = join(
        read_scores(scores),
        asked.trials,
        {trial.id for trial in trials},
        are_llrs=wishes.llr,
        is_partial=wishes.partial,
    )
    _evaluating_folder.prepare(wishes.out, restart=wishes.restart, has_journal=False)
    for remark in joined.remarks:
        tell_remark(remark, is_quiet=wishes.quiet)
    setup = setups.of_scores(
        scores.name,
        asked,
        is_calibrated=wishes.llr,
        threshold=_EQUAL_ODDS if wishes.llr and wishes.threshold is None else wishes.threshold,
        command=wishes.command(partition=asked.partition),
        date=date.today().isoformat(),
    )
    return conclude(wishes, setup, joined.scored, (), replace(plan, remarks=joined.remarks))


def _asked(wishes: Wishes, key: Path, trials: Sequence[Trial]) -> Questions:
    name = (wishes.protocol or _OF_ONES_OWN).replace("-", "_")
    known = PROTOCOLS.get(name)()
    there = tuple(dict.fromkeys(trial.partition for trial in trials))
    chosen = wishes.partition or default_partition(there, where=str(key), looks_for=known.looks_for)
    if chosen not in (*there, ALL):
        names = " or ".join(there)
        raise ProtocolError(f"{key}: there is no partition '{chosen}'. Use {names}.")
    asked = tuple(trial for trial in trials if chosen in (ALL, trial.partition))
    refuse_one_label(asked, where=f"{key}, {chosen}")
    return Questions(key, name, chosen, there, asked, known.kin, known.groups)
