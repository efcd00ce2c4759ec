"""A warm start: heads fitted on frozen front ends, before front ends and heads are fitted together.

What a frozen front end gives does not depend on the fold, so each clip is pooled a few times
(views: once as it is, then cropped and augmented), and every fold's heads are fitted on that in
seconds. Fitting from random heads would first spoil what the encoder knows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from earwitness.augmentation import chain
from earwitness.models.branches import Branches
from earwitness.training.clips import Clip
from earwitness.training.data import BatchDataset, loader
from earwitness.training.sampling import Batch, weights_of
from earwitness.training.settings import TrainingSettings

Pooled = Sequence[NDArray[np.float16]]  # of one clip: one array a branch, (views, width)
_ROWS = 16


def pooled_views(
    recipe: TrainingSettings,
    network: Branches,
    clips: Sequence[Clip],
    folder: Path,
    *,
    workers: int,
    on_view: Callable[[int, int], None] = lambda _view, _views: None,
) -> dict[str, Pooled]:
    """Pool every view of every clip, or take what is there already.

    Returns:
        clip id → one array a branch, (views, width).
    """
    folder.mkdir(parents=True, exist_ok=True)
    views = []
    for view in range(recipe.warm.views):
        path = folder / f"view_{view}.npz"
        if not path.exists():
            on_view(view, recipe.warm.views)
            arrays = _pool_view(recipe, network, clips, view, workers)
            partial = path.with_suffix(f".{os.getpid()}.partial")
            with partial.open("wb") as file:
                np.savez(file, *arrays)
            partial.replace(path)
        with np.load(path) as stored:
            views.append([stored[name] for name in stored.files])
    branches = [np.stack(of_views, axis=1) for of_views in zip(*views, strict=True)]
    return {clip.trial.id: [b[i] for b in branches] for i, clip in enumerate(clips)}


def heads_of(network: Branches) -> list[nn.Module]:
    """List the heads of a network, one a branch."""
    return [branch.get_submodule("1").get_submodule("head") for branch in network.branches]


def fit_heads(
    recipe: TrainingSettings,
    heads: Sequence[nn.Module],
    clips: Sequence[Clip],
    pooled: Mapping[str, Pooled],
) -> None:
    """Fit heads, in place, on pooled views of the clips; each network of them for itself.

    Args:
        recipe: its ``warm`` says how.
        heads: one a branch, (batch, width) → (batch, networks).
        clips: to be fitted to.
        pooled: clip id → one array a branch, (views, width).
    """
    warm = recipe.warm
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 1])
    weights = weights_of([clip.trial for clip in clips], balance=recipe.sampling.balance)
    targets = np.array([float(clip.trial.label == "bonafide") for clip in clips], np.float32)
    parameters = [parameter for head in heads for parameter in head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=warm.rate, weight_decay=warm.weight_decay)
    steps = max(1, warm.epochs * len(clips) // warm.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, warm.rate, total_steps=steps, pct_start=0.1
    )
    for head in heads:
        head.train()
    for _ in range(steps):
        rows = rng.choice(len(clips), warm.batch, p=weights)
        scores = _scores(heads, _drawn([pooled[clips[i].trial.id] for i in rows], rng))
        wanted = torch.from_numpy(targets[rows]).expand_as(scores)
        each = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
        optimiser.zero_grad()
        each.mean(dim=2).sum().backward()  # type: ignore[no-untyped-call]  # torch has no type
        optimiser.step()
        schedule.step()


def head_scores(
    heads: Sequence[nn.Module], clips: Sequence[Clip], pooled: Mapping[str, Pooled]
) -> dict[str, float]:
    """Score the first view of clips with heads alone."""
    for head in heads:
        head.eval()
    first = [[branch[0] for branch in pooled[clip.trial.id]] for clip in clips]
    parts = [torch.from_numpy(np.stack(part)).float() for part in zip(*first, strict=True)]
    with torch.inference_mode():
        scores = _scores(heads, parts).mean(dim=1).sum(dim=0).tolist()
    return {clip.trial.id: score for clip, score in zip(clips, scores, strict=True)}


def _drawn(rows: Sequence[Pooled], rng: np.random.Generator) -> list[Tensor]:
    """Draw one view of each row: one tensor a branch, (batch, width)."""
    views = rng.integers(len(rows[0][0]), size=len(rows))
    drawn = [[branch[view] for branch in row] for row, view in zip(rows, views, strict=True)]
    return [torch.from_numpy(np.stack(part)).float() for part in zip(*drawn, strict=True)]


def _scores(heads: Sequence[nn.Module], parts: Sequence[Tensor]) -> Tensor:
    """Score with every network of every branch: (branches, networks of a branch, batch)."""
    return torch.stack([head(x).T for head, x in zip(heads, parts, strict=True)])


def _pool_view(
    recipe: TrainingSettings, network: Branches, clips: Sequence[Clip], view: int, workers: int
) -> list[NDArray[np.float16]]:
    sampling = recipe.sampling
    rng = np.random.default_rng([recipe.seed, 2, view])
    batches = []
    for start in range(0, len(clips), _ROWS):
        numbers = range(start, min(start + _ROWS, len(clips)))
        longest = sampling.longest_s if view == 0 else None
        length_s = longest or rng.uniform(sampling.shortest_s, sampling.longest_s)
        seeds = rng.integers(2**31, size=len(numbers)).tolist()
        pairs = tuple(zip(numbers, seeds, strict=True))
        batches.append(Batch(pairs, int(length_s * recipe.sample_rate)))
    dataset = BatchDataset(
        clips, batches, chain(recipe.augmentation, where=recipe.name),
        augmented_share=float(view > 0), sample_rate=recipe.sample_rate,
    )  # fmt: skip
    network.eval()
    rows: list[list[NDArray[np.float16]]] = [[] for _ in network.branches]
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for samples, _ in loader(dataset, workers=workers):
            for branch, found in zip(network.branches, rows, strict=True):
                front, back = branch.get_submodule("0"), branch.get_submodule("1")
                pooled = cast(Any, back).pooled(front(samples))
                found.append(pooled.float().numpy().astype(np.float16))
    return [np.concatenate(found) for found in rows]
