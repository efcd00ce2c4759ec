"""Room 5: verdicts → text that people and programs read. Renders results, never computes one.

One file a form, ``as_NAME.py``, and each is a function from findings, as they come, to pieces of
text, as they can be written; ``plots`` draws one finding into a file. Words are chosen here;
colour and columns in a terminal are left to the apps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from earwitness.records import Failure, Verdict
from earwitness.registry import Registry
from earwitness.reporting._words import STANDARD_INPUT, clock, columns, no_calibration, visible

__all__ = [
    "FORMS",
    "STANDARD_INPUT",
    "Finding",
    "Form",
    "Part",
    "clock",
    "columns",
    "no_calibration",
    "visible",
]


@dataclass(frozen=True)
class Part:
    """Which part of a source was asked about.

    Attributes:
        source: the source as the user gave it; None for the name that the verdict carries.
        channel: "mix", or the number of one channel, counted from 0.
        start_s, end_s: the range; None for the end of the recording.
    """

    source: str | None = None
    channel: Literal["mix"] | int = "mix"
    start_s: float = 0.0
    end_s: float | None = None

    @property
    def has_range(self) -> bool:
        """Say whether less than all of the recording was asked about."""
        return self.start_s > 0 or self.end_s is not None


@dataclass(frozen=True)
class Finding:
    """What was asked, and what was found."""

    found: Verdict | Failure
    part: Part = Part()

    @property
    def source(self) -> str:
        """Give the source's name, without the range and the channel."""
        if self.part.source is not None:
            return self.part.source
        return self.found.source if isinstance(self.found, Failure) else self.found.facts.source


Form: TypeAlias = Callable[[Iterable[Finding]], Iterator[str]]

FORMS: Registry[Form] = Registry("form of report", package=__name__, prefix="as_")
