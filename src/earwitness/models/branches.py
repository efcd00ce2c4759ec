"""A countermeasure of several branches: each hears the waveform its own way, their scores add up.

Notable: each branch is a front end and a back end found by name in their registries, so a recipe
can put together what it likes; the sum is the logit of a posterior when all are trained at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

import torch
from torch import Tensor, nn

from earwitness.config import settings as fitted
from earwitness.models.backends import BACKENDS
from earwitness.models.frontends import FRONTENDS
from earwitness.registry import Registry

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True)
class BranchSettings:
    """One branch: names of its parts and the tables of their settings."""

    frontend: str
    backend: str
    frontend_settings: dict[str, Any] = field(default_factory=dict)
    backend_settings: dict[str, Any] = field(default_factory=dict)


class Branches(nn.Module):
    """(batch, samples) → one raw score a row, (batch,); higher = more bona fide."""

    def __init__(self, branches: tuple[BranchSettings, ...]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(_branch(branch) for branch in branches)

    def scores(self, samples: Tensor) -> Tensor:
        """Score with each branch apart: (batch, samples) → (branches, batch)."""
        return torch.stack([branch(samples).float() for branch in self.branches])

    def forward(self, samples: Tensor) -> Tensor:
        """Add up the branches' scores."""
        return self.scores(samples).sum(dim=0)


def _branch(branch: BranchSettings) -> nn.Module:
    front = _part(FRONTENDS, branch.frontend, branch.frontend_settings)
    back = _part(BACKENDS, branch.backend, branch.backend_settings)
    return nn.Sequential(front, back)


def _part(registry: Registry[Any], name: str, table: dict[str, Any]) -> nn.Module:
    factory = registry.get(name)
    kind = get_type_hints(factory)["settings"]
    part: nn.Module = factory(fitted(kind, table, where=f"{registry.kind} {name}"))
    return part
