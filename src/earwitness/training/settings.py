"""What a training run is told: the recipe, as frozen settings read from TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from earwitness.config import settings as fitted
from earwitness.errors import SettingsError
from earwitness.models.branches import BranchSettings
from earwitness.segmentation.windows import WindowSettings


@dataclass(frozen=True)
class OptimiserSettings:
    """AdamW with a warm-up and a cosine descent; pretrained parts learn more slowly."""

    pretrained_rate: float = 5e-5
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up_share: float = 0.08
    last_share: float = 0.01
    clip_norm: float = 1.0


@dataclass(frozen=True)
class LossSettings:
    """Cross-entropy of the summed score, plus a share of each branch's own."""

    branch_share: float = 0.3
    smoothing: float = 0.0


@dataclass(frozen=True)
class SamplingSettings:
    """How the clips of an epoch are drawn and cut.

    ``balance`` is the power of a page's clip count by which its clips are drawn less often: 0
    draws every clip alike, 1 every page alike. Both labels are always drawn equally often. A batch
    is cut to one length, drawn between ``shortest_s`` and ``longest_s``; ``augmented_share`` of
    the clips go through the augmentation.
    """

    batch: int = 32
    balance: float = 0.5
    shortest_s: float = 2.0
    longest_s: float = 4.0
    augmented_share: float = 0.8

    def __post_init__(self) -> None:
        if self.shortest_s > self.longest_s:
            raise SettingsError(
                f"shortest_s ({self.shortest_s}) must not be above longest_s ({self.longest_s})."
            )
        if self.batch < 2:
            raise SettingsError(f"batch ({self.batch}) must be at least 2.")


@dataclass(frozen=True)
class WarmSettings:
    """How heads are fitted on frozen front ends before everything is: see ``training.warm``.

    ``views`` of each clip are pooled once, the first as it is, the others cropped and augmented;
    0 starts with random heads.
    """

    views: int = 0
    epochs: int = 15
    batch: int = 128
    rate: float = 1e-3
    weight_decay: float = 0.01


@dataclass(frozen=True)
class TrainingSettings:
    """A recipe.

    ``branches``, ``windows`` and ``augmentation`` are tables of the rooms that they name.
    """

    name: str
    title: str
    seed: int
    epochs: int
    branches: tuple[BranchSettings, ...]
    sample_rate: int = 16_000
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    warm: WarmSettings = field(default_factory=WarmSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    windows: dict[str, Any] = field(default_factory=dict)
    augmentation: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if self.epochs < (0 if self.warm.views else 1):
            raise SettingsError(
                f"epochs ({self.epochs}) must be at least 1, or 0 where heads have a warm start."
            )

    def cut(self) -> WindowSettings:
        """Fit the table of windows to the room that cuts them.

        Raises:
            SettingsError: a key is not known, or a value does not fit.
        """
        return fitted(WindowSettings, self.windows, where=f"{self.name}: windows")
