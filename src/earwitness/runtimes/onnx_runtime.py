"""Networks in ONNX files, run on the CPU. The only door of onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing

INPUT, OUTPUT = "samples", "score"
_ONLY_FATAL = 4


class Session:
    """A network that is ready to run. Safe to share between threads.

    Args:
        path: the ONNX file.
        threads: how many threads one call may use; 1 runs it in the caller's own.

    Raises:
        WeightsMissing: there is no such file.
        WeightsCorrupt: the file is no network that can be run.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        if not path.is_file():
            raise WeightsMissing(f"{path}: there is no such network file. Install again.")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # onnxruntime's errors have no common base
            raise WeightsCorrupt(
                f"{path}: is not a network that onnxruntime can run ({_first_line(exc)}). "
                "Was it copied to the end?"
            ) from exc
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

    Raises:
        WeightsMissing: there is no such file.
        WeightsCorrupt: the file is no network that can be run.
        IncompatibleWeights: its input or output is called otherwise.
    """

    def __init__(self, network: Path, *, threads: int = 1) -> None:
        self._session = Session(network, threads=threads)
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


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL
    # Waiting threads would burn the processor that the other recordings need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
