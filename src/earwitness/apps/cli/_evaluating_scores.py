"""``evaluate --scores FILE --key FILE``: measure scores that somebody computed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from earwitness.apps.cli import _evaluating_folder
from earwitness.apps.cli._evaluating_end import conclude, plan_of
from earwitness.apps.cli._evaluating_wishes import Wishes
from earwitness.errors import ProtocolError
from earwitness.evaluation import setups
from earwitness.evaluation.joining import join
from earwitness.evaluation.questions import Questions, default_partition, refuse_one_label
from earwitness.evaluation.score_files import read_key
from earwitness.protocols import PROTOCOLS, recognise
from earwitness.records import Trial

_EQUAL_ODDS = 0.0  # the line between LLRs where none was chosen
_ALL = "all"


def of_scores(wishes: Wishes, scores: Path, key: Path) -> int:
    """Evaluate a score file; gives the exit code."""
    protocol = (wishes.protocol or recognise(key)).replace("-", "_")
    trials = read_key(key, protocol)
    asked = _asked(wishes, key, protocol, trials)
    plan = plan_of(wishes, asked)
    joined = join(scores, asked.trials, trials, are_llrs=wishes.llr, is_partial=wishes.partial)
    _evaluating_folder.prepare(wishes.out, restart=wishes.restart, has_journal=False)
    threshold = wishes.threshold
    if threshold is None and joined.is_calibrated:
        threshold = _EQUAL_ODDS
    setup = setups.of_scores(
        scores.name,
        asked,
        is_calibrated=joined.is_calibrated,
        threshold=threshold,
        command=wishes.command(protocol=protocol, partition=asked.partition),
        date=date.today().isoformat(),
    )
    plan = replace(plan, remarks=joined.remarks)
    return conclude(wishes, setup, joined.scored, joined.unread, plan, asked)


def _asked(wishes: Wishes, key: Path, protocol: str, trials: Sequence[Trial]) -> Questions:
    known = PROTOCOLS.get(protocol)()
    there = tuple(dict.fromkeys(trial.partition for trial in trials))
    chosen = wishes.partition or default_partition(there, where=str(key), looks_for=known.looks_for)
    if chosen not in (*there, _ALL):
        names = " or ".join(there)
        raise ProtocolError(f"{key}: there is no partition '{chosen}'. Use {names}.")
    asked = tuple(trial for trial in trials if chosen in (_ALL, trial.partition))
    refuse_one_label(asked, where=f"{key}, {chosen}")
    return Questions(key, protocol, chosen, there, asked, known.kin, known.groups)
