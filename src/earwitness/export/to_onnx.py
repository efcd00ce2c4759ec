"""Network → ONNX file: samples in, score out, everything between inside the graph.

The file has one input, ``samples`` (batch, window), and one output, ``score`` (batch,); the batch
is free. Weights may be stored in half precision, which halves the file; they are widened when the
file is opened, and all arithmetic stays float32.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper
from torch import nn

from earwitness.errors import IncompatibleWeights
from earwitness.models.lean.twins import fold_norms, twin

OPSET = 17
SMALLEST_HALVED = 1024
LARGEST_FILE = 2**31  # of protobuf, in bytes
LARGEST_HALF = float(np.finfo(np.float16).max)


def write_onnx(network: nn.Module, path: Path, *, window: int, half: bool = False) -> None:
    """Write a network (batch, samples) → (batch,) as an ONNX file, in one step.

    Notable: buffers (filter banks, Fourier kernels, running statistics) stay float32 with
    ``half``, since rounding a kernel raises the noise floor of what it measures. Peak memory is
    about four times the weights: a network of 1.3 GB needs 6 GB.

    Args:
        network: taken in eval mode and in float32; the caller's own stays as it is.
        path: file to write; it appears when it is complete.
        window: samples a row.
        half: store large weights as float16.
    """
    still = twin(network).cpu().float()
    fold_norms(still)
    model = _traced(still, window)
    if half:
        model = halve_weights(model, keep={name for name, _ in still.named_buffers()})
    write_model(model, path)


def write_model(model: ModelProto, path: Path) -> None:
    """Check an ONNX model and write it; the file appears when it is complete.

    Raises:
        IncompatibleWeights: it is larger than an ONNX file can be.
    """
    if model.ByteSize() >= LARGEST_FILE:
        raise IncompatibleWeights(
            f"{path.name}: would have {model.ByteSize() / 2**30:.1f} GB, but an ONNX file holds "
            "2 GB at most. Run the network by torch, as it is."
        )
    onnx.checker.check_model(model)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(model.SerializeToString(deterministic=True))
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def halve_weights(
    model: ModelProto, *, smallest: int = SMALLEST_HALVED, keep: Collection[str] = ()
) -> ModelProto:
    """Store large float32 weights as float16 behind a cast; works on any ONNX model.

    Args:
        model: left as it is; a changed copy comes back.
        smallest: weights of fewer values stay as they are.
        keep: names of weights that stay as they are.
    """
    halved = ModelProto()
    halved.CopyFrom(model)
    casts = []
    for weight in halved.graph.initializer:
        if weight.name in keep or not _can_be_halved(weight, smallest):
            continue
        name, stored = weight.name, f"{weight.name}.half"
        values = numpy_helper.to_array(weight).astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(values, stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *halved.graph.node]
    del halved.graph.node[:]
    halved.graph.node.extend(nodes)
    return halved


def _can_be_halved(weight: TensorProto, smallest: int) -> bool:
    if weight.data_type != TensorProto.FLOAT:
        return False
    values = numpy_helper.to_array(weight)
    return values.size >= smallest and float(np.abs(values).max()) <= LARGEST_HALF


def _traced(network: nn.Module, window: int) -> ModelProto:
    """Trace on two rows; the tracing exporter, for torch's other one needs one more package."""
    buffer = io.BytesIO()
    rows = torch.zeros(2, window)
    with warnings.catch_warnings(), torch.inference_mode():
        # It warns that it is old and that sizes become constants; parity is what is checked.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (rows,),
            buffer,  # type: ignore[arg-type]  # the tracing exporter takes files too
            dynamo=False,
            opset_version=OPSET,
            input_names=["samples"],
            output_names=["score"],
            dynamic_axes={"samples": {0: "batch"}, "score": {0: "batch"}},
        )
    model = onnx.load_from_string(buffer.getvalue())
    del model.metadata_props[:]
    return model
