"""Live torch networks on CPU, CUDA and MPS; and the checkpoints that they come from."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from earwitness.errors import SettingsError, WeightsMissing
from earwitness.models import checkpoints
from earwitness.models.layouts import Published
from earwitness.models.lean.preparing import prepared
from earwitness.runtimes import Device, Engine, Opened
from earwitness.runtimes.processor import has_bf16
from earwitness.weights.cards import Card
from earwitness.weights.store import sha256_of

HOP_S = 2.0
NOT_STATED = "not stated"
AT_ONCE_BY_ACCELERATOR = 16


def open_checkpoint(path: Path, engine: Engine | None = None) -> TorchRuntime:
    """Read a checkpoint in any known layout and make it ready.

    Raises:
        ModelError: it is missing or corrupt, or fits no known layout.
        SettingsError: it cannot be run so, or not here.
    """
    engine = _possible(engine)
    return _runtime(checkpoints.read(path).network, engine)


def open_bare(path: Path, engine: Engine | None = None) -> Opened:
    """Read a checkpoint that has no card, and write it the card that its file allows.

    Raises:
        ModelError: it is missing or corrupt, or fits no known layout.
        SettingsError: it cannot be run so, or not here.
    """
    engine = _possible(engine)
    published = checkpoints.read(path)
    runtime = _runtime(published.network, engine)
    return Opened(replace(bare_card(path, published), precision=engine.precision), runtime)


def _runtime(network: nn.Module, engine: Engine) -> TorchRuntime:
    precision: Literal["fp32", "bf16"] = "bf16" if engine.precision == "bf16" else "fp32"
    return TorchRuntime(network, threads=engine.threads, device=engine.device, precision=precision)


def _possible(engine: Engine | None) -> Engine:
    """Settle where and in what it is computed, before a large file is read.

    Raises:
        SettingsError: that is not possible here.
    """
    engine = engine or Engine()
    device = _device(engine.device)
    precision = "fp32" if engine.precision == "auto" else engine.precision
    if precision == "bf16" and device == "cpu" and not has_bf16():
        raise SettingsError(
            "bf16 was asked for, but this processor does not multiply in it: it has neither "
            "AVX512-BF16 nor AMX, and would be slower than in fp32. Give --precision fp32."
        )
    return Engine(engine.threads, device, precision)


def _device(wanted: Device) -> Device:
    found: dict[Device, bool] = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return next(device for device, is_here in found.items() if is_here)
    if not found[wanted]:
        here = " or ".join(device for device, is_here in found.items() if is_here)
        raise SettingsError(f"torch finds no {wanted} here: --device is {here}, or left out.")
    return wanted


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

    Notable: what runs is the lean twin of the network (``models.lean``), whose scores are the same
    up to rounding; the network itself stays as it is.

    Args:
        network: (batch, samples) → (batch,).
        threads: how many threads one call may use; torch counts them for the whole process.
        device: where it runs; "auto" is the CPU here.
        precision: of large products.

    Raises:
        SettingsError: bf16 for a network that has no large products.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        threads: int = 1,
        device: Device = "cpu",
        precision: Literal["fp32", "bf16"] = "fp32",
    ) -> None:
        self._threads = threads
        self._device = torch.device("cpu" if device == "auto" else device)
        self._network = prepared(network, precision=precision).to(self._device)
        self.at_once = 1 if self._device.type == "cpu" else AT_ONCE_BY_ACCELERATOR

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score windows of shape (batch, samples); gives (batch,), higher = bona fide."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode(), _exact(self._device):
                rows = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
                scores = self._network(rows.to(self._device)).float().cpu()
        finally:
            torch.set_num_threads(before)
        found: NDArray[np.float32] = scores.numpy()
        return found


def _exact(device: torch.device) -> AbstractContextManager[object]:
    """Keep CUDA from rounding what goes into convolutions to ten bits (TensorFloat-32), unasked."""
    if device.type != "cuda":
        return nullcontext()
    exact: AbstractContextManager[object] = torch.backends.cudnn.flags(
        enabled=True, allow_tf32=False
    )
    return exact
