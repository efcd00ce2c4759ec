"""Which clips make an epoch, in which batches: drawn from (seed, epoch) alone.

Nothing is remembered from epoch to epoch, so a run that was stopped goes on with the very batches
it would have had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError
from earwitness.records import Label, Trial
from earwitness.training.settings import SamplingSettings


@dataclass(frozen=True)
class Batch:
    """One step's work.

    Attributes:
        clips: numbers of the clips, with a seed for the crop and augmentation of each.
        samples: the length they are all cut to.
    """

    clips: tuple[tuple[int, int], ...]
    samples: int


def weights_of(trials: Sequence[Trial], *, balance: float) -> NDArray[np.float64]:
    """Say how often each clip is drawn, shape (trials,), sum 1; each label gets one half.

    Raises:
        SettingsError: a label is missing.
    """
    kin = [(trial.meta.get("page", trial.id), trial.label) for trial in trials]
    clips_of = Counter(kin)
    weights = np.array([clips_of[k] ** -balance for k in kin], np.float64)
    labels = np.array([trial.label for trial in trials])
    for label in Label:
        chosen = labels == label
        if not chosen.any():
            raise SettingsError(f"There is no {label} clip to train on; both labels are needed.")
        weights[chosen] /= 2.0 * weights[chosen].sum()
    return weights


def epoch_batches(
    weights: NDArray[np.float64],
    settings: SamplingSettings,
    *,
    sample_rate: int,
    seed: int,
    epoch: int,
) -> list[Batch]:
    """Draw the batches of one epoch, as many clips as there are (a rest is left out)."""
    rng = np.random.default_rng([seed, epoch])
    clips = rng.choice(len(weights), size=len(weights), p=weights)
    seeds = rng.integers(2**31, size=len(weights))
    batches = []
    for start in range(0, len(clips) - settings.batch + 1, settings.batch):
        rows = slice(start, start + settings.batch)
        length_s = rng.uniform(settings.shortest_s, settings.longest_s)
        pairs = zip(clips[rows].tolist(), seeds[rows].tolist(), strict=True)
        batches.append(Batch(tuple(pairs), int(length_s * sample_rate)))
    return batches
