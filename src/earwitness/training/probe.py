"""The floor that a detector has to beat: a shallow probe, on the same folds.

One hidden layer on time means of two early layers of a frozen encoder, and one on fixed statistics
of fine spectrum and phase; clips as they are, three seeds, scores added. It is what can be had
for nothing, so a network that was really fitted has to be clearly better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import nn

from earwitness.models.backends._heads import Heads
from earwitness.training.clips import Clip
from earwitness.training.crossfit import halves
from earwitness.training.settings import TrainingSettings
from earwitness.training.warm import Pooled, fit_heads, head_scores

EARLY = slice(1, 3)  # the layers after the stem
HIDDEN, DROPOUT, SEEDS = 256, 0.5, 3


def probe_scores(
    recipe: TrainingSettings,
    clips: Sequence[Clip],
    folds: Mapping[str, int],
    pooled: Mapping[str, Pooled],
) -> dict[str, float]:
    """Score each clip, out of fold, with a probe on what the recipe's branches pooled.

    Returns:
        clip id → raw score, higher for bona fide.
    """
    means = {name: _means(recipe, views) for name, views in pooled.items()}
    scores: dict[str, float] = {}
    for fold in sorted(set(folds.values())):
        kept, held_out = halves(clips, folds, fold)
        torch.manual_seed(recipe.seed)
        heads: list[nn.Module] = [
            Heads(branch.shape[1], hidden=HIDDEN, dropout=DROPOUT, heads=SEEDS)
            for branch in means[clips[0].trial.id]
        ]
        fit_heads(replace(recipe, warm=replace(recipe.warm, views=1)), heads, kept, means)
        scores |= head_scores(heads, held_out, means)
    return scores


def _means(recipe: TrainingSettings, views: Pooled) -> Pooled:
    """Take the first view; of moments, the means of two early layers only."""
    first = []
    for branch, pooled in zip(recipe.branches, views, strict=True):
        width = int(branch.backend_settings.get("width", 512))
        is_moments = branch.backend == "moments"
        columns = slice(EARLY.start * width, EARLY.stop * width) if is_moments else slice(None)
        first.append(pooled[:1, columns])
    return first
