"""Writing ONNX files: names, the free batch, half storage, and no half-written file."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from earwitness.export.to_onnx import halve_weights, write_onnx
from earwitness.runtimes.onnx_runtime import OnnxRuntime

pytestmark = pytest.mark.torch

WINDOW = 800


class Small(nn.Module):
    """A kernel that is a buffer, a convolution, and two large layers."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.register_buffer("kernel", torch.randn(40, 1, 40))
        self.conv = nn.Conv1d(40, 64, 3)
        self.hidden = nn.Linear(64, 512)
        self.dropout = nn.Dropout(0.5)
        self.out = nn.Linear(512, 1)

    def forward(self, samples: Tensor) -> Tensor:
        heard = nn.functional.conv1d(samples[:, None], self.kernel, stride=20).abs()
        pooled = torch.relu(self.conv(heard)).mean(dim=2)
        return self.out(self.dropout(torch.tanh(self.hidden(pooled)))).squeeze(1)


class Breaks(nn.Module):
    def forward(self, samples: Tensor) -> Tensor:
        raise ArithmeticError("no such network")


@pytest.fixture(scope="module")
def network() -> Small:
    return Small()


def rows(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, WINDOW)).astype(np.float32)


def stored_types(path: Path) -> dict[str, int]:
    return {i.name: i.data_type for i in onnx.load(path).graph.initializer}


def test_the_file_takes_samples_and_gives_scores_for_any_batch(
    network: Small, tmp_path: Path
) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, window=WINDOW)
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(rows(5))).numpy()
    runtime = OnnxRuntime(path)
    for count in (1, 2, 5):
        np.testing.assert_allclose(runtime.scores(rows(5)[:count]), expected[:count], atol=1e-5)


def test_the_network_itself_stays_as_it_was(tmp_path: Path) -> None:
    network = Small().train().double()
    write_onnx(network, tmp_path / "network.onnx", window=WINDOW)
    assert network.training
    assert network.conv.weight.dtype == torch.float64
    assert network.conv.weight.requires_grad


def test_the_same_network_gives_the_same_bytes(network: Small, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_onnx(network, tmp_path / name, window=WINDOW)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_no_path_of_this_machine_is_in_the_file(network: Small, tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, window=WINDOW)
    assert str(Path(__file__).parents[3]).encode() not in path.read_bytes()


def test_a_network_that_cannot_be_traced_leaves_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(b"the one before")
    with pytest.raises(ArithmeticError, match="no such network"):
        write_onnx(Breaks(), path, window=WINDOW)
    assert [p.name for p in tmp_path.iterdir()] == ["network.onnx"]
    assert path.read_bytes() == b"the one before"


def test_half_storage_halves_the_file_and_hardly_moves_the_scores(tmp_path: Path) -> None:
    network = nn.Sequential(Small(), nn.Identity())
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    write_onnx(network, whole, window=WINDOW)
    write_onnx(network, half, window=WINDOW, half=True)
    weights = 4 * (64 * 40 * 3 + 64 * 512)
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(weights / 2, rel=0.02)
    moved = OnnxRuntime(half).scores(rows(8)) - OnnxRuntime(whole).scores(rows(8))
    assert 0 < np.abs(moved).max() < 2e-3


def test_half_storage_leaves_kernels_and_small_weights_alone(
    network: Small, tmp_path: Path
) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, window=WINDOW, half=True)
    types = stored_types(path)
    assert types["kernel"] == onnx.TensorProto.FLOAT
    assert types["conv.bias"] == onnx.TensorProto.FLOAT
    assert types["conv.weight.half"] == onnx.TensorProto.FLOAT16
    assert "conv.weight" not in types


def test_halving_leaves_the_model_it_was_given_and_what_it_was_told_to_keep(
    network: Small, tmp_path: Path
) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, window=WINDOW)
    model = onnx.load(path)
    before = model.SerializeToString(deterministic=True)
    halved = halve_weights(model, smallest=1, keep={"conv.weight"})
    assert model.SerializeToString(deterministic=True) == before
    kept = {i.name for i in halved.graph.initializer if i.data_type == onnx.TensorProto.FLOAT}
    assert kept == {"conv.weight"}


def test_a_weight_too_large_for_half_precision_stays_whole(network: Small, tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, window=WINDOW)
    model = onnx.load(path)
    for weight in model.graph.initializer:
        if weight.name == "conv.weight":
            values = numpy_helper.to_array(weight) * 1e9
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    halved = {i.name for i in halve_weights(model).graph.initializer}
    assert "conv.weight" in halved
    assert "conv.weight.half" not in halved
