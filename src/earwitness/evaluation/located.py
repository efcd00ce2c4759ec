"""How well a detector locates spoof inside recordings, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from earwitness.evaluation.records import Measure, Remark, Setup, Unread
from earwitness.evaluation.timelines import Timeline
from earwitness.metrics.localisation import Region


@dataclass(frozen=True)
class Located:
    """A figure with what it rests on.

    Attributes:
        measure: for a segment EER its n are frames, for all else recordings (those without any
            spoof, and those with some).
        hours: of the sound that it was measured on.
        events: how many things were counted; None where nothing was.
        of: among how many; None where there is no such number.
        left_out_s: sound that no window covers, and that the figure leaves out.
    """

    measure: Measure
    hours: float
    events: int | None = None
    of: int | None = None
    left_out_s: float = 0.0


@dataclass(frozen=True)
class Example:
    """One recording, to be drawn.

    Attributes:
        timeline: of it.
        spoof: where it is spoofed.
        contrast: mean score of its bona fide time less that of its spoofed time.
    """

    timeline: Timeline
    spoof: tuple[Region, ...]
    contrast: float


@dataclass(frozen=True)
class Kind:
    """The recordings that have one value in a column.

    Attributes:
        value: as the column spells it; empty where a recording has none.
        recordings: how many there are.
        found: regions that were found; no value where there are none.
        false_an_hour: false stretches an hour of bona fide sound.
    """

    value: str
    recordings: int
    found: Located
    false_an_hour: Located


@dataclass(frozen=True)
class Localisation:
    """How well one detector locates spoof in one data set.

    Attributes:
        setup: what every figure is to be read with; its clusters are those of these recordings.
        segments: the reference, as the user gave it.
        recordings: how many were listened to.
        spoofed: how many of them have spoof in them.
        regions: how many spoofed regions there are.
        bona_fide_s: bona fide time of all recordings together.
        spoof_s: spoofed time of all recordings together.
        unheard_spoof_s: spoof that no window covers: the voice activity detector hears no speech.
        figures: segment EERs, range-based EER, regions found, false stretches, spoofed suspicion.
        column: of the protocol, by which stretches are told apart, too; empty for none.
        kinds: of the column, largest first; none without a calibration, for want of stretches.
        examples: recordings in which the spoof stands out most, in between, and least.
        others: names in the reference that are no recording here.
        unread: recordings that could not be read.
        remarks: what to know beside the figures ("overlap").
    """

    setup: Setup
    segments: str
    recordings: int
    spoofed: int
    regions: int
    bona_fide_s: float
    spoof_s: float
    unheard_spoof_s: float
    figures: tuple[Located, ...]
    column: str = ""
    kinds: tuple[Kind, ...] = ()
    examples: tuple[Example, ...] = ()
    others: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def figure(self, name: str) -> Located:
        """Find a figure by name.

        Raises:
            KeyError: there is no such figure.
        """
        for one in self.figures:
            if one.measure.name == name:
                return one
        raise KeyError(name)
