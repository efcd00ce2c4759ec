"""Live torch networks, run on the CPU; and the checkpoints that they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from earwitness.errors import WeightsMissing
from earwitness.models import checkpoints
from earwitness.models.layouts import Published
from earwitness.runtimes import Opened
from earwitness.weights.cards import Card
from earwitness.weights.store import sha256_of

HOP_S = 2.0
NOT_STATED = "not stated"


def open_checkpoint(path: Path, *, threads: int = 1) -> TorchRuntime:
    """Read a checkpoint in any known layout and make it ready.

    Raises:
        ModelError: it is missing or corrupt, or fits no known layout.
    """
    return TorchRuntime(checkpoints.read(path).network, threads=threads)


def open_bare(path: Path, *, threads: int = 1) -> Opened:
    """Read a checkpoint that has no card, and write it the card that its file allows.

    Raises:
        ModelError: it is missing or corrupt, or fits no known layout.
    """
    published = checkpoints.read(path)
    return Opened(bare_card(path, published), TorchRuntime(published.network, threads=threads))


def bare_card(path: Path, published: Published) -> Card:
    """Say of a checkpoint what its file says: the rest is "not stated", and no calibration."""
    return Card(
        name=path.stem,
        title=f"{published.name}, from {path.name}",
        licence=NOT_STATED,
        origin=path.name,
        network=path.name,
        sha256=_sha256(path),
        sample_rate=published.sample_rate,
        parameters=sum(p.numel() for p in published.network.parameters()),
        training_data=NOT_STATED,
        proof=published.proof,
        windows={
            "length_s": published.window / published.sample_rate,
            "hop_s": HOP_S,
            "padding": "tile",
        },
    )


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as exc:
        raise WeightsMissing(f"{path}: cannot be read ({exc.strerror}).") from exc


class TorchRuntime:
    """A countermeasure that is still a torch module.

    Notable: the module is put into eval mode, and its convolutions into the memory layout that
    the CPU likes best (AASIST then takes a seventh to a third less CPU time).

    Args:
        network: (batch, samples) → (batch,).
        threads: how many threads one call may use; torch counts them for the whole process.
    """

    def __init__(self, network: nn.Module, *, threads: int = 1) -> None:
        self._network = network.eval()
        for parameter in self._network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._threads = threads

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score windows of shape (batch, samples); gives (batch,), higher = bona fide."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                rows = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
                scores: NDArray[np.float32] = self._network(rows).float().numpy()
        finally:
            torch.set_num_threads(before)
        return scores
