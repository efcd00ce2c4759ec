"""Which trials hold the same recording, or a copy of it that keeps the timing: kin stay together.

A vocoded copy of a recording, a second coding of it, or the same clip on another page must not
stand on both sides of a split. Prints find such pairs; whoever is linked by pairs is one family.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from earwitness.audio.read import open_recording
from earwitness.errors import AudioError
from earwitness.evaluation.audit.copies import find
from earwitness.evaluation.audit.hearing.prints import RATE, Print, print_of
from earwitness.records import Samples, Trial

Pairs = list[tuple[int, int]]


def kin_pairs(
    trials: Sequence[Trial],
    *,
    on_clip: Callable[[int, int], None] = lambda _done, _all: None,
    skips_unreadable: bool = False,
) -> Pairs:
    """Find the pairs of trials that have a recording in common.

    Args:
        trials: their audio is read.
        on_clip: told (clips heard, clips in all).
        skips_unreadable: a clip that cannot be read is nobody's kin, instead of an error.

    Returns:
        Pairs of numbers of trials, the smaller first.

    Raises:
        AudioError: a clip cannot be read.
    """
    numbers, digests, prints = [], [], []
    for number, trial in enumerate(trials):
        try:
            digest, print_ = _heard(trial)
        except AudioError:
            if not skips_unreadable:
                raise
            continue
        numbers.append(number)
        digests.append(digest)
        prints.append(print_)
        on_clip(number + 1, len(trials))
    pairs = find(digests, prints, lambda at: _samples(trials[numbers[at]]))
    return sorted({(numbers[pair.one], numbers[pair.other]) for pair in pairs})


def families(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Number the families: trials linked by pairs, directly or through others, share a number.

    Args:
        count: of trials.
        pairs: numbers of trials that belong together.

    Returns:
        For each trial the smallest number in its family.

    Example:
        >>> families(5, [(0, 3), (3, 4)])
        [0, 1, 2, 0, 0]
    """
    root = list(range(count))

    def top(member: int) -> int:
        while root[member] != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        root[high] = low
    return [top(member) for member in range(count)]


def _heard(trial: Trial) -> tuple[str, Print]:
    sound = _samples(trial)
    return hashlib.sha256(sound.tobytes()).hexdigest(), print_of(sound)


def _samples(trial: Trial) -> Samples:
    with open_recording(trial.path, sample_rate=RATE) as recording:
        return np.concatenate([np.empty(0, np.float32), *recording.blocks()])
