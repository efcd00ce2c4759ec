"""Name or path → a network that is ready to run. The file's type chooses the engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from earwitness.errors import MissingExtra, SettingsError
from earwitness.runtimes import Engine, Opened, Precision, Runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.weights import hub
from earwitness.weights.cards import Card
from earwitness.weights.store import Found, here, is_checkpoint, locate


def open_model(model: str | Path | None, engine: Engine | None = None) -> Opened:
    """Find a detector, check it, and make its network ready.

    Args:
        model: its name, the path of its folder, or a checkpoint's, or hf:owner/name; None for the
            default one.
        engine: how its network is to be run; None for one thread, where and as it is best.

    Raises:
        ModelError: it is missing or corrupt, or it fits no known network.
        MissingExtra: a checkpoint needs torch.
        SettingsError: it cannot be run so, or not here.
    """
    engine = engine or Engine()
    place = model if model is None else here(model)
    if is_checkpoint(place):
        opened: Opened = _torch_runtime().open_bare(Path(str(place)), engine)
        return opened if place == model else _from_hub(opened, str(model))
    found = locate(place)
    card = replace(found.card, precision=_precision(found.card, engine.precision))
    return Opened(card, _checked(replace(found, card=card), engine))


def _precision(card: Card, wanted: Precision) -> str:
    """Settle in what a detector's large products are computed.

    Raises:
        SettingsError: its ONNX file holds another precision.
    """
    if wanted == "auto":
        return card.precision
    if is_checkpoint(card.network) or wanted == card.precision:
        return wanted
    to_do = "bf16 is for files of weights (.pth), which torch runs"
    if wanted == "fp32":
        to_do = "for fp32, export it again"
    raise SettingsError(
        f"{card.name}: its network is an ONNX file in {card.precision} and runs as it is; {to_do}. "
        "Or leave --precision out."
    )


def _from_hub(opened: Opened, address: str) -> Opened:
    """Call a bare file of weights by the repository that it came from."""
    name = hub.address(address).repository.partition("/")[2]
    return replace(opened, card=replace(opened.card, name=name, origin=address))


def _checked(found: Found, engine: Engine) -> Runtime:
    """Check the network while it is being opened: both take long enough to be felt."""
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(found.check)
        try:
            return _runtime(found, engine)
        finally:
            checking.result()  # what is wrong with the file comes before what follows from it


def _runtime(found: Found, engine: Engine) -> Runtime:
    if is_checkpoint(found.network):
        asked = Engine(engine.threads, engine.device, _by_torch(found.card))
        runtime: Runtime = _torch_runtime().open_checkpoint(found.network, asked)
        return runtime
    return OnnxRuntime(found.network, threads=engine.threads, device=engine.device)


def _by_torch(card: Card) -> Precision:
    return "bf16" if card.precision == "bf16" else "fp32"


def _torch_runtime() -> ModuleType:
    try:
        from earwitness.runtimes import torch_runtime
    except ModuleNotFoundError as exc:
        raise MissingExtra("Running a checkpoint", extra="torch") from exc
    return torch_runtime
