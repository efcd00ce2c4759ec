"""What a network is worth on a part: loss and EER, each clip once and as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from earwitness.errors import SettingsError
from earwitness.metrics.eer import eer
from earwitness.training.batches import Making, Ranks, plain_batches
from earwitness.training.fitting_precision import computing
from earwitness.training.losses import BuiltLoss
from earwitness.training.outputs import outputs_of
from earwitness.training.recipes import FitPrecision

T = TypeVar("T")


@dataclass(frozen=True)
class Measuring:
    """How parts are measured.

    Attributes:
        loss: the same that is trained with.
        size: clips at once.
        ranks: each process measures its share, and all are told the whole.
        precision: of large products.
    """

    loss: BuiltLoss
    size: int
    ranks: Ranks = Ranks()  # noqa: RUF009  # frozen
    precision: FitPrecision = "fp32"


@dataclass(frozen=True)
class Measured:
    """Loss and EER (a fraction) of a part."""

    loss: float
    eer: float


def measure_part(network: nn.Module, making: Making, how: Measuring) -> Measured:
    """Measure a network on a part; it is left in evaluation mode.

    Args:
        network: of any kind.
        making: of the part.
        how: loss, precision, and who measures what.

    Raises:
        SettingsError: a score is no finite number.
    """
    one = next(network.parameters())
    loss_sum = weight_sum = 0.0
    scores: dict[int, float] = {}
    network.eval()
    with torch.inference_mode(), computing(how.precision, one.device):
        for numbers, samples, targets in plain_batches(making, how.ranks, size=how.size):
            own = targets.to(one)
            outputs = outputs_of(network, samples.to(one))
            weights = how.loss.row_weights(own)
            loss_sum += float((weights * how.loss.rows(outputs, own)).sum())
            weight_sum += float(weights.sum())
            found = _scores(outputs.logits, outputs.parts)
            scores |= dict(zip(numbers, found.tolist(), strict=True))
    parts = gathered((loss_sum, weight_sum, scores), how.ranks)
    everyone = {number: score for part in parts for number, score in part[2].items()}
    ordered = np.array([everyone[number] for number in range(len(making.clips))])
    if not np.isfinite(ordered).all():
        raise no_number("A score of the dev part or the keep set")
    mean = sum(part[0] for part in parts) / sum(part[1] for part in parts)
    return Measured(mean, eer(ordered, np.array(making.are_bona_fide())))


def no_number(what: str) -> SettingsError:
    """Make the error of a training that went astray."""
    return SettingsError(
        f"{what} is no finite number. Take a lower rate, a limit of the gradient (clip_norm = 1.0) "
        'or precision = "fp32".'
    )


def gathered(own: T, ranks: Ranks) -> list[T]:
    """Tell all processes what each of them has, in order."""
    if ranks.ranks == 1:
        return [own]
    everyone = [own] * ranks.ranks
    torch.distributed.all_gather_object(everyone, own)
    return everyone


def _scores(logits: Tensor, parts: Tensor | None) -> Tensor:
    """Give the score as a detector gives it: the bona fide output alone."""
    return (logits[:, 1] if parts is None else parts.sum(dim=0)).float()
