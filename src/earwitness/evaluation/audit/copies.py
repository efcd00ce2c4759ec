"""Clips that hold the same recording: found by their prints, proved by their waveforms.

Bits that two prints have in common vote for how the clips are to be lined up. What then differs in
few bits is decoded once more and correlated: the same recording (cut, coded, louder), or only the
same sentence at the same pace (a copy synthesis, which keeps the timing and not the waveform).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.audit.hearing.prints import HOP_S, Print, differing_share, likeness
from earwitness.records import Samples, Seconds

SAME = 0.85  # correlation from 300 to 3,000 Hz from which two clips are one recording
ALIKE = 0.33  # share of differing bits up to which two prints are of one sentence
_LEAST_SHARE = 0.5  # of the shorter clip that has to be in common
_LEAST_VOTES = 2
_MOST_SHIFT = 4096  # frames, more than the minute that a print is long
_PAIRS_AT_MOST = 2 * 10**7
_PLACES_AT_MOST = 3 * 10**7
_SPREAD = np.uint32(2654435761)  # Knuth's: neighbours among the patterns go far apart
_CROWD = 30  # clips' frames that may have a bit pattern in common before it says nothing
_HELD = 64  # waveforms that are kept while pairs are looked at

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two clips that have a recording, or at least a sentence, in common.

    Attributes:
        one, other: their numbers, the smaller first.
        likeness: of the waveforms, 0 to 1.
        overlap_s: how long the common part is, of the first minute; None for all of it.
        is_identical: every decoded sample is the same.
    """

    one: int
    other: int
    likeness: float
    overlap_s: Seconds | None = None
    is_identical: bool = False

    @property
    def is_same(self) -> bool:
        """Say whether it is one recording."""
        return self.likeness >= SAME


@dataclass(frozen=True)
class _Lined:
    """Two clips whose prints agree, and where the second begins in the first."""

    one: int
    other: int
    shift: int
    frames: int


def find(
    digests: Sequence[str], prints: Sequence[Print], waveform: Callable[[int], Samples | None]
) -> list[Pair]:
    """Find the clips that have a recording in common.

    Args:
        digests: hash of each clip's decoded samples; an empty one for a clip that was not read.
        prints: of each clip.
        waveform: decodes a clip again, at 8 kHz; None if that does not work any more.
    """
    pairs = list(_identical(digests))
    known = {(pair.one, pair.other) for pair in pairs}
    heard = lru_cache(_HELD)(waveform)
    for lined in _lined_up(prints):
        if (lined.one, lined.other) in known:
            continue
        first, second = heard(lined.one), heard(lined.other)
        if first is not None and second is not None:
            like = likeness(first, second, lined.shift)
            pairs.append(Pair(lined.one, lined.other, like, lined.frames * HOP_S))
    return pairs


def sets_of(pairs: Sequence[Pair], clips: int) -> list[list[int]]:
    """Join pairs to sets of clips that hold the same recording, largest first.

    Example:
        >>> sets_of([Pair(0, 2, 1.0), Pair(2, 3, 0.9)], 4)
        [[0, 2, 3]]
    """
    above = list(range(clips))

    def top(clip: int) -> int:
        while above[clip] != clip:
            above[clip] = above[above[clip]]
            clip = above[clip]
        return clip

    for pair in pairs:
        if pair.is_same:
            above[max(top(pair.one), top(pair.other))] = min(top(pair.one), top(pair.other))
    found: dict[int, list[int]] = {}
    for clip in range(clips):
        found.setdefault(top(clip), []).append(clip)
    return sorted((one for one in found.values() if len(one) > 1), key=lambda one: (-len(one), one))


def _identical(digests: Sequence[str]) -> Iterator[Pair]:
    first: dict[str, int] = {}
    for clip, digest in enumerate(digests):
        if digest and first.setdefault(digest, clip) != clip:
            yield Pair(first[digest], clip, 1.0, is_identical=True)


def _lined_up(prints: Sequence[Print]) -> Iterator[_Lined]:
    """Find the clips whose prints agree when they are lined up as most of their bits want it."""
    best: dict[tuple[int, int], _Lined] = {}
    least: dict[tuple[int, int], float] = {}
    for one, other, shift in _candidates(prints):
        shorter = min(len(prints[one]), len(prints[other]))
        for near in (shift - 1, shift, shift + 1):
            share, frames = differing_share(prints[one], prints[other], near)
            if frames < _LEAST_SHARE * shorter or share > ALIKE:
                continue
            if share < least.get((one, other), 1.0):
                least[one, other] = share
                best[one, other] = _Lined(one, other, near, frames)
    yield from (best[pair] for pair in sorted(best))


def _candidates(prints: Sequence[Print]) -> Iterator[tuple[int, int, int]]:
    """Give two clips and how to line them up, where that has two votes or more."""
    clip, frame, pattern = _places(prints)
    if not len(clip):
        return
    order = np.argsort(pattern, kind="stable")
    first, second = _meetings(pattern[order])
    first, second = order[first], order[second]
    swap = clip[first] > clip[second]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    keep = clip[first] != clip[second]
    first, second = first[keep], second[keep]
    shift = frame[first] - frame[second]
    width = 2 * _MOST_SHIFT
    code = (clip[first] * len(prints) + clip[second]) * width + (shift + _MOST_SHIFT)
    codes, votes = np.unique(code, return_counts=True)
    is_next = np.append(codes[1:] == codes[:-1] + 1, False)  # a shift between two frames
    votes = votes + np.where(is_next, np.append(votes[1:], 0), 0)
    for one in codes[votes >= _LEAST_VOTES].tolist():
        both, at = divmod(one, width)
        yield (*divmod(both, len(prints)), at - _MOST_SHIFT)


def _places(prints: Sequence[Print]) -> tuple[Index, Index, Print]:
    """List clip, frame and bits of all frames; of very many, those with every n-th pattern.

    Patterns are chosen by what they are, so the copies keep the same ones.
    """
    lengths = [len(one) for one in prints]
    pattern = np.concatenate([np.empty(0, np.uint32), *prints])
    every = np.uint32(1 + len(pattern) // _PLACES_AT_MOST)
    kept = (pattern * _SPREAD >> np.uint32(8)) % every == 0
    clip = np.repeat(np.arange(len(prints)), lengths)[kept]
    frame = np.concatenate([np.empty(0, np.int64), *map(np.arange, lengths)])[kept]
    return clip, frame, pattern[kept]


def _meetings(pattern: Print) -> tuple[Index, Index]:
    """Pair up the places that hold equal patterns; what too many share says nothing."""
    begins = np.flatnonzero(np.append(True, pattern[1:] != pattern[:-1]))
    counts = np.diff(np.append(begins, len(pattern)))
    firsts: list[Index] = []
    seconds: list[Index] = []
    pairs = 0
    for size in range(2, _CROWD + 1):
        starts = begins[counts == size]
        pairs += len(starts) * size * (size - 1) // 2
        if pairs > _PAIRS_AT_MOST and firsts:
            break
        for one, other in zip(*np.triu_indices(size, 1), strict=True):
            firsts.append(starts + one)
            seconds.append(starts + other)
    return np.concatenate(firsts), np.concatenate(seconds)
