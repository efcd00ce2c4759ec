"""Name or path → a network that is ready to run. The file's type chooses the engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

from earwitness.errors import MissingExtra
from earwitness.runtimes import Opened, Runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.weights.store import Found, is_checkpoint, locate


def open_model(model: str | Path | None, *, threads: int = 1) -> Opened:
    """Find a detector, check it, and make its network ready.

    Args:
        model: its name, the path of its folder, or a checkpoint's; None for the default one.
        threads: how many threads one window may use.

    Raises:
        ModelError: it is missing or corrupt, or it fits no known network.
        MissingExtra: a checkpoint needs torch.
    """
    if is_checkpoint(model):
        opened: Opened = _torch_runtime().open_bare(Path(str(model)), threads=threads)
        return opened
    found = locate(model)
    return Opened(found.card, _checked(found, threads))


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
