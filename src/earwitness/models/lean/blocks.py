"""Residual blocks of AASIST and RawGAT-ST, with the norm folded in, in pieces that fit a cache.

A map of 23 bands by 21,490 frames in 32 channels is 63 MB, and a block makes four of them: written
to memory and read again, they cost more than the arithmetic. A piece stays in the cache; its edges
are computed twice.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from earwitness.models.backends.aasist import Block

PIECE = 768  # frames; a multiple of each pool that networks have (1 and 3)
REACH = 2  # frames that two convolutions of three hear to either side


class LeanBlock(nn.Module):
    """(batch, width, rows, frames) → (batch, out_width, rows, frames // pool), as ``Block``.

    Args:
        block: stays as it is.
    """

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.pool = block.pool
        self.conv1 = fuse_conv_bn_eval(block.conv1, block.norm)
        self.conv2 = block.conv2
        self.shortcut = block.shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, add the shortcut and pool, piece by piece where it is a CPU that does it."""
        frames = x.shape[3]
        if frames <= 2 * PIECE or x.device.type != "cpu":
            return self._pooled(self._added(x))
        pieces = []
        for start in range(0, frames - frames % self.pool, PIECE):
            first = max(0, start - REACH)
            added = self._added(x[..., first : start + PIECE + REACH])
            pieces.append(self._pooled(added[..., start - first :][..., :PIECE]))
        return torch.cat(pieces, dim=3)

    def _added(self, x: Tensor) -> Tensor:
        inner = self.conv2(functional.selu(self.conv1(x), inplace=True))
        added: Tensor = inner.add_(self.shortcut(x))
        return added

    def _pooled(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(x, (1, self.pool)) if self.pool > 1 else x


def lean_block(part: nn.Module) -> nn.Module | None:
    """Give the lean form of a block; None for any other part."""
    return LeanBlock(part) if isinstance(part, Block) else None
