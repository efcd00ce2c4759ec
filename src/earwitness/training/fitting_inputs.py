"""What a fine-tuning is given, looked through before anything is computed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import ProtocolError, SettingsError
from earwitness.records import Label, Trial

KIN = ("speaker", "source", "page")  # columns by which clips belong together, best first
_FEW = 3


def refuse_lacking(parts: Mapping[str, Sequence[Trial]]) -> None:
    """See to it that each part has clips of both labels.

    Args:
        parts: name of a part → its trials.

    Raises:
        ProtocolError: one is empty, or has one label only.
    """
    for name, trials in parts.items():
        if not trials:
            raise ProtocolError(f"The {name} part is empty: there is no clip in it.")
        bona_fide = sum(trial.label is Label.BONA_FIDE for trial in trials)
        if not 0 < bona_fide < len(trials):
            raise ProtocolError(
                f"The {name} part has {bona_fide:,} bona fide and {len(trials) - bona_fide:,} "
                "spoof clips; both are needed."
            )


def refuse_overlap(parts: Mapping[str, Sequence[Trial]]) -> None:
    """See to it that no recording is in two parts, by its place or by its bytes.

    Args:
        parts: name of a part → its trials.

    Raises:
        ProtocolError: it says how many are.
    """
    prints = {name: _prints(trials) for name, trials in _with_doubles(parts).items()}
    for one, two in combinations(parts, 2):
        both = prints[one].keys() & prints[two].keys()
        if both:
            shown = ", ".join(sorted(prints[one][key] for key in both)[:_FEW])
            more = f" and {len(both) - _FEW:,} more" if len(both) > _FEW else ""
            raise ProtocolError(
                f"{len(both):,} recordings are in the {one} part and in the {two} part: "
                f"{shown}{more}. What was heard in training measures nothing; take them out, or "
                "say --allow-overlap."
            )


def limited(trials: Sequence[Trial], limit: int | None, *, seed: int) -> list[Trial]:
    """Choose so many trials at random, half of each label as far as there are, in their order.

    Raises:
        SettingsError: the limit is below two, one for each label.
    """
    if limit is None or limit >= len(trials):
        return list(trials)
    if limit < len(Label):
        raise SettingsError(f"limit must be at least 2, but got {limit}.")
    rng = np.random.default_rng(seed)
    is_bona_fide = np.array([trial.label is Label.BONA_FIDE for trial in trials])
    halves = [rng.permutation(np.flatnonzero(is_bona_fide == one)) for one in (True, False)]
    smaller = min(limit // 2, *(len(half) for half in halves))
    chosen = np.concatenate([half[:smaller] for half in halves])
    rest = rng.permutation(np.concatenate([half[smaller:] for half in halves]))
    chosen = np.sort(np.concatenate([chosen, rest[: limit - len(chosen)]]))
    return [trials[number] for number in chosen]


def halved(trials: Sequence[Trial], *, seed: int) -> tuple[list[Trial], list[Trial]]:
    """Split a set in two, so that what belongs together (speaker, source) stays together.

    Returns:
        What may be heard in training, and what is scored only.
    """
    column = next((one for one in KIN if all(one in trial.meta for trial in trials)), None)
    names = [trial.meta[column] if column else trial.id for trial in trials]
    heard = _half_of(names, [trial.label is Label.BONA_FIDE for trial in trials], seed=seed)
    pairs = list(zip(trials, names, strict=True))
    return (
        [trial for trial, name in pairs if name in heard],
        [trial for trial, name in pairs if name not in heard],
    )


def _half_of(names: Sequence[str], are_bona_fide: Sequence[bool], *, seed: int) -> set[str]:
    """Choose names, one after the other, so that both halves have as many of each label."""
    counts: dict[str, NDArray[np.int64]] = {name: np.zeros(2, np.int64) for name in sorted(names)}
    for name, is_bona_fide in zip(names, are_bona_fide, strict=True):
        counts[name][int(is_bona_fide)] += 1
    totals, chosen, kin = np.zeros((2, 2), np.int64), set[str](), list(counts)
    for number in np.random.default_rng(seed).permutation(len(kin)):
        own = counts[kin[number]]
        excess = [np.abs(totals[side] + own - totals[1 - side]).sum() for side in (0, 1)]
        side = int(np.argmin(excess))
        totals[side] += own
        chosen |= {kin[number]} if side else set()
    return chosen


def _with_doubles(parts: Mapping[str, Sequence[Trial]]) -> dict[str, list[Trial]]:
    """Leave out recordings whose size no other part has: no need to read them."""
    sizes = {name: {_size(trial.path) for trial in trials} for name, trials in parts.items()}
    seen = Counter(size for own in sizes.values() for size in own)
    return {
        name: [trial for trial in trials if seen[_size(trial.path)] > 1]
        for name, trials in parts.items()
    }


def _prints(trials: Iterable[Trial]) -> dict[str, str]:
    """Give each recording a mark that only the same bytes have: mark → identity."""
    return {_mark(trial.path): trial.id for trial in trials}


def _mark(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return str(path.resolve())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
