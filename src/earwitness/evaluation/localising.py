"""Timelines of recordings beside reference segments → how well the spoof is located.

Two questions: how well do the scores of windows tell spoofed time from bona fide time (segment EER,
range-based EER), and what do the suspicious stretches that a user sees find, and accuse wrongly?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earwitness.errors import ProtocolError
from earwitness.evaluation.located import Example, Kind, Localisation, Located
from earwitness.evaluation.pools import Kin, cluster_of, kin_among
from earwitness.evaluation.records import Measure, Scored, Setup, Unread
from earwitness.evaluation.rttm import Marked
from earwitness.evaluation.timelines import Outcome, Timeline
from earwitness.metrics import stretches as counting
from earwitness.metrics.bounds import eer_interval
from earwitness.metrics.intervals import Interval
from earwitness.metrics.localisation import (
    Pile,
    Region,
    by_frame,
    by_range,
    joined,
    localisation_interval,
)

FRAMES_MS = (20, 160)
_HOUR_S = 3600.0
_UNCALIBRATED = "uncalibrated"


def localise(
    outcomes: Sequence[Outcome],
    marked: Marked,
    *,
    setup: Setup,
    segments: str,
    kin: Sequence[str] = (),
    column: str = "",
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Localisation:
    """Measure how well spoof is located.

    Intervals come from resampling recordings together with their kin, as for all of an evaluation.

    Args:
        outcomes: of the trials.
        marked: their spoofed regions.
        setup: what the figures are to be read with; its clusters are filled in.
        segments: the reference, as the user gave it.
        kin: columns by which recordings belong together, best first.
        column: by which stretches are told apart, too; empty for none.
        rng: all chance comes from here.
        rounds: of the bootstrap.

    Raises:
        ProtocolError: nothing could be read, or a region begins after its recording's end.
    """
    timelines = [one for one in outcomes if isinstance(one, Timeline)]
    if not timelines:
        raise ProtocolError(f"{segments}: not one of the {len(outcomes)} recordings was read.")
    by = kin_among(list(map(_as_scored, timelines)), kin)
    heard = [_heard(one, marked.spoof[one.trial.id], by, segments) for one in timelines]
    draws = _Draws(rng, rounds)
    return Localisation(
        setup=replace(setup, clustered_by=by.column, clusters=by.clusters),
        segments=segments,
        recordings=len(heard),
        spoofed=sum(bool(one.spoof) for one in heard),
        regions=sum(len(one.spoof) for one in heard),
        bona_fide_s=sum(one.bona_fide_s for one in heard),
        spoof_s=sum(one.spoof_s for one in heard),
        unheard_spoof_s=sum(one.unheard_spoof_s for one in heard),
        figures=tuple(_figures(heard, draws)),
        column=column,
        kinds=tuple(_kinds(heard, column, draws)),
        examples=tuple(_examples(heard)),
        others=marked.others,
        unread=tuple(one for one in outcomes if isinstance(one, Unread)),
    )


@dataclass(frozen=True)
class _Draws:
    """Where chance comes from, and how often it is asked."""

    rng: np.random.Generator
    rounds: int


@dataclass(frozen=True)
class _Heard:
    """A timeline beside its reference."""

    timeline: Timeline
    spoof: tuple[Region, ...]
    cluster: str
    ranges: Pile

    @property
    def spoof_s(self) -> float:
        return _length_s(self.spoof)

    @property
    def bona_fide_s(self) -> float:
        return self.timeline.duration_s - self.spoof_s

    @property
    def unheard_spoof_s(self) -> float:
        return self.ranges.amount(is_bona_fide=False, is_heard=False)

    @property
    def suspicious(self) -> tuple[Region, ...]:
        return joined(self.timeline.suspicious)


def _figures(heard: Sequence[_Heard], draws: _Draws) -> Iterator[Located]:
    yield from (_segment_eer(heard, frame_ms, draws) for frame_ms in FRAMES_MS)
    yield _eer("range_eer", heard, [one.ranges for one in heard], draws)
    yield _found(heard, draws)
    yield _false_an_hour(heard, draws)
    yield _spoofed_suspicion(heard, draws)


def inside(timeline: Timeline, spoof: Sequence[Region], *, segments: str) -> tuple[Region, ...]:
    """Cut spoofed regions off where their recording ends.

    Raises:
        ProtocolError: a region begins after the recording's end.
    """
    end_s = timeline.duration_s
    for region in spoof:
        if region.start_s >= end_s:
            raise ProtocolError(
                f"{segments}: there is spoof in '{timeline.trial.id}' from {region.start_s:g} s "
                f"on, but the recording ends at {end_s:g} s. Is it the right file?"
            )
    return tuple(Region(region.start_s, min(region.end_s, end_s)) for region in spoof)


def _heard(timeline: Timeline, spoof: Sequence[Region], by: Kin, segments: str) -> _Heard:
    trial = timeline.trial
    regions = inside(timeline, spoof, segments=segments)
    cluster = trial.id if by.column is None else cluster_of(_as_scored(timeline), by.column)
    ranges = by_range(timeline.steps(), regions, duration_s=timeline.duration_s)
    return _Heard(timeline, regions, cluster, ranges)


def _as_scored(timeline: Timeline) -> Scored:
    return Scored(timeline.trial, raw_score=None, llr=None)


def _segment_eer(heard: Sequence[_Heard], frame_ms: int, draws: _Draws) -> Located:
    frames = [
        by_frame(
            one.timeline.steps(),
            one.spoof,
            duration_s=one.timeline.duration_s,
            frame_s=frame_ms / 1000,
        )
        for one in heard
    ]
    located = _eer(f"segment_eer_{frame_ms}ms", heard, frames, draws)
    bona_fide, spoof = _amounts(frames)
    measure = replace(located.measure, n_bona_fide=round(bona_fide), n_spoof=round(spoof))
    return replace(located, measure=measure)


def _eer(name: str, heard: Sequence[_Heard], piles: Sequence[Pile], draws: _Draws) -> Located:
    bona_fide, spoof = _amounts(piles)
    if bona_fide and spoof:
        told = localisation_interval(
            piles, [one.cluster for one in heard], rng=draws.rng, rounds=draws.rounds
        )
        measure = _measure(name, heard, _honest(told, heard))
    else:
        missing = "spoofed" if bona_fide else "bona fide"
        measure = _measure(name, heard, None, why_not=f"no {missing} time with a score")
    scored_s = sum(_amounts([one.ranges for one in heard]))
    whole_s = sum(one.timeline.duration_s for one in heard)
    return Located(measure, scored_s / _HOUR_S, left_out_s=max(0.0, whole_s - scored_s))


def _honest(told: Interval, heard: Sequence[_Heard]) -> Interval:
    """Give the interval; where no replicate differed, what so few clusters allow."""
    if told.high > told.low:
        return told
    both = ({one.cluster for one in heard if one.spoof}, {one.cluster for one in heard})
    return eer_interval(told.value, len(both[0]), len(both[1]))


def _amounts(piles: Sequence[Pile]) -> tuple[float, float]:
    """Add up what has a score: bona fide, spoof."""
    return (
        sum(pile.amount(is_bona_fide=True, is_heard=True) for pile in piles),
        sum(pile.amount(is_bona_fide=False, is_heard=True) for pile in piles),
    )


def _found(heard: Sequence[_Heard], draws: _Draws) -> Located:
    name, hours = "found_regions", sum(one.spoof_s for one in heard) / _HOUR_S
    regions = [len(one.spoof) for one in heard]
    if not _is_calibrated(heard):
        return Located(_measure(name, heard, None, why_not=_UNCALIBRATED), hours, of=sum(regions))
    if not sum(regions):
        return Located(_measure(name, heard, None, why_not="no spoofed regions"), hours)
    found = [counting.found(one.spoof, one.suspicious) for one in heard]
    told = counting.share(
        found, regions, [one.cluster for one in heard], rng=draws.rng, rounds=draws.rounds
    )
    return Located(_measure(name, heard, told), hours, events=sum(found), of=sum(regions))


def _false_an_hour(heard: Sequence[_Heard], draws: _Draws) -> Located:
    name, hours = "false_stretches_an_hour", [one.bona_fide_s / _HOUR_S for one in heard]
    if not _is_calibrated(heard):
        return Located(_measure(name, heard, None, why_not=_UNCALIBRATED), sum(hours))
    if not sum(hours) > 0:
        return Located(_measure(name, heard, None, why_not="no bona fide time"), 0.0)
    false = [counting.false(one.timeline.suspicious, one.spoof) for one in heard]
    told = counting.rate(
        false, hours, [one.cluster for one in heard], rng=draws.rng, rounds=draws.rounds
    )
    stretches = sum(len(one.timeline.suspicious) for one in heard)
    return Located(_measure(name, heard, told), sum(hours), events=sum(false), of=stretches)


def _spoofed_suspicion(heard: Sequence[_Heard], draws: _Draws) -> Located:
    """Measure how much of the time that is called suspicious is spoofed."""
    name, suspicious = "spoofed_suspicion", [_length_s(one.suspicious) for one in heard]
    hours = sum(suspicious) / _HOUR_S
    if not _is_calibrated(heard):
        return Located(_measure(name, heard, None, why_not=_UNCALIBRATED), hours)
    if not hours:
        return Located(_measure(name, heard, None, why_not="no suspicious stretches"), hours)
    spoofed = [
        sum(counting.covered_s(stretch, one.spoof) for stretch in one.suspicious) for one in heard
    ]
    told = counting.share(
        spoofed, suspicious, [one.cluster for one in heard], rng=draws.rng, rounds=draws.rounds
    )
    return Located(_measure(name, heard, told), hours)


def _is_calibrated(heard: Sequence[_Heard]) -> bool:
    return all(one.timeline.is_calibrated for one in heard)


def _measure(
    name: str, heard: Sequence[_Heard], told: Interval | None, *, why_not: str = ""
) -> Measure:
    spoofed = sum(bool(one.spoof) for one in heard)
    measure = Measure(name, None, n_bona_fide=len(heard) - spoofed, n_spoof=spoofed)
    if told is None:
        return replace(measure, why_not=why_not)
    return replace(measure, value=told.value, low=told.low, high=told.high)


def _kinds(heard: Sequence[_Heard], column: str, draws: _Draws) -> Iterator[Kind]:
    if not column or not _is_calibrated(heard):
        return
    values = Counter(one.timeline.trial.meta.get(column, "") for one in heard)
    for value, count in values.most_common():
        those = [one for one in heard if one.timeline.trial.meta.get(column, "") == value]
        yield Kind(value, count, _found(those, draws), _false_an_hour(those, draws))


def _examples(heard: Sequence[_Heard]) -> list[Example]:
    """Choose the recordings in which spoof stands out most, in between, and least."""
    able = [one for one in heard if all(_amounts([one.ranges]))]
    all_of_them = [Example(one.timeline, one.spoof, _contrast(one.ranges)) for one in able]
    ranked = sorted(all_of_them, key=lambda e: (-e.contrast, e.timeline.trial.id))
    places = sorted({0, len(ranked) // 2, len(ranked) - 1})
    return [ranked[place] for place in places] if ranked else []


def _contrast(pile: Pile) -> float:
    scores, key, weights = pile.scores, pile.is_bona_fide, pile.weights
    sides = [~np.isnan(scores) & chosen for chosen in (key, ~key)]
    bona_fide, spoof = (float(np.average(scores[s], weights=weights[s])) for s in sides)
    return bona_fide - spoof


def _length_s(regions: Sequence[Region]) -> float:
    return sum(region.end_s - region.start_s for region in regions)
