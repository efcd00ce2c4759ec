"""A clip that was heard, as a frozen record."""

from __future__ import annotations

from dataclasses import dataclass

from earwitness.evaluation.audit.hearing.glance import Glance
from earwitness.evaluation.audit.hearing.prints import Print
from earwitness.evaluation.audit.hearing.sound import SoundFacts
from earwitness.records import QualityNotes, SourceFacts, Trial


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
