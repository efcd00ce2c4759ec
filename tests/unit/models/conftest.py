"""The encoder that several published networks have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from torch import Tensor


@pytest.fixture(scope="session")
def xlsr_keys(shared: Path) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of XLS-R 300M by fairseq, from the golden list."""
    text = (shared / "golden" / "ssl_aasist" / "keys_xlsr300m.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return {
        key: tuple(int(n) for n in shape.split("x"))
        for key, shape, *_ in rows
        if key.startswith("ssl_model.")
    }


@pytest.fixture(scope="session")
def tiny_xlsr(shared: Path) -> dict[str, Tensor]:
    """Weights of an encoder of two layers, 64 wide, by fairseq, whose outputs are golden."""
    import torch

    path = shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"
    weights = torch.load(path, weights_only=True)
    return {key: value for key, value in weights.items() if key.startswith("ssl_model.")}
