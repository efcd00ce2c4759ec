"""Steps of a plan → batches of sound, made ahead by other processes; and those of a dev part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from earwitness.augmentation import Step as Effect
from earwitness.augmentation import augment
from earwitness.records import Label, Samples
from earwitness.training.clips import Clip
from earwitness.training.listening import row_of
from earwitness.training.plan import Row, Step
from earwitness.training.recipes import DataSettings

AHEAD = 4
Plain: TypeAlias = tuple[list[int], Tensor, Tensor]
"""Numbers of clips, their samples (batch, samples) and their targets (batch,)."""


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this is."""

    rank: int = 0
    ranks: int = 1

    @property
    def is_first(self) -> bool:
        """Say whether this is the process that writes and tells."""
        return self.rank == 0


class Batch(NamedTuple):
    """One pass of one process.

    Attributes:
        samples: (batch, samples).
        targets: (batch,), 1 for bona fide.
        weight: of all rows of the step, over all processes and passes: what its sum is divided by.
    """

    samples: Tensor
    targets: Tensor
    weight: float


@dataclass(frozen=True)
class Making:
    """How rows are made.

    Attributes:
        clips: what the numbers of a plan point at.
        settings: crop, padding and the share that is augmented.
        samples: of a row.
        sample_rate: in Hz.
        effects: the augmentation.
    """

    clips: Sequence[Clip]
    settings: DataSettings
    samples: int
    sample_rate: int
    effects: tuple[Effect, ...] = ()

    def row(self, row: Row) -> Samples:
        """Make one row: (samples,)."""
        rng = np.random.default_rng(row.seed)
        sound = row_of(self.clips[row.clip], self.samples, self.settings, rng)
        if not self.effects or rng.random() >= self.settings.augmented_share:
            return sound
        return augment(sound, self.sample_rate, self.effects, rng)

    def stacked(self, rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
        """Make samples (rows, samples) and targets (rows,)."""
        samples = torch.empty(len(rows), self.samples)  # torch's own memory is aligned: sums agree
        whole = samples.numpy()
        for place, row in zip(whole, rows, strict=True):
            place[:] = self.row(row)
        return samples, self.targets(rows)

    def targets(self, rows: Sequence[Row]) -> Tensor:
        """Give what rows are: (rows,), 1 for bona fide."""
        labels = [self.clips[row.clip].trial.label for row in rows]
        return torch.tensor([float(label is Label.BONA_FIDE) for label in labels])

    def are_bona_fide(self) -> list[bool]:
        """Say of each clip whether it is bona fide."""
        return [clip.trial.label is Label.BONA_FIDE for clip in self.clips]

    def plain(self) -> Making:
        """Make rows as the dev part has them: from the start, never augmented."""
        return replace(self, settings=replace(self.settings, crop="start"), effects=())


class StepDataset(Dataset[Batch]):
    """The passes of one process through a list of steps.

    Args:
        making: how rows are made.
        steps: of the epoch, or what is left of it.
        accumulate: passes a step.
        ranks: which process this is.
        weigh: targets → weights of rows.
    """

    def __init__(
        self,
        making: Making,
        steps: Sequence[Step],
        *,
        accumulate: int,
        ranks: Ranks,
        weigh: Callable[[Tensor], Tensor],
    ) -> None:
        self._making, self._steps = making, steps
        self._accumulate, self._ranks, self._weigh = accumulate, ranks, weigh

    def __len__(self) -> int:
        return len(self._steps) * self._accumulate

    def __getitem__(self, number: int) -> Batch:
        """Make pass ``number``."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        step = self._steps[number // self._accumulate]
        passes = step.passes(self._accumulate, rank=self._ranks.rank, ranks=self._ranks.ranks)
        samples, targets = self._making.stacked(passes[number % self._accumulate])
        weight = float(self._weigh(self._making.targets(step.rows)).double().sum())
        return Batch(samples, targets, weight)


def loader(dataset: StepDataset, *, workers: int) -> DataLoader[Batch]:
    """Give the passes in order, made ahead by ``workers`` processes (0: in this one)."""
    return DataLoader(
        dataset, batch_size=None, shuffle=False, num_workers=workers,
        prefetch_factor=AHEAD if workers else None, generator=torch.Generator(),
    )  # fmt: skip


def plain_batches(making: Making, ranks: Ranks, *, size: int) -> Iterator[Plain]:
    """Give every ranks-th clip once, as it is: numbers of the clips, samples, targets."""
    plain = making.plain()
    own = range(ranks.rank, len(making.clips), ranks.ranks)
    for start in range(0, len(own), size):
        numbers = list(own[start : start + size])
        yield (numbers, *plain.stacked([Row(number, 0) for number in numbers]))
