"""What a stress test puts sound through: one file a family, and its conditions as data in it.

Each file registers ``family()``, which lists conditions. A condition turns a clip into another
sound, whatever the clip's label: one that knew it would measure itself. It takes all chance from
the generator that it is given, so that a run can be repeated to the bit. Sound is mono, at the
detector's rate; the result may be longer or shorter than what came in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from earwitness.records import Samples, SpeechSpan
from earwitness.registry import Registry


@dataclass(frozen=True)
class Clip:
    """A recording before anything was done to it.

    Attributes:
        samples: shape (samples,), float32, at ``sample_rate`` in Hz.
        speech: where speech is, in order.
        others: bona fide speech of other kin from the same data, to make babble of.
    """

    samples: Samples = field(repr=False)
    sample_rate: int
    speech: tuple[SpeechSpan, ...] = ()
    others: tuple[Samples, ...] = field(default=(), repr=False)


Apply: TypeAlias = Callable[[Clip, np.random.Generator], Samples | None]


@dataclass(frozen=True)
class Condition:
    """One way for a sound to get worse.

    Attributes:
        name: for files and commands ("mp3_32k"); unique over all families.
        title: for people ("MP3, 32 kbit/s"), short enough for a figure.
        apply: a clip and chance → what is left of the sound; None where the condition cannot be
            met by this clip.
        needs: what a clip must have, in words; empty where any will do.
        missing: why this machine cannot do it, as a sentence; empty where it can.
    """

    name: str
    title: str
    apply: Apply
    needs: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Family:
    """Conditions of one kind, in the order in which they are shown.

    Attributes:
        title: for people, short.
        told: what is done to the sound, in a sentence or two.
        conditions: mildest first.
    """

    title: str
    told: str
    conditions: tuple[Condition, ...]


FAMILIES: Registry[Callable[[], Family]] = Registry("family of conditions", package=__name__)
