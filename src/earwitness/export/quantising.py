"""Large products of an ONNX file in int8, by scales that were recorded before and stand in it.

A scale that is taken from what happens to be in a batch makes a clip's score depend on its batch
mates; a recorded one does not. What goes into a product gets one scale, recorded on sound; weights
get one for each output. All else (convolutions, norms, attention, sums) stays in float32, since
convolutions in int8 turn the features of XLS-R by more than a cosine of 0.999 allows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from earwitness.errors import SettingsError
from earwitness.export.to_onnx import write_model
from earwitness.runtimes.onnx_runtime import INPUT, open_session

LARGE = 2**18  # weights of a product that is worth it: a layer of 512 by 512
LEVELS, LARGEST = 255, 127


@dataclass(frozen=True)
class Range:
    """The smallest and the largest value that was heard, with zero among them."""

    low: float
    high: float

    @property
    def scale(self) -> float:
        """How much one of the 256 levels is."""
        return max((self.high - self.low) / LEVELS, float(np.finfo(np.float32).tiny))

    @property
    def zero(self) -> int:
        """Which level is zero."""
        return round(-self.low / self.scale)


def quantise_file(path: Path, rows: Sequence[NDArray[np.float32]], *, large: int = LARGE) -> int:
    """Put the large products of an ONNX file into int8; gives how many they are.

    Args:
        path: of the file, which is replaced when the new one is complete.
        rows: windows of sound to record ranges on, (samples,) each.
        large: how many weights make a product large.

    Raises:
        SettingsError: it has none.
    """
    model = onnx.load(path)
    _part_gemms(model.graph, large)
    found = _products(model.graph, large)
    if not found:
        raise SettingsError(
            "int8 is for networks with large matrix products, such as XLS-R. This one has none of "
            f"{large:,} weights: it would lose precision and gain nothing. Export it in fp32."
        )
    heard = sorted({product.input[0] for product in found})
    ranges = record_ranges(model, heard, rows, beside=path)
    _quantise_inputs(model.graph, found, ranges)
    _quantise_weights(model.graph, {product.input[1] for product in found})
    write_model(model, path)
    return len(found)


def record_ranges(
    model: ModelProto, values: Sequence[str], rows: Iterable[NDArray[np.float32]], *, beside: Path
) -> dict[str, Range]:
    """Run a model on sound, and note between which limits some of its inner values lie.

    Args:
        model: as it came from ``write_onnx``; it is the same again afterwards.
        values: their names.
        rows: windows of sound, (samples,) each.
        beside: a file of any name; one that is needed for a while is written beside it.
    """
    limits = [(value, kind, f"{value}.{kind}") for value in values for kind in ("Min", "Max")]
    nodes, outputs = len(model.graph.node), len(model.graph.output)
    for value, kind, name in limits:
        model.graph.node.append(helper.make_node(f"Reduce{kind}", [value], [name], keepdims=0))
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, []))
    recording = beside.with_name(f".{beside.name}.recording")
    try:
        write_model(model, recording)
        session = open_session(recording)
        found = np.array([session.run({INPUT: row[None]})[outputs:] for row in rows])
    finally:
        recording.unlink(missing_ok=True)
        del model.graph.node[nodes:], model.graph.output[outputs:]
    lows, highs = found[:, 0::2].min(axis=0), found[:, 1::2].max(axis=0)
    return {
        value: Range(min(0.0, float(low)), max(0.0, float(high)))
        for value, low, high in zip(values, lows, highs, strict=True)
    }


def _products(graph: GraphProto, large: int) -> list[NodeProto]:
    """Find the products with large weights: (..., inputs) by (inputs, outputs)."""
    sizes = {weight.name: math.prod(weight.dims) for weight in graph.initializer}
    return [
        node
        for node in graph.node
        if node.op_type == "MatMul" and sizes.get(node.input[1], 0) >= large
    ]


def _part_gemms(graph: GraphProto, large: int) -> None:
    """Turn large products that add a bias at once into a product and a sum."""
    weights = {weight.name: weight for weight in graph.initializer}
    uses = Counter(value for node in graph.node for value in node.input)
    nodes: list[NodeProto] = []
    for node in graph.node:
        weight = weights.get(node.input[1]) if _is_linear(node) else None
        if weight is None or math.prod(weight.dims) < large or uses[weight.name] > 1:
            nodes.append(node)
            continue
        turned = np.ascontiguousarray(numpy_helper.to_array(weight).T)
        weight.CopyFrom(numpy_helper.from_array(turned, weight.name))
        product = f"{node.output[0]}.product"
        nodes.append(helper.make_node("MatMul", list(node.input[:2]), [product]))
        nodes.append(helper.make_node("Add", [product, node.input[2]], list(node.output)))
    _replace_nodes(graph, nodes)


def _is_linear(node: NodeProto) -> bool:
    """Say whether this is what a linear layer is exported as: weights lie (outputs, inputs)."""
    if node.op_type != "Gemm" or len(node.input) != 3:
        return False
    said = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    as_linear = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 1}
    return {**as_linear, "transB": 0, **said} == as_linear


def _quantise_inputs(
    graph: GraphProto, products: Sequence[NodeProto], ranges: Mapping[str, Range]
) -> None:
    """Round what goes into the products to 256 levels, each value once."""
    outputs = {product.output[0] for product in products}
    nodes: list[NodeProto] = []
    rounded: set[str] = set()
    for node in graph.node:
        if node.output[0] in outputs:
            value = node.input[0]
            if value not in rounded:
                nodes += _rounding(graph, value, ranges[value])
                rounded.add(value)
            node.input[0] = f"{value}.rounded"
        nodes.append(node)
    _replace_nodes(graph, nodes)


def _rounding(graph: GraphProto, value: str, heard: Range) -> list[NodeProto]:
    scale, zero = f"{value}.scale", f"{value}.zero"
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(heard.scale, np.float32), scale),
            numpy_helper.from_array(np.array(heard.zero, np.uint8), zero),
        ]
    )
    levels = f"{value}.levels"
    return [
        helper.make_node("QuantizeLinear", [value, scale, zero], [levels]),
        helper.make_node("DequantizeLinear", [levels, scale, zero], [f"{value}.rounded"]),
    ]


def _quantise_weights(graph: GraphProto, names: set[str]) -> None:
    """Store weights (inputs, outputs) as int8 with a scale for each output."""
    nodes = []
    for weight in list(graph.initializer):
        if weight.name not in names:
            continue
        name, values = weight.name, numpy_helper.to_array(weight)
        tiny = float(np.finfo(np.float32).tiny)
        scales = np.maximum(np.abs(values).max(axis=0) / LARGEST, tiny).astype(np.float32)
        levels = np.rint(values / scales).clip(-LARGEST, LARGEST).astype(np.int8)
        zeros = np.zeros(scales.shape, np.int8)  # onnxruntime may need them said
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}.scale"))
        graph.initializer.append(numpy_helper.from_array(zeros, f"{name}.zero"))
        weight.CopyFrom(numpy_helper.from_array(levels, f"{name}.levels"))
        ends = [f"{name}.levels", f"{name}.scale", f"{name}.zero"], [name]
        nodes.append(helper.make_node("DequantizeLinear", *ends, axis=1))
    _replace_nodes(graph, [*nodes, *graph.node])


def _replace_nodes(graph: GraphProto, nodes: Sequence[NodeProto]) -> None:
    kept = list(nodes)
    del graph.node[:]
    graph.node.extend(kept)
