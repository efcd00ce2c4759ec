"""EWC: a spring from each weight to where it started, as strong as the old data need it to be.

Kirkpatrick et al. 2017, "Overcoming catastrophic forgetting in neural networks". How much a weight
matters is the diagonal of the Fisher information on the keep-set: the mean square of the gradient
of the log-likelihood of labels that the old network itself would draw, clip by clip. It is divided
by its mean, so that ``strength`` means what it means for L2-SP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.errors import SettingsError
from earwitness.training.keeping import REMEDIES, Batches, Penalty, Remedy
from earwitness.training.keeping._distance import moved
from earwitness.training.losses import Outputs
from earwitness.training.outputs import outputs_of


@dataclass(frozen=True)
class EwcSettings:
    """The spring's ``strength``, and the ``clips`` of the keep-set that importance is learnt on.

    ``seed`` is that of the labels which the old network draws.
    """

    strength: float = 0.1
    clips: int = 256
    seed: int = 1

    def __post_init__(self) -> None:
        if self.strength <= 0 or self.clips < 1:
            raise SettingsError(
                f"strength ({self.strength}) must be above 0, clips ({self.clips}) at least 1."
            )


def fisher(network: nn.Module, batches: Batches, settings: EwcSettings) -> dict[str, Tensor]:
    """Estimate how much each weight matters to what a network says, 1 on average.

    Args:
        network: the old one, in evaluation mode; its weights stay as they are.
        batches: of the data that matter.
        settings: how many clips, and the seed.

    Raises:
        SettingsError: the network is so sure of all clips that nothing can be told.
    """
    weights = {
        name: weight.detach().clone().requires_grad_()
        for name, weight in network.named_parameters()
    }
    squares = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    chance = torch.Generator().manual_seed(settings.seed)
    anywhere = next(iter(weights.values()))
    for clip in _clips(batches, settings.clips):
        for name, gradient in _gradients(network, weights, clip.to(anywhere), chance).items():
            squares[name] += gradient.square()
    total = sum(float(square.sum()) for square in squares.values())
    if not total > 0:
        raise SettingsError(
            "ewc: the starting network is so sure of every clip of the keep-set that its weights "
            "do not matter to it. Take l2_sp, or a harder keep-set."
        )
    mean = total / sum(square.numel() for square in squares.values())
    return {name: square / mean for name, square in squares.items()}


@REMEDIES.add
def build(settings: EwcSettings) -> Remedy:
    """Build the remedy."""

    def prepare(start: nn.Module, batches: Batches | None) -> Penalty:
        if batches is None:
            raise SettingsError(
                "ewc: there is no keep-set to learn from what matters. Give --keep."
            )
        then = start.state_dict()
        importance = fisher(start, batches, settings)

        def penalty(network: nn.Module, samples: Tensor, outputs: Outputs, step: int) -> Tensor:
            del outputs, step
            parts = [
                (importance[name].to(way) * way.square()).sum()
                for name, way in moved(network, then)
                if name in importance
            ]
            total = torch.stack(parts).sum() if parts else samples.new_zeros(())
            return 0.5 * settings.strength * total

        return penalty

    return Remedy(prepare=prepare)


def _clips(batches: Batches, wanted: int) -> Iterator[Tensor]:
    given, number = 0, 0
    while given < wanted:
        for row in batches(number)[0]:
            if given < wanted:
                yield row[None]
            given += 1
        number += 1


def _gradients(
    network: nn.Module, weights: dict[str, Tensor], clip: Tensor, chance: torch.Generator
) -> dict[str, Tensor]:
    """Differentiate the log-likelihood of a label that the network draws for one clip."""
    said = _log_odds(network, weights, clip)
    drawn = torch.rand((), generator=chance).to(said) < torch.sigmoid(said)
    likelihood = functional.logsigmoid(said if drawn else -said)
    found = torch.autograd.grad(likelihood, list(weights.values()), allow_unused=True)
    pairs = zip(weights, found, strict=True)
    return {name: gradient for name, gradient in pairs if gradient is not None}


def _log_odds(network: nn.Module, weights: dict[str, Tensor], clip: Tensor) -> Tensor:
    """Run one clip with these weights: the log odds of bona fide, a scalar."""
    whole = _Outputs(network)
    named = {f"network.{name}": weight for name, weight in weights.items()}
    logits: Tensor = torch.func.functional_call(whole, named, (clip,))
    return (logits[:, 1] - logits[:, 0]).squeeze(0)


class _Outputs(nn.Module):
    """``outputs_of`` as a module, so that it can be called with other weights."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, clip: Tensor) -> Tensor:
        return outputs_of(self.network, clip).logits
