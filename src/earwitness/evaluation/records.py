"""What an evaluation asked, what it heard and what it measured, as frozen records.

Rates are fractions. A measure that cannot be given says why; it is never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from earwitness.records import Answer, Label, Reason, Seconds, Trial


@dataclass(frozen=True)
class Scored:
    """A trial and what was said of it.

    Attributes:
        trial: the question.
        raw_score: pooled score of the network; None where nothing could be scored.
        llr: its LLR; None without a calibration, or where nothing could be scored.
        answer: at the frozen operating point; None for scores that came from a file.
        reasons: why the answer is inconclusive, or what to know beside it.
        duration_s, speech_s: of the recording; None for scores that came from a file.
    """

    trial: Trial
    raw_score: float | None
    llr: float | None
    answer: Answer | None = None
    reasons: tuple[Reason, ...] = ()
    duration_s: Seconds | None = None
    speech_s: Seconds | None = None

    @property
    def score(self) -> float | None:
        """Give what the trial is measured by: the LLR, the raw score without a calibration.

        None where a detector without a calibration had nothing to score: such a trial is counted
        and left out. A calibrated detector that could score nothing has an LLR of 0.
        """
        return self.raw_score if self.llr is None else self.llr

    @property
    def is_bona_fide(self) -> bool:
        """Say what the key says."""
        return self.trial.label is Label.BONA_FIDE


@dataclass(frozen=True)
class Unread:
    """A trial whose recording could not be read: it is counted, and it has no score."""

    trial: Trial
    code: str
    message: str


@dataclass(frozen=True)
class Measure:
    """One figure with what it rests on.

    Attributes:
        name: as in ``metrics.json`` ("eer", "min_dcf").
        value: None where it cannot be given.
        low, high: its 95 % interval; None where it has none.
        n_bona_fide, n_spoof: trials that it was measured on.
        why_not: why there is no value, in a few words ("uncalibrated").
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n_bona_fide: int = 0
    n_spoof: int = 0
    why_not: str = ""


class Direction(StrEnum):
    """Whether higher scores go with bona fide speech."""

    AS_EXPECTED = "as expected"
    DOUBTFUL = "doubtful"  # the AUC lies below 0.5, its interval does not
    INVERTED = "inverted"  # the whole interval of the AUC lies below 0.5


@dataclass(frozen=True)
class Guard:
    """What the sign and label guard found.

    Attributes:
        direction: of the scores.
        auc, eer: as measured.
        mirrored_auc, mirrored_eer: what they would be with the labels (or the sign) turned round.
        is_accepted: the user said that inverted scores are meant (``--accept-inverted``).
    """

    direction: Direction
    auc: float
    eer: float
    mirrored_auc: float
    mirrored_eer: float
    is_accepted: bool = False


@dataclass(frozen=True)
class Group:
    """One value of a column.

    Attributes:
        value: as the column spells it.
        n_bona_fide, n_spoof: trials that have it.
        eer: of a spoof-only group (an attack) against all bona fide trials, of a group of both
            labels (a codec) within the group; None with no value for a group of bona fide only.
        miss_rate, false_alarm_rate: at the *global* threshold; no value where the label is absent.
    """

    value: str
    n_bona_fide: int
    n_spoof: int
    eer: Measure
    miss_rate: Measure
    false_alarm_rate: Measure


@dataclass(frozen=True)
class Breakdown:
    """Figures by one column, at one threshold for all groups.

    Attributes:
        column: of the protocol ("attack", "codec", "duration").
        groups: largest first; duration in ascending order.
        threshold: that all groups share, in the score's unit.
        threshold_is: "operating point" where it was frozen before, "eer" where it is the threshold
            of the pooled EER, found on these trials.
    """

    column: str
    groups: tuple[Group, ...]
    threshold: float
    threshold_is: str


@dataclass(frozen=True)
class Remark:
    """Something the reader must know beside the figures; words are chosen in ``reporting``.

    Attributes:
        code: stable ("overlap", "ties", "eer_definitions_differ", "unread", "partial", "leak").
        facts: what the words are filled with.
    """

    code: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """What every figure is to be read with.

    Attributes:
        data: the data set (or score file) as the user gave it.
        protocol, partition: of it.
        model: name of the detector, or of the score file.
        weights_sha256, settings_hash: of the detector; None for a score file.
        is_calibrated: the scores are LLRs.
        operating_point, threshold: frozen before these trials were seen; None if uncalibrated.
        windows: how a recording was cut, in words.
        decoding: how it was decoded, in words.
        clustered_by: the column whose values were resampled together; None for single trials.
        clusters: how many there were.
        command: the command line that repeats this.
        date: as YYYY-MM-DD; version: of the package.
    """

    data: str
    protocol: str
    partition: str
    model: str
    weights_sha256: str | None
    settings_hash: str | None
    is_calibrated: bool
    operating_point: str | None
    threshold: float | None
    windows: str
    decoding: str
    clustered_by: str | None
    clusters: int
    command: str
    date: str
    version: str


@dataclass(frozen=True)
class Evaluation:
    """One detector on one partition of one data set: all of it."""

    setup: Setup
    scored: tuple[Scored, ...]
    unread: tuple[Unread, ...]
    measures: tuple[Measure, ...]
    guard: Guard
    breakdowns: tuple[Breakdown, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def measure(self, name: str) -> Measure:
        """Find a figure by name.

        Raises:
            KeyError: there is no such figure.
        """
        for one in self.measures:
            if one.name == name:
                return one
        raise KeyError(name)
