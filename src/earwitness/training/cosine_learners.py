"""A learner whose network tells cosines, for a loss that is made of them."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from earwitness.models.backends.aasist import StackedGraphs
from earwitness.models.cosine_heads import with_cosine_head
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.layouts import cosine_heads
from earwitness.training.learner import Learner
from earwitness.training.losses import BuiltLoss

_OUT = "backend.out"


def suited(learner: Learner, loss: BuiltLoss) -> Learner:
    """Give the network a head of cosines, in place, if the loss needs one.

    The learner that comes back writes files in the layout ``cosine_heads``. One that is told a
    loss of logits, or has such a head already, stays as it is.

    Raises:
        IncompatibleWeights: the loss needs cosines, and the network has no such head.
    """
    if not loss.needs_cosine:
        return learner
    is_linear = _has_linear_head(learner.network)
    with_cosine_head(learner.network)
    if not is_linear:
        return learner
    names = dict(learner.names)
    theirs = names.pop(f"{_OUT}.weight").removesuffix("weight")
    del names[f"{_OUT}.bias"]
    names[f"{_OUT}.directions"] = f"{theirs}directions"
    return replace(
        learner, architecture=f"{learner.architecture}{cosine_heads.ENDING}", names=names
    )


def _has_linear_head(network: nn.Module) -> bool:
    if not isinstance(network, Countermeasure) or not isinstance(network.backend, StackedGraphs):
        return False
    return isinstance(network.backend.out, nn.Linear)
