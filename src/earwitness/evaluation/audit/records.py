"""What an audit found, as frozen records; words are chosen in ``reporting``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.evaluation.audit.asking.records import Level, Telling
from earwitness.evaluation.records import Unread
from earwitness.records import Seconds, Trial

COPIES = "copies"


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
