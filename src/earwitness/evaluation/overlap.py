"""Was a detector trained, or calibrated, on what it is measured on? Its folder says on what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earwitness.evaluation.journal import hash_of_trials
from earwitness.evaluation.records import Remark
from earwitness.records import Trial
from earwitness.weights import fitted
from earwitness.weights.cards import CalibrationTable

_ALL = "all"


def overlaps(trained_on: Sequence[str], protocol: str, partition: str) -> Iterator[Remark]:
    """Tell each entry of a card that covers the trials of this partition.

    Args:
        trained_on: as ``PROTOCOL/PARTITION``, or ``PROTOCOL`` for all of it.
        protocol: name of the protocol that is measured on.
        partition: of it.

    Example:
        >>> [remark.facts["trained_on"] for remark in overlaps(["pages/train"], "pages", "train")]
        ['pages/train']
        >>> list(overlaps(["pages/train"], "pages", "dev"))
        []
    """
    for entry in trained_on:
        name, _, part = entry.partition("/")
        if name != protocol:
            continue
        if part in ("", partition, _ALL) or partition == _ALL:
            facts = {"trained_on": entry, "protocol": protocol, "partition": partition}
            yield Remark("overlap", facts)


def calibrated_on(
    table: CalibrationTable | None,
    recordings: frozenset[fitted.Recording],
    trials: Sequence[Trial],
) -> Iterator[Remark]:
    """Tell that a calibration and its thresholds were fitted on what is measured now.

    Recordings are known again by size and content, whatever they are called. Where none is, the
    list of names and labels may still be the same: of the same recordings, coded anew.

    Args:
        table: of the detector's card.
        recordings: that it was fitted on, from the detector's folder.
        trials: that are measured.
    """
    if table is None:
        return
    count, by = fitted.among((trial.path for trial in trials), recordings), "content"
    if not count and table.trials_hash and table.trials_hash == hash_of_trials(trials):
        count, by = len(trials), "names"
    if count:
        facts: dict[str, str | int | float]
        facts = {"n": count, "of": len(trials), "fitted_on": table.fitted_on, "by": by}
        yield Remark("calibrated_on_these", facts)
