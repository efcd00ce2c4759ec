"""Networks in ONNX files, run on the CPU or by CUDA. The only door of onnxruntime.

Since 1.32 onnxruntime numbers the machine and reports its use to its maker, from the moment that it
is imported, unless it is told not to.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from earwitness.errors import (
    IncompatibleWeights,
    SettingsError,
    WeightsCorrupt,
    WeightsMissing,
)
from earwitness.runtimes import Device
from earwitness.runtimes.processor import has_vnni

INPUT, OUTPUT = "samples", "score"
AT_ONCE_BY_CUDA = 16
_ONLY_FATAL = 4
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# TensorFloat-32 would round what goes into a product to ten bits, which nobody asked for.
_BY_CUDA = [(_CUDA, {"use_tf32": "0"}), _CPU]


class Session:
    """A network that is ready to run. Safe to share between threads.

    Args:
        path: the ONNX file.
        threads: how many threads one call may use; 1 runs it in the caller's own.
        device: where it runs; "auto" takes CUDA where this onnxruntime has it.

    Raises:
        WeightsMissing: there is no such file.
        WeightsCorrupt: the file is no network that can be run.
        SettingsError: it cannot run on that device here.
    """

    def __init__(self, path: Path, *, threads: int = 1, device: Device = "cpu") -> None:
        if not path.is_file():
            raise WeightsMissing(f"{path}: there is no such network file. Install again.")
        providers = _providers(device)
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), _options(threads), providers=providers
            )
        except Exception as exc:  # onnxruntime's errors have no common base
            raise WeightsCorrupt(
                f"{path}: is not a network that onnxruntime can run ({_first_line(exc)}). "
                "Was it copied to the end?"
            ) from exc
        self.is_on_cuda = self._session.get_providers()[0] == _CUDA
        if device == "cuda" and not self.is_on_cuda:
            raise SettingsError(_no_cuda("it found no device that it can use"))
        self.path = path
        self.inputs = [node.name for node in self._session.get_inputs()]
        self.outputs = [node.name for node in self._session.get_outputs()]

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the network once; the outputs come in the file's order.

        Raises:
            IncompatibleWeights: the network refuses what it is fed, or breaks off.
        """
        try:
            return list(self._session.run(None, dict(feeds)))
        except Exception as exc:
            shapes = ", ".join(f"{name} {np.shape(feed)}" for name, feed in feeds.items())
            raise IncompatibleWeights(
                f"{self.path}: cannot be run on {shapes} ({_first_line(exc)})."
            ) from exc


class OnnxRuntime:
    """A countermeasure in an ONNX file: ``samples`` (batch, samples) in, ``score`` (batch,) out.

    Args:
        network: the ONNX file.
        threads: how many threads one call may use.
        device: where it runs.

    Raises:
        WeightsMissing: there is no such file.
        WeightsCorrupt: the file is no network that can be run.
        IncompatibleWeights: its input or output is called otherwise.
        SettingsError: it cannot run on that device here.
    """

    def __init__(self, network: Path, *, threads: int = 1, device: Device = "cpu") -> None:
        self._session = Session(network, threads=threads, device=device)
        self.at_once = AT_ONCE_BY_CUDA if self._session.is_on_cuda else 1
        found = (self._session.inputs, self._session.outputs)
        if found != ([INPUT], [OUTPUT]):
            raise IncompatibleWeights(
                f"{network}: takes {found[0]} and gives {found[1]}, but a countermeasure takes "
                f"['{INPUT}'] and gives ['{OUTPUT}']. Export it again."
            )

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score windows of shape (batch, samples); gives (batch,), higher = bona fide."""
        windows = np.ascontiguousarray(samples, np.float32)
        return np.asarray(self._session.run({INPUT: windows})[0], np.float32).reshape(-1)


def open_session(path: Path, *, threads: int = 1) -> Session:
    """Open a network of any shape, such as the voice activity detector's."""
    return Session(path, threads=threads)


def _providers(device: Device) -> list[Any]:
    has_cuda = _CUDA in onnxruntime.get_available_providers()
    if device == "mps":
        raise SettingsError("ONNX networks run on cpu or cuda, but mps was asked for.")
    if device == "cuda" and not has_cuda:
        raise SettingsError(_no_cuda("it was built without; install onnxruntime-gpu for it"))
    return _BY_CUDA if device != "cpu" and has_cuda else [_CPU]


def _no_cuda(why: str) -> str:
    return f"onnxruntime has no CUDA here: {why}. Leave --device out to run on the CPU."


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL
    # Waiting threads would burn the processor that the other recordings need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not has_vnni():
        # Such processors add int8 products in 16 bits, which overflow: scores would be other ones
        # than where the file was exported and compared. This makes them slower, and right.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
