"""The Whisper encoder inside a CTranslate2 model file, as weights of ``frontends.whisper``.

A CTranslate2 file is a list of named arrays: version, model name and revision, then for each
variable its name, rank, shape, type and bytes (little-endian, names zero-terminated), then
aliases. Only numbers are read; nothing in the file can run.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from earwitness.errors import IncompatibleWeights, WeightsCorrupt

Arrays = dict[str, NDArray[np.generic]]

_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_STEM = {"c1": "conv1", "c2": "conv2"}
_LAYER_LINEAR = {
    "qkv": "self_attention/linear_0",
    "o": "self_attention/linear_1",
    "f1": "ffn/linear_0",
    "f2": "ffn/linear_1",
}
_LAYER_NORM = {"ln1": "self_attention/layer_norm", "ln2": "ffn/layer_norm"}


def read_arrays(blob: bytes, *, source: str) -> Arrays:
    """Read every variable of a CTranslate2 model.

    Raises:
        WeightsCorrupt: the bytes end early or make no sense.
    """
    reader = _Reader(blob)
    try:
        reader.number("I")
        reader.text()
        reader.number("I")
        arrays = {}
        for _ in range(reader.number("I")):
            name = reader.text()
            arrays[name] = reader.array()
        for _ in range(reader.number("I")):
            alias = reader.text()
            arrays[alias] = arrays[reader.text()]
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError) as exc:
        raise WeightsCorrupt(f"{source}: is not a CTranslate2 model file ({exc}).") from exc
    return arrays


def encoder_weights(
    arrays: Mapping[str, NDArray[np.generic]], *, layers: int, source: str
) -> dict[str, Tensor]:
    """Name the first ``layers`` layers of the encoder as ``WhisperLayers`` does, in float32.

    Raises:
        IncompatibleWeights: the file holds another model, or fewer layers.
    """
    try:
        return _encoder_weights(arrays, layers)
    except KeyError as exc:
        raise IncompatibleWeights(
            f"{source}: holds no Whisper encoder of {layers} layers or more ({exc} is missing)."
        ) from exc


def _encoder_weights(arrays: Mapping[str, NDArray[np.generic]], layers: int) -> dict[str, Tensor]:
    out = {"pos": _tensor(arrays["encoder/position_encodings/encodings"])}
    for ours, theirs in _STEM.items():
        out |= _linear(arrays, ours, f"encoder/{theirs}")
    for layer in range(layers):
        for ours, theirs in _LAYER_LINEAR.items():
            out |= _linear(arrays, f"b.{layer}.{ours}", f"encoder/layer_{layer}/{theirs}")
        for ours, theirs in _LAYER_NORM.items():
            source = f"encoder/layer_{layer}/{theirs}"
            out[f"b.{layer}.{ours}.weight"] = _tensor(arrays[f"{source}/gamma"])
            out[f"b.{layer}.{ours}.bias"] = _tensor(arrays[f"{source}/beta"])
    return out


@dataclass
class _Reader:
    """A place in a file's bytes."""

    blob: bytes
    at: int = 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f"<{kind}", self.blob, self.at)
        self.at += struct.calcsize(kind)
        return int(value)

    def text(self) -> str:
        size = self.number("H")
        value = self.blob[self.at : self.at + size]
        if len(value) < size or not value.endswith(b"\x00"):
            raise ValueError(f"no text at byte {self.at}")
        self.at += size
        return value[:-1].decode()

    def array(self) -> NDArray[np.generic]:
        shape = [self.number("I") for _ in range(self.number("B"))]
        dtype = np.dtype(_TYPES[self.number("B")])
        size = self.number("I")
        value = np.frombuffer(self.blob, dtype, size // dtype.itemsize, self.at).reshape(shape)
        self.at += size
        return value


def _linear(arrays: Mapping[str, NDArray[np.generic]], ours: str, theirs: str) -> dict[str, Tensor]:
    weight = _tensor(arrays[f"{theirs}/weight"])
    bias = arrays.get(f"{theirs}/bias")
    zeros = torch.zeros(weight.shape[0])
    return {f"{ours}.weight": weight, f"{ours}.bias": zeros if bias is None else _tensor(bias)}


def _tensor(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32))
