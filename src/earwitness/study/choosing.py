"""What a study chooses, and by which figures: validation and custom-adapt, never what is reported.

Pure: EERs in, choices out. EERs are fractions, means over seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earwitness.study.arms import PLAIN, PUBLISHED

ENOUGH = 0.9  # share of plain's gain that a remedy has to keep


@dataclass(frozen=True)
class Merit:
    """EERs of a candidate on what may be used: FoR's validation part, and custom-adapt."""

    dev: float
    adapt: float


@dataclass(frozen=True)
class Chosen:
    """A choice with its reason.

    Attributes:
        name: of the candidate.
        reason: why, in a sentence without figures.
    """

    name: str
    reason: str


def choose_rate(eers: Mapping[float, float]) -> float:
    """Choose the learning rate with the lowest validation EER; of equals, the lower rate.

    Example:
        >>> choose_rate({1e-6: 0.3, 1e-4: 0.05, 1e-3: 0.05})
        0.0001
    """
    return min(sorted(eers), key=lambda rate: eers[rate])


def choose(candidates: Mapping[str, Merit], before: Merit, plain: Merit) -> Chosen:
    """Choose among remedies: of those that learnt enough, the one that forgot least.

    Enough is nine tenths of what plain gained on the validation part. Where none did, the lowest
    sum of both EERs is taken.

    Args:
        candidates: by name; of equals, the first.
        before: the starting detector.
        plain: fine-tuning without a remedy.

    Example:
        >>> found = choose({"a": Merit(0.05, 0.2), "b": Merit(0.06, 0.1), "c": Merit(0.3, 0.05)},
        ...                before=Merit(0.4, 0.1), plain=Merit(0.04, 0.3))
        >>> found.name
        'b'
    """
    least = ENOUGH * (before.dev - plain.dev)
    enough = [name for name, one in candidates.items() if before.dev - one.dev >= least]
    if enough:
        best = min(enough, key=lambda name: candidates[name].adapt)
        return Chosen(
            best,
            "of those that keep nine tenths of plain's gain on validation, the lowest EER on "
            "custom-adapt",
        )
    best = min(candidates, key=lambda name: candidates[name].dev + candidates[name].adapt)
    return Chosen(
        best,
        "none keeps nine tenths of plain's gain on validation, so the lowest sum of both EERs",
    )


def remedies(names: Sequence[str]) -> tuple[str, ...]:
    """List the arms among which the best is looked for: all but the two it is compared with.

    Example:
        >>> remedies(["as_published", "plain", "mixing"])
        ('mixing',)
    """
    return tuple(name for name in names if name not in (PUBLISHED, PLAIN)) or (PLAIN,)
