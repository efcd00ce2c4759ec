"""Reading checkpoint files that strangers made: numbers come out, nothing in them runs.

``read`` finds out by keys and shapes which of the known layouts a file has; nothing in it is
skipped, and what does not fit is listed.
"""

from __future__ import annotations

import pickle
import warnings
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing
from earwitness.models.layouts import LAYOUTS, Published, Weights

LISTED = 8


def read(path: Path) -> Published:
    """Read a checkpoint of a whole countermeasure, in whichever known layout it is.

    Raises:
        WeightsMissing: the file is not there or may not be read.
        WeightsCorrupt: it is no checkpoint, ends early, wants to run code, or holds NaN.
        IncompatibleWeights: it fits no known layout; what does not fit the nearest is listed.
    """
    return fitting(read_weights(path), path)


def fitting(weights: Weights, path: Path) -> Published:
    """Find the layout that weights are in, and build the network that they belong to.

    Args:
        weights: as ``read_weights`` gives them.
        path: where they came from, for messages.

    Raises:
        IncompatibleWeights: they fit no known layout; what does not fit the nearest is listed.
    """
    nearest: tuple[str, list[str]] | None = None
    known: list[str] = []
    for layout in (LAYOUTS.get(name)() for name in LAYOUTS.names()):
        known += layout.networks
        for name in layout.networks:
            problems = layout.problems(name, weights)
            if not problems:
                return replace(layout.build(name, weights), proof=layout.proof)
            if nearest is None or len(problems) < len(nearest[1]):
                nearest = name, problems
    name, problems = nearest or ("any", [])
    raise IncompatibleWeights(
        f"{path}: does not fit {', '.join(known)}. Against {name}: {listed(problems)}."
    )


def listed(things: list[str]) -> str:
    """Join a list for a message, the first few of it."""
    more = f" and {len(things) - LISTED} more" if len(things) > LISTED else ""
    return ", ".join(things[:LISTED]) + more


def read_weights(path: Path) -> Weights:
    """Read a torch checkpoint into named tensors on the CPU.

    Weights may stand under a key of their own (``state_dict``, ``model``), beside an optimiser's
    state and the ``args`` of a training script, and their names may carry the ``module.`` of
    data-parallel training.

    An ONNX file of our own gives the weights that it was made of, as far as their names are kept.

    Notable: tensors stay on the disk until they are used, so that a network as large as memory
    is not held twice. ``argparse.Namespace`` is the one class beside tensors that is allowed; it
    holds values and runs nothing.

    Raises:
        WeightsMissing: the file is not there or may not be read.
        WeightsCorrupt: it is no checkpoint, ends early, wants to run code, or holds NaN.
        IncompatibleWeights: it is a checkpoint of something else than named tensors.
    """
    content = _content(path)
    weights = _named_tensors(content)
    if weights is None:
        raise IncompatibleWeights(f"{path}: holds no table of named tensors, so no weights.")
    broken = [name for name, value in weights.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise WeightsCorrupt(f"{path}: NaN or infinite values in {listed(broken)}.")
    return {name.removeprefix("module."): value for name, value in weights.items()}


def _content(path: Path) -> object:
    if path.suffix == ".onnx":
        from earwitness.models import onnx_weights

        return onnx_weights.read(path)
    return _load_safe(path) if path.suffix == ".safetensors" else _load(path)


def save(weights: Weights, path: Path) -> None:
    """Write weights as safetensors, under the names that they have: numbers, and no code.

    Raises:
        OSError: the file cannot be written.
    """
    save_file(dict(_of_their_own(weights)), path, metadata={"format": "pt"})


def _of_their_own(weights: Weights) -> Iterator[tuple[str, Tensor]]:
    """Give each tensor memory of its own: safetensors takes no views of each other."""
    seen: set[int] = set()
    for name, value in weights.items():
        place = value.untyped_storage().data_ptr()
        is_whole = value.is_contiguous() and value.untyped_storage().nbytes() == value.nbytes
        yield name, value if is_whole and place not in seen else value.contiguous().clone()
        seen.add(place)


def _load(path: Path) -> object:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals([Namespace]):
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True, mmap=_is_zip(path))
    except OSError as exc:
        raise WeightsMissing(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    except pickle.UnpicklingError as exc:
        raise WeightsCorrupt(
            f"{path}: is not a plain torch checkpoint of tensors, and was not opened further."
        ) from exc
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, TypeError) as exc:
        first = str(exc).partition("\n")[0] or type(exc).__name__
        raise WeightsCorrupt(f"{path}: cannot be read as a torch checkpoint ({first}).") from exc


def _load_safe(path: Path) -> object:
    try:
        return load_file(path)
    except OSError as exc:
        raise WeightsMissing(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    except SafetensorError as exc:
        raise WeightsCorrupt(f"{path}: cannot be read as safetensors ({exc}).") from exc


def _is_zip(path: Path) -> bool:
    """Say whether weights can be left on the disk until they are used; old files cannot."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _named_tensors(content: object) -> Weights | None:
    """Find the table of tensors, at the top or under one of the usual keys."""
    if not isinstance(content, Mapping):
        return None
    for inner in (content, content.get("state_dict"), content.get("model")):
        if isinstance(inner, Mapping) and inner and _is_weights(inner):
            return {str(name): value.detach() for name, value in inner.items()}
    return None


def _is_weights(table: Mapping[object, object]) -> bool:
    return all(isinstance(k, str) and isinstance(v, Tensor) for k, v in table.items())
