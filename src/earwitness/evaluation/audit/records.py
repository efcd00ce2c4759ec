"""What an audit heard and what it found, as frozen records; words are chosen in ``reporting``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from earwitness.evaluation.audit.columns import Kind
from earwitness.evaluation.audit.glance import Glance
from earwitness.evaluation.audit.prints import Print
from earwitness.evaluation.audit.sound import SoundFacts
from earwitness.evaluation.records import Measure, Unread
from earwitness.records import QualityNotes, Seconds, SourceFacts, Trial

JOINT = "all_together"
COPIES = "copies"


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
class Heard:
    """One clip, heard once.

    Attributes:
        trial: which one.
        glance: its header; facts, notes, sound: the file and what it sounds like.
        digest: hash of the decoded samples; print: of the first minute.
    """

    trial: Trial
    glance: Glance
    facts: SourceFacts
    notes: QualityNotes
    sound: SoundFacts
    digest: str
    print: Print


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


@dataclass(frozen=True)
class CopySet:
    """Clips that hold the same recording.

    Attributes:
        trials: in the protocol's order; where labels (or partitions) are crossed, the most alike
            pair that does so comes first.
        likeness: correlation of the waveforms of the first two, 0 to 1.
        is_identical: every decoded sample is the same in all of them.
        level: how much it matters.
    """

    trials: tuple[Trial, ...]
    likeness: float
    is_identical: bool
    level: Level

    @property
    def crosses_labels(self) -> bool:
        """Say whether it stands under both labels."""
        return len({trial.label for trial in self.trials}) > 1

    @property
    def crosses_partitions(self) -> bool:
        """Say whether it lies in more than one partition."""
        return len({trial.partition for trial in self.trials}) > 1


@dataclass(frozen=True)
class Retold:
    """Pairs of clips with the same sentence at the same pace, but another waveform.

    Attributes:
        pairs: all of them.
        across_labels: pairs of bona fide and spoof: copy synthesis, most likely.
        across_partitions: pairs of two partitions.
        example: the most alike pair across labels, else of all; None without any.
    """

    pairs: int
    across_labels: int
    across_partitions: int
    example: tuple[str, str] | None


@dataclass(frozen=True)
class Collision:
    """Clips whose files have the same base name.

    Attributes:
        name: the base name.
        ids: of the clips.
        level: a warning where both labels have it.
    """

    name: str
    ids: tuple[str, ...]
    level: Level


@dataclass(frozen=True)
class Shared:
    """What two partitions have in common.

    Attributes:
        column: of the manifest.
        partitions: the two.
        values: in both, in order.
        of: how many values the second partition has.
        level: a warning for speakers, pages and sources; a note for generators.
    """

    column: str
    partitions: tuple[str, str]
    values: tuple[str, ...]
    of: int
    level: Level


@dataclass(frozen=True)
class AuditSetup:
    """What every finding is to be read with.

    Attributes:
        data, protocol, partitions: what was looked at.
        n_bona_fide, n_spoof: clips that were heard.
        grouped_by: the column whose clips belong together; None where clips stand for themselves.
        groups: how many there are.
        rounds: shuffled keys; chance: false alarms over all columns, as a share of audits.
        detectable: the AUC of a single column that is found four times in five, clips standing
            for themselves; None where there are too few clips for any.
        left_out: columns of the manifest that are the key in other words.
        heard_s: length of all clips.
        command, date, version: for whoever repeats it.
    """

    data: str
    protocol: str
    partitions: tuple[str, ...]
    n_bona_fide: int
    n_spoof: int
    grouped_by: str | None
    groups: int
    rounds: int
    chance: float
    detectable: float | None
    left_out: tuple[str, ...]
    heard_s: Seconds
    command: str = ""
    date: str = ""
    version: str = ""


@dataclass(frozen=True)
class AuditReport:
    """All that an audit found.

    Attributes:
        tellings: columns, most telling first; joint: all of sound and file together, None where
            there is no column.
        copies: sets of the same recording, the worst first.
        retold: same sentences, other waveforms.
        collisions, shared: names and speakers.
        unread: clips that could not be read.
        remarks: sentences of the protocol on what belongs to no trial.
    """

    setup: AuditSetup
    tellings: tuple[Telling, ...]
    joint: Telling | None
    copies: tuple[CopySet, ...]
    retold: Retold
    collisions: tuple[Collision, ...]
    shared: tuple[Shared, ...]
    unread: tuple[Unread, ...]
    remarks: tuple[str, ...] = ()

    def asked(self) -> tuple[Telling, ...]:
        """List all together, then every column, the most telling first."""
        return (*((self.joint,) if self.joint else ()), *self.tellings)

    @property
    def level(self) -> Level | None:
        """Give the worst level that was found; None where nothing was."""
        found = set(self._levels())
        return next((level for level in Level if level in found), None)

    def _levels(self) -> Iterator[Level | None]:
        yield from (one.level for one in self.asked())
        yield from (one.level for one in self.copies)
        yield from (one.level for one in self.collisions)
        yield from (one.level for one in self.shared)
