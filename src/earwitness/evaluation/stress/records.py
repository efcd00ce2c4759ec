"""What a stress test heard and what it found, as frozen records. Rates are fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from earwitness.evaluation.differences import Difference
from earwitness.evaluation.records import Guard, Measure, Remark, Scored, Setup, Unread
from earwitness.records import Trial

CLEAN = "clean"


@dataclass(frozen=True)
class Tried:
    """A trial, as it is and under each condition.

    Attributes:
        clean: what was said of the recording as it is.
        under: condition → what was said; None where the clip cannot meet the condition.
    """

    clean: Scored
    under: Mapping[str, Scored | None] = field(repr=False)

    @property
    def trial(self) -> Trial:
        """Give the question."""
        return self.clean.trial


@dataclass(frozen=True)
class Shift:
    """How far the mean score of a label moves; None where no trial of it was measured.

    Attributes:
        bona_fide, spoof: mean of (score under the condition - clean score).
    """

    bona_fide: float | None
    spoof: float | None


@dataclass(frozen=True)
class Row:
    """One condition against the same trials as they are.

    Attributes:
        condition, family: their names; title: of the condition, for people.
        eer: under the condition, of the trials that have a score both ways.
        clean_eer: of the same trials as they are.
        difference: of the two, paired; ``first`` is clean.
        holds: the difference still counts among all conditions of the run (Holm).
        shift: of the scores.
        inconclusive, clean_inconclusive: share of the trials that met the condition and were
            answered "inconclusive"; None without a calibration.
        unscored: trials that met the condition and have no score under it, or none clean.
        unmet: trials that cannot meet the condition; needs: what they lack, in words.
    """

    condition: str
    family: str
    title: str
    eer: Measure
    clean_eer: Measure
    difference: Difference
    holds: bool
    shift: Shift
    inconclusive: float | None
    clean_inconclusive: float | None
    unscored: int
    unmet: int
    needs: str = ""


@dataclass(frozen=True)
class Skipped:
    """A condition that this machine cannot make, and why, as a sentence."""

    condition: str
    title: str
    why: str


@dataclass(frozen=True)
class FamilyNote:
    """A family of conditions: its name, its title, and what it does to the sound."""

    name: str
    title: str
    told: str


@dataclass(frozen=True)
class StressTest:
    """One detector, one set of trials, many conditions.

    Attributes:
        setup: what every figure is to be read with.
        seed: of all chance.
        available: trials in the partition; fewer were taken where ``limit`` is not None.
        limit: trials that were asked for, both labels together.
        clean: EER of all trials as they are; clean_inconclusive: as in a row.
        guard: which way the clean scores point; None where there are too few to say.
        rows: in the order of the families.
        families: those that were asked for.
        skipped: conditions that could not be made here.
        unread: trials whose recording could not be read.
    """

    setup: Setup
    seed: int
    available: int
    limit: int | None
    clean: Measure
    clean_inconclusive: float | None
    guard: Guard | None
    rows: tuple[Row, ...]
    families: tuple[FamilyNote, ...]
    skipped: tuple[Skipped, ...] = ()
    unread: tuple[Unread, ...] = ()
    remarks: tuple[Remark, ...] = ()
