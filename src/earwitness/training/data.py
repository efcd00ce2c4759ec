"""Clips and batches → tensors: cut, tiled, distorted, all from the seeds that a batch carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from earwitness.augmentation import Step, augment
from earwitness.records import Label, Samples
from earwitness.training.clips import Clip
from earwitness.training.sampling import Batch

Pair = tuple[Tensor, Tensor]


class BatchDataset(Dataset[Pair]):
    """The batches of one epoch.

    Args:
        clips: what the batches' numbers point at.
        batches: what to make.
        steps: the augmentation.
        augmented_share: of the clips that go through it.
        sample_rate: in Hz.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        batches: Sequence[Batch],
        steps: Sequence[Step],
        *,
        augmented_share: float,
        sample_rate: int,
    ) -> None:
        self._clips, self._batches, self._steps = clips, batches, steps
        self._augmented_share, self._sample_rate = augmented_share, sample_rate

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, number: int) -> Pair:
        """Make batch ``number``: samples (batch, samples) and targets (batch,), 1 bona fide."""
        batch = self._batches[number]
        rows = [self._row(clip, seed, batch.samples) for clip, seed in batch.clips]
        labels = [self._clips[clip].trial.label for clip, _ in batch.clips]
        targets = torch.tensor([float(label is Label.BONA_FIDE) for label in labels])
        return torch.from_numpy(np.stack(rows)), targets

    def _row(self, clip: int, seed: int, samples: int) -> Samples:
        rng = np.random.default_rng(seed)
        sound = crop(self._clips[clip], samples, rng)
        if rng.random() >= self._augmented_share:
            return sound
        return augment(sound, self._sample_rate, self._steps, rng)


def crop(clip: Clip, samples: int, rng: np.random.Generator) -> Samples:
    """Cut ``samples`` out of a region of speech, or tile a region that is shorter.

    Regions are drawn by their length, so that each second of speech is equally likely.
    """
    lengths = np.array([end - start for start, end in clip.regions], np.float64)
    start, end = clip.regions[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
    sound = clip.sound[start:end]
    if len(sound) > samples:
        first = int(rng.integers(len(sound) - samples + 1))
        sound = sound[first : first + samples]
    return np.resize(sound.astype(np.float32) / np.float32(2**15), samples)


def loader(dataset: BatchDataset, *, workers: int) -> DataLoader[Pair]:
    """Give the batches in order, made ahead by ``workers`` processes (0: in this one)."""
    return DataLoader(
        dataset, batch_size=None, shuffle=False, num_workers=workers,
        prefetch_factor=4 if workers else None,
    )  # fmt: skip
