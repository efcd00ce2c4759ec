"""Make ``tiny_detector``: a network of a few hundred bytes with a behaviour that is known.

    python tests/data/make_tiny_detector.py

Its score is 20 times the root mean square of the window, minus 1: loud sound is "bona fide".
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto, helper

FOLDER = Path(__file__).parent / "tiny_detector"


def network() -> onnx.ModelProto:
    def constant(name: str, value: float) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.FLOAT, [], [value])

    nodes = [
        helper.make_node("Mul", ["samples", "samples"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Sqrt", ["mean"], ["level"]),
        helper.make_node("Mul", ["level", "twenty"], ["steep"]),
        helper.make_node("Sub", ["steep", "one"], ["score"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["batch", "samples"])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch"])],
        [constant("twenty", 20.0), constant("one", 1.0)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    data = network().SerializeToString()
    (FOLDER / "network.onnx").write_bytes(data)
    card = CARD.format(sha256=hashlib.sha256(data).hexdigest())
    (FOLDER / "card.toml").write_text(card, encoding="utf-8")


CARD = """\
name = "tiny"
title = "Takes loud for bona fide; for tests"
licence = "Apache-2.0"
origin = "tests/data/make_tiny_detector.py"
network = "network.onnx"
sha256 = "{sha256}"
sample_rate = 16000
parameters = 2
training_data = "none"

[windows]
length_s = 4.0
hop_s = 2.0

[calibration]
scale = 1.0
offset = 0.0

[operating_points.balanced]
threshold = 0.0
prior = 0.5
purpose = "tests"

[operating_points.accusation]
threshold = -2.0
purpose = "tests"
"""

if __name__ == "__main__":
    main()
