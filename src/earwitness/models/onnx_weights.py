"""Named tensors out of an ONNX file that ``earwitness train`` or ``export`` wrote.

The exporter keeps the names of most weights. Of a linear layer on frames it keeps the bias only,
and turns the weight round; that one is known by the bias that is added to its product. Weights
that were stored as halves are widened, as the file's own graph does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import onnx
import torch
from onnx import GraphProto, NodeProto, numpy_helper
from torch import Tensor

from earwitness.errors import WeightsCorrupt, WeightsMissing

_COUNTED = "num_batches_tracked"


def read(path: Path) -> dict[str, Tensor]:
    """Read the weights of a network.

    Raises:
        WeightsMissing: the file is not there or may not be read.
        WeightsCorrupt: it is no ONNX file.
    """
    try:
        graph = onnx.load(path).graph
    except OSError as exc:
        raise WeightsMissing(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    except Exception as exc:  # protobuf's DecodeError; protobuf is onnx's affair, not ours
        raise WeightsCorrupt(f"{path}: cannot be read as an ONNX file ({exc}).") from exc
    stored = {one.name: _tensor(one) for one in graph.initializer}
    values = {**stored, **{node.output[0]: stored[node.input[0]] for node in _widened(graph)}}
    named = {name: value for name, value in values.items() if _is_name(name)}
    turned = dict(_turned(graph, values))
    counts = {
        name.replace("running_var", _COUNTED): torch.tensor(0)
        for name in named
        if name.endswith(".running_var")
    }
    return {**named, **turned, **counts}


def _tensor(stored: onnx.TensorProto) -> Tensor:
    value = torch.from_numpy(numpy_helper.to_array(stored).copy())
    return value.float() if value.dtype == torch.float16 else value


def _widened(graph: GraphProto) -> Iterator[NodeProto]:
    stored = {one.name for one in graph.initializer}
    return (node for node in graph.node if node.op_type == "Cast" and node.input[0] in stored)


def _turned(graph: GraphProto, values: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Find the products with a weight that was turned round, and name it after their bias."""
    products = {
        node.output[0]: node.input[1]
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in values
    }
    for node in graph.node:
        if node.op_type != "Add":
            continue
        biases = [name for name in node.input if name.endswith(".bias")]
        weights = [products[name] for name in node.input if name in products]
        if biases and weights:
            name = biases[0].removesuffix(".bias") + ".weight"
            yield name, values[weights[0]].T.contiguous()


def _is_name(name: str) -> bool:
    """Tell the names of a network's weights from those that the exporter made up."""
    return "::" not in name and "." in name and not name.startswith("/") and name[-5:] != ".half"
