"""Fine-tunings of made detectors, for tests of what was gained and lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compared_runs import llrs, run, trials
from earwitness.evaluation.comparing import compare
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.forgetting import (
    AFTER,
    BEFORE,
    BeforeAfter,
    GainedLost,
    Merit,
    Point,
    Role,
    gained_lost,
)
from earwitness.reporting.finetunings.words import Finetuned


@dataclass(frozen=True)
class Row:
    """A row of a curve."""

    epoch: int
    train_loss: float | None
    dev_loss: float | None
    dev_eer: float | None
    keep_eer: float | None


def before_after(
    name: str,
    role: Role,
    apart: tuple[float, float],
    *,
    is_calibrated: tuple[bool, bool] = (True, True),
    seed: int = 1,
) -> BeforeAfter:
    """Detectors that set labels so far apart (negative: the wrong way), on the same made trials."""
    asked = trials()
    sides = zip((BEFORE, AFTER), apart, is_calibrated, strict=True)
    runs = [
        run(
            when,
            asked,
            np.sign(far) * llrs(asked, abs(far), seed=seed),
            is_calibrated=calibrated,
            columns=(),
        )
        for when, far, calibrated in sides
    ]
    return BeforeAfter(name, role, compare(runs, rounds=200))


def found() -> GainedLost:
    """A target gained, one keep-set lost, and one of which nothing can be told."""
    return gained_lost(
        [
            before_after("custom", "keep", (2.4, 0.6)),
            before_after("for-2seconds", "target", (0.4, 3.0), is_calibrated=(True, False)),
            before_after("others", "keep", (1.5, 1.5)),
        ]
    )


def curve(epochs: int = 4) -> tuple[Row, ...]:
    """Epoch 0 is before; the target is learnt, the keep-set forgotten."""
    return tuple(
        Row(e, 0.7 * 0.75**e if e else None, 0.7 * 0.8**e, 0.45 * 0.7**e, 0.08 + 0.02 * e)
        for e in range(epochs + 1)
    )


def points() -> tuple[Point, ...]:
    """A grid of mixtures, the middle one taken."""
    return tuple(
        Point(
            f"alpha {alpha:g}",
            Merit(0.45 - 0.4 * float(np.sqrt(alpha)), 0.08 + 0.1 * alpha**2),
            alpha=alpha,
            is_chosen=alpha == 0.5,
        )
        for alpha in (0.0, 0.25, 0.5, 0.75, 1.0)
    )


def finetuned(**changes: object) -> Finetuned:
    """All of it."""
    whole = {
        "title": "AASIST-L fine-tuned on for-2seconds",
        "found": found(),
        "curve": curve(),
        "chosen_epoch": 3,
        "points": points(),
        "facts": (("Recipe", "for2sec_best"),),
        "told": ("The weights are 50 % new and 50 % old.",),
    }
    return Finetuned(**{**whole, **changes})  # type: ignore[arg-type]


def difference(before: float, after: float, low: float, high: float) -> Difference:
    """A difference in EER of 90 and 90 trials."""
    return Difference("eer", BEFORE, AFTER, before, after, low, high, 90, 90)
