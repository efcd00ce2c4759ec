"""Which networks can tell cosines, and how a published one is made to.

OC-Softmax, AM-Softmax and P2SGrad are losses of cosines between a vector and a direction a class.
"""

from __future__ import annotations

from typing import TypeVar

from torch import nn

from earwitness.errors import IncompatibleWeights
from earwitness.models.backends.aasist import StackedGraphs
from earwitness.models.backends.lfcc_lcnn import LfccLcnn
from earwitness.models.countermeasure import Countermeasure

N = TypeVar("N", bound=nn.Module)


def with_cosine_head(network: N) -> N:
    """Give a network a head of cosines, in place, and give the network back.

    AASIST, alone or behind a self-supervised encoder, keeps the rows of its last layer as the
    directions to start from, so what scored high mostly still does; the bias is lost. A network
    that tells cosines already stays as it is.

    Raises:
        IncompatibleWeights: it is a network that has no such head.
    """
    back_end = network.backend if isinstance(network, Countermeasure) else network
    if isinstance(back_end, StackedGraphs):
        back_end.take_cosine_head()
    elif not (isinstance(back_end, LfccLcnn) and back_end.classes is not None):
        raise IncompatibleWeights(
            f"{type(back_end).__name__} has no head that tells cosines; AASIST has, alone or "
            "behind a self-supervised encoder, and LFCC-LCNN with P2SGrad. Choose one of these, or "
            "a loss that needs none: cross_entropy or focal."
        )
    return network
