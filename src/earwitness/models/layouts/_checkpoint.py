"""Reading checkpoint files that strangers made: numbers come out, nothing in them runs."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing

Weights = dict[str, Tensor]

LISTED = 8


def read_weights(path: Path) -> Weights:
    """Read a torch checkpoint into named tensors on the CPU.

    Weights may stand under a key of their own (``state_dict``, ``model``), and their names may
    carry the ``module.`` of data-parallel training.

    Raises:
        WeightsMissing: the file is not there or may not be read.
        WeightsCorrupt: it is no checkpoint, ends early, wants to run code, or holds NaN.
        IncompatibleWeights: it is a checkpoint of something else than named tensors.
    """
    content = _load(path)
    weights = _named_tensors(content)
    if weights is None:
        raise IncompatibleWeights(f"{path}: holds no table of named tensors, so no weights.")
    broken = [name for name, value in weights.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise WeightsCorrupt(f"{path}: NaN or infinite values in {listed(broken)}.")
    return {name.removeprefix("module."): value for name, value in weights.items()}


def misfits(weights: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """List what keeps these weights from fitting: missing, unexpected and mis-shaped keys."""
    missing = [f"missing {name}" for name in shapes if name not in weights]
    unexpected = [f"unexpected {name}" for name in weights if name not in shapes]
    shaped = [
        f"{name} is {tuple(value.shape)} instead of {shapes[name]}"
        for name, value in weights.items()
        if name in shapes and tuple(value.shape) != shapes[name]
    ]
    return [*missing, *unexpected, *shaped]


def listed(things: list[str]) -> str:
    """Join a list for a message, the first few of it."""
    more = f" and {len(things) - LISTED} more" if len(things) > LISTED else ""
    return ", ".join(things[:LISTED]) + more


def _load(path: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as exc:
        raise WeightsMissing(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    except pickle.UnpicklingError as exc:
        raise WeightsCorrupt(
            f"{path}: is not a plain torch checkpoint of tensors, and was not opened further."
        ) from exc
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, TypeError) as exc:
        first = str(exc).partition("\n")[0] or type(exc).__name__
        raise WeightsCorrupt(f"{path}: cannot be read as a torch checkpoint ({first}).") from exc


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
