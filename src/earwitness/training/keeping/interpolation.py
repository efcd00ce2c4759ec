"""Interpolation: weights on the straight line from the old network to the new one.

Wortsman et al. 2022, "Robust fine-tuning of zero-shot models" (WiSE-FT): w = (1 - alpha) old +
alpha new. It costs no training: one fine-tuning gives a whole row of networks from one that forgot
nothing to one that learnt all, and dev part and keep-set choose among them.

Notable: means and variances of batch norms are interpolated like weights, not estimated anew. So
alpha 0 and 1 are the old and the new network to the bit, no data are needed, and the choice of
whose data to estimate them on (which would itself forget) does not arise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.training.keeping import REMEDIES, Ended, Ending, Merit, Point, Remedy, Weights

GRID = tuple(round(0.1 * step, 1) for step in range(11))
WITHOUT_KEEP = 0.5  # what the paper found near the best where nothing can be chosen

Rule = Literal["sum", "keep_first"]


@dataclass(frozen=True)
class InterpolationSettings:
    """Which shares of the new network are tried, and how one is chosen.

    Attributes:
        alphas: from 0 (old) to 1 (new).
        rule: "sum" takes the least sum of both EERs; "keep_first" the least EER on the dev part
            among those that lose at most ``allowed_loss`` on the keep-set.
        allowed_loss: rise of the keep-set's EER, as a fraction.
        without_keep: the alpha that is taken where there is no keep-set to choose by.
    """

    alphas: tuple[float, ...] = GRID
    rule: Rule = "sum"
    allowed_loss: float = 0.0
    without_keep: float = WITHOUT_KEEP

    def __post_init__(self) -> None:
        outside = [one for one in (*self.alphas, self.without_keep) if not 0.0 <= one <= 1.0]
        if outside or not self.alphas:
            told = outside[0] if outside else "none"
            raise SettingsError(f"alphas must lie between 0 and 1, but got {told}.")


def interpolated(old: Weights, new: Weights, alpha: float) -> dict[str, Tensor]:
    """Mix two tables of weights; 0 gives the old and 1 the new to the bit.

    Counters (of batches that a norm has seen) are those of the nearer table.

    Raises:
        IncompatibleWeights: the two are not of one network.

    Example:
        >>> old, new = {"w": torch.tensor([0.0, 1.0])}, {"w": torch.tensor([1.0, 3.0])}
        >>> interpolated(old, new, 0.25)["w"]
        tensor([0.2500, 1.5000])
    """
    odd = sorted(old.keys() ^ new.keys())
    odd += [name for name in old.keys() & new.keys() if old[name].shape != new[name].shape]
    if odd:
        raise IncompatibleWeights(
            f"Old and new weights are not of one network: '{odd[0]}' is not in both alike."
        )
    nearer = old if alpha < 0.5 else new
    mixed: dict[str, Tensor] = {}
    for name, before in old.items():
        if alpha in {0.0, 1.0} or not before.is_floating_point():
            mixed[name] = nearer[name].clone()
        else:
            mixed[name] = torch.lerp(before.double(), new[name].double(), alpha).to(before)
    return mixed


def grid(ending: Ending, alphas: Iterable[float]) -> tuple[Point, ...]:
    """Score the networks on the line between the start and what would be kept now."""
    return tuple(
        Point(
            f"alpha {alpha:g}",
            ending.merit(interpolated(ending.start, ending.now, alpha)),
            alpha=alpha,
        )
        for alpha in alphas
    )


def choose(points: Iterable[Point], settings: InterpolationSettings) -> Point:
    """Choose by dev part and keep-set; of equals, the one that learnt less.

    The EER of the keep-set that losses are counted from is that of the smallest alpha.

    Example:
        >>> points = [Point("", Merit(t, k), a) for a, t, k in
        ...           [(0.0, 0.40, 0.10), (0.5, 0.20, 0.11), (1.0, 0.15, 0.30)]]
        >>> choose(points, InterpolationSettings()).alpha
        0.5
        >>> choose(points, InterpolationSettings(rule="keep_first")).alpha
        0.0
    """
    ordered = sorted(points, key=lambda one: one.alpha or 0.0)
    if settings.rule == "sum":
        return min(ordered, key=lambda one: one.merit.target_eer + _kept(one.merit))
    most = _kept(ordered[0].merit) + settings.allowed_loss + 1e-12
    allowed = [one for one in ordered if _kept(one.merit) <= most]
    return min(allowed, key=lambda one: one.merit.target_eer)


@REMEDIES.add
def build(settings: InterpolationSettings) -> Remedy:
    """Build the remedy."""

    def finish(ending: Ending) -> Ended:
        points = grid(ending, settings.alphas)
        if ending.has_keep:
            alpha = choose(points, settings).alpha or 0.0
            by = "chosen on the dev part and the keep-set"
        else:
            alpha = settings.without_keep
            by = "as the recipe says, for there is no keep-set to choose by"
        weights = interpolated(ending.start, ending.now, alpha)
        if alpha not in {one.alpha for one in points}:
            points = (*points, *grid(ending, [alpha]))
        told = f"The weights are {alpha:.0%} new and {1 - alpha:.0%} old, {by}."
        marked = tuple(replace(one, is_chosen=one.alpha == alpha) for one in points)
        return Ended(weights, marked, told.replace("%", " %"))

    return Remedy(finish=finish)


def _kept(merit: Merit) -> float:
    return 0.0 if merit.keep_eer is None else merit.keep_eer
