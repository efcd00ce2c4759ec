"""The part of an audit that headers and names allow, quick enough for every evaluation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from earwitness.errors import AudioError
from earwitness.evaluation.audit import features, sharing
from earwitness.evaluation.audit.asking.judging import judge
from earwitness.evaluation.audit.asking.records import Level, Telling
from earwitness.evaluation.audit.asking.task import task
from earwitness.evaluation.audit.hearing.glance import Glance, glance
from earwitness.evaluation.records import Remark
from earwitness.records import Label, Trial

_SEED = 4
_CHUNK = 2**20


def cheap_leaks(trials: Sequence[Trial], kin: Sequence[str] | None = None) -> tuple[Remark, ...]:
    """Tell what headers, names and equal files give away, in less than a millisecond a clip.

    Clips that cannot be opened are passed over: whoever scores them reports them.

    Args:
        trials: of one partition or several.
        kin: for each trial, the page (speaker, source) that it comes from; None if nobody knows.

    Returns:
        Remarks of the code "leak" (facts: column, auc, low, high, n_bona_fide, n_spoof, value,
        bona_fide, spoof: the value that leans most and its shares, or an empty value and the
        medians), "same_bytes" (sets, clips, across_labels, across_partitions, one, other),
        "same_names" (names, across_labels, one, other).
    """
    seen = [_glance(trial) for trial in trials]
    found = [
        *_leaks(trials, seen, kin),
        *_same_bytes(trials, seen),
        *_same_names(trials),
    ]
    return tuple(found)


def _glance(trial: Trial) -> Glance | None:
    try:
        return glance(trial.path)
    except AudioError:
        return None


def _leaks(
    trials: Sequence[Trial], seen: Sequence[Glance | None], kin: Sequence[str] | None
) -> Iterator[Remark]:
    rows = [row for row, one in enumerate(seen) if one is not None]
    key = np.array([trials[row].label is Label.BONA_FIDE for row in rows], np.bool_)
    if key.all() or not key.any():
        return
    columns = features.of_headers([one for one in seen if one is not None])
    groups = None if kin is None else [kin[row] for row in rows]
    rng = np.random.default_rng(_SEED)
    asked = task(key, [trials[row].partition for row in rows], groups, rng=rng)
    for told in judge(columns, asked, rng).tellings:
        if told.level is Level.LEAK:
            yield _leak(told)


def _leak(told: Telling) -> Remark:
    auc, contrast = told.auc, told.contrast
    assert contrast is not None
    return Remark(
        "leak",
        {
            "column": told.name,
            "auc": float(auc.value or 0.0),
            "low": float(auc.low or 0.0),
            "high": float(auc.high or 1.0),
            "n_bona_fide": auc.n_bona_fide,
            "n_spoof": auc.n_spoof,
            "value": contrast.value,
            "bona_fide": contrast.bona_fide,
            "spoof": contrast.spoof,
        },
    )


def _same_bytes(trials: Sequence[Trial], seen: Sequence[Glance | None]) -> Iterator[Remark]:
    sets = _equal_files(trials, seen)
    if not sets:
        return
    across = [same for same in sets if len({trial.label for trial in same}) > 1]
    parted = [same for same in sets if len({trial.partition for trial in same}) > 1]
    example = (across or parted or sets)[0]
    facts: dict[str, str | int | float] = {
        "sets": len(sets),
        "clips": sum(map(len, sets)),
        "across_labels": len(across),
        "across_partitions": len(parted),
        "one": example[0].id,
        "other": example[-1].id,
    }
    yield Remark("same_bytes", facts)


def _equal_files(trials: Sequence[Trial], seen: Sequence[Glance | None]) -> list[list[Trial]]:
    """Hash the files that have their size in common."""
    by_size: dict[int, list[Trial]] = {}
    for trial, one in zip(trials, seen, strict=True):
        if one is not None:
            by_size.setdefault(one.size, []).append(trial)
    by_hash: dict[str, list[Trial]] = {}
    for same_size in by_size.values():
        for trial in same_size if len(same_size) > 1 else []:
            by_hash.setdefault(_hash(trial), []).append(trial)
    return [same for digest, same in by_hash.items() if digest and len(same) > 1]


def _hash(trial: Trial) -> str:
    digest = hashlib.blake2b(digest_size=16)
    try:
        with trial.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _same_names(trials: Sequence[Trial]) -> Iterator[Remark]:
    """Tell of base names under both labels, which only the path keeps apart."""
    found = sharing.collisions(trials)
    across = [one for one in found if one.level is Level.WARNING]
    if across:
        facts: dict[str, str | int | float] = {
            "names": len(found),
            "across_labels": len(across),
            "one": across[0].ids[0],
            "other": across[0].ids[-1],
        }
        yield Remark("same_names", facts)
