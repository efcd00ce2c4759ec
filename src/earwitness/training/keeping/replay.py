"""Replay: a share of each batch is drawn from the keep-set, with its labels.

The oldest remedy (Robins 1995, "Catastrophic forgetting, rehearsal and pseudorehearsal"), and
"mixing" in the study. The trainer's plan draws the clips, from the same seeds as all others.
"""

from __future__ import annotations

from dataclasses import dataclass

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Remedy


@dataclass(frozen=True)
class ReplaySettings:
    """``share`` of each batch that comes from the keep-set."""

    share: float = 0.25

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise SettingsError(f"share ({self.share}) must lie between 0 and 1.")


@REMEDIES.add
def build(settings: ReplaySettings) -> Remedy:
    """Build the remedy."""
    return Remedy(replay=settings.share)
