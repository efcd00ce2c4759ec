"""Name or path → a network that is ready to run. The file's type chooses the engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from earwitness.errors import MissingExtra
from earwitness.runtimes import Opened, Runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.weights import hub
from earwitness.weights.store import Found, here, is_checkpoint, locate


def open_model(model: str | Path | None, *, threads: int = 1) -> Opened:
    """Find a detector, check it, and make its network ready.

    Args:
        model: its name, the path of its folder, or a checkpoint's, or hf:owner/name; None for the
            default one.
        threads: how many threads one window may use.

    Raises:
        ModelError: it is missing or corrupt, or it fits no known network.
        MissingExtra: a checkpoint needs torch.
    """
    place = model if model is None else here(model)
    if is_checkpoint(place):
        opened: Opened = _torch_runtime().open_bare(Path(str(place)), threads=threads)
        return opened if place == model else _from_hub(opened, str(model))
    found = locate(place)
    return Opened(found.card, _checked(found, threads))


def _from_hub(opened: Opened, address: str) -> Opened:
    """Call a bare file of weights by the repository that it came from."""
    name = hub.address(address).repository.partition("/")[2]
    return replace(opened, card=replace(opened.card, name=name, origin=address))


def _checked(found: Found, threads: int) -> Runtime:
    """Check the network while it is being opened: both take long enough to be felt."""
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(found.check)
        try:
            return _runtime(found.network, threads)
        finally:
            checking.result()  # what is wrong with the file comes before what follows from it


def _runtime(network: Path, threads: int) -> Runtime:
    if is_checkpoint(network):
        runtime: Runtime = _torch_runtime().open_checkpoint(network, threads=threads)
        return runtime
    return OnnxRuntime(network, threads=threads)


def _torch_runtime() -> ModuleType:
    try:
        from earwitness.runtimes import torch_runtime
    except ModuleNotFoundError as exc:
        raise MissingExtra("Running a checkpoint", extra="torch") from exc
    return torch_runtime
