"""What a column gives away, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from earwitness.evaluation.audit.asking.columns import Kind
from earwitness.evaluation.records import Measure

JOINT = "all_together"


class Level(StrEnum):
    """How much a finding matters."""

    LEAK = "leak"  # figures measured on these clips are in doubt
    WARNING = "warning"  # look at it before you trust them
    NOTE = "note"  # good to know


class Way(StrEnum):
    """How a column tells the labels apart."""

    ORDER = "order"  # more of it, or less
    VALUE = "value"  # certain values, or ranges of values
    JOINT = "joint"


@dataclass(frozen=True)
class Contrast:
    """How the labels differ in a column.

    Attributes:
        value: the value that leans most; empty where medians are given.
        bona_fide, spoof: shares of the clips that have it; medians where the order tells.
    """

    value: str
    bona_fide: float
    spoof: float


@dataclass(frozen=True)
class Telling:
    """What one column gives away.

    Attributes:
        name: of the column; ``JOINT`` for all columns of sound and file together.
        kind: where it comes from.
        way: how it tells most.
        auc: cross-validated, with its interval; chance is 0.5.
        p: share of shuffled keys to which the best of *all* columns answers as strongly.
        p_groups: the same where all clips of a page (speaker, source) are turned round together;
            None where clips stand for themselves.
        contrast: how the labels differ; None for all together.
        shares: of both labels that have each value or range, in order; of many values, those that
            differ most.
        level: how much it matters; None where chance does as much.
    """

    name: str
    kind: Kind
    way: Way
    auc: Measure
    p: float
    p_groups: float | None
    contrast: Contrast | None
    level: Level | None
    shares: tuple[Contrast, ...] = ()
