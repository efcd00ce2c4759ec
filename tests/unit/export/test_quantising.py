"""Static int8: large products by recorded scales, everything else as it was."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import ModelProto, numpy_helper
from torch import Tensor, nn

from earwitness.errors import SettingsError
from earwitness.export.quantising import LARGEST, Range, quantise_file, record_ranges
from earwitness.export.to_onnx import write_onnx
from earwitness.runtimes import onnx_runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime

pytestmark = pytest.mark.torch

WINDOW = 320
LARGE = 1024  # weights; so that small networks have large products


class Small(nn.Module):
    """Ten frames of 32 samples; a large product (exported as MatMul), a small one, a pooled one."""

    def __init__(self, *, is_flat: bool = False) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.inner, self.outer, self.last = nn.Linear(32, 64), nn.Linear(64, 32), nn.Linear(32, 1)
        self.is_flat = is_flat

    def forward(self, samples: Tensor) -> Tensor:
        frames = samples.reshape(-1, 10, 32)
        if self.is_flat:  # two dimensions: exported as Gemm
            frames = frames.mean(dim=1)
        heard = self.outer(torch.relu(self.inner(frames)))
        return self.last(heard if self.is_flat else heard.mean(dim=1))[:, 0]


def rows(count: int, *, loudness: float = 1.0) -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    return [(loudness * rng.normal(size=WINDOW)).astype(np.float32) for _ in range(count)]


def quantised(folder: Path, *, is_flat: bool = False) -> tuple[Small, Path]:
    network, path = Small(is_flat=is_flat).eval(), folder / "network.onnx"
    write_onnx(network, path, window=WINDOW)
    assert quantise_file(path, rows(64), large=LARGE) == 2
    return network, path


def weights(model: ModelProto) -> dict[str, np.ndarray]:
    return {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}


@torch.inference_mode()
def by_torch(network: nn.Module, given: list[np.ndarray]) -> np.ndarray:
    return network(torch.from_numpy(np.stack(given))).numpy()


@pytest.mark.parametrize("is_flat", [False, True], ids=["MatMul", "Gemm"])
def test_scores_move_a_little_and_the_same_way_on_any_processor(
    is_flat: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, path = quantised(tmp_path, is_flat=is_flat)
    given = rows(96)[64:]
    whole, rounded = by_torch(network, given), OnnxRuntime(path).scores(np.stack(given))
    assert 0 < np.abs(whole - rounded).max() < 0.2 * whole.std()
    monkeypatch.setattr(onnx_runtime, "has_vnni", lambda: False)
    elsewhere = OnnxRuntime(path).scores(np.stack(given))
    np.testing.assert_allclose(elsewhere, rounded, atol=1e-5)


def test_a_row_scores_the_same_whoever_else_is_in_its_batch(tmp_path: Path) -> None:
    _, path = quantised(tmp_path)
    runtime, given = OnnxRuntime(path), rows(1)
    alone = runtime.scores(np.stack(given))[0]
    beside_noise = runtime.scores(np.stack([*given, *rows(3, loudness=50.0)]))[0]
    assert beside_noise == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("is_flat", [False, True], ids=["MatMul", "Gemm"])
def test_large_weights_are_bytes_with_a_scale_for_each_output(
    is_flat: bool, tmp_path: Path
) -> None:
    network, path = quantised(tmp_path, is_flat=is_flat)
    stored = weights(onnx.load(path))
    levels = {name: value for name, value in stored.items() if name.endswith(".levels")}
    assert sorted(value.shape for value in levels.values()) == [(32, 64), (64, 32)]
    for name, value in levels.items():
        assert value.dtype == np.int8
        scales = stored[name.replace(".levels", ".scale")]
        assert scales.shape == value.shape[1:]
        assert np.abs(value).max(axis=0).min() == LARGEST  # each output uses all levels
        layer = network.inner if value.shape == (32, 64) else network.outer
        expected = layer.weight.detach().numpy().T
        assert np.abs(value * scales - expected).max() <= scales.max() / 2 + 1e-7
    small = [value for value in stored.values() if value.size == 32 and value.dtype == np.float32]
    assert any(np.array_equal(v.ravel(), network.last.weight.detach().ravel()) for v in small)


def test_the_file_is_valid_smaller_and_alone_in_its_folder(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "network.onnx"
    whole.parent.mkdir()
    write_onnx(Small(), whole, window=WINDOW)
    folder = tmp_path / "rounded"
    folder.mkdir()
    _, path = quantised(folder)
    onnx.checker.check_model(onnx.load(path))
    assert path.stat().st_size < whole.stat().st_size
    assert list(folder.iterdir()) == [path]


def test_a_network_without_large_products_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(Small(), path, window=WINDOW)
    before = path.read_bytes()
    with pytest.raises(SettingsError, match=r"has none of 262,144 weights.*Export it in fp32"):
        quantise_file(path, rows(2))
    assert path.read_bytes() == before


def test_ranges_are_what_was_heard_and_the_model_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(Small(), path, window=WINDOW)
    model = onnx.load(path)
    before = model.SerializeToString(deterministic=True)
    (value,) = {
        node.input[0] for node in model.graph.node
        if node.op_type == "MatMul" and "inner" in node.name
    }  # fmt: skip
    given = rows(3)
    heard = record_ranges(model, [value], given, beside=path)
    assert heard[value].low == pytest.approx(float(np.min(given)))
    assert heard[value].high == pytest.approx(float(np.max(given)))
    assert model.SerializeToString(deterministic=True) == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("low", "high", "zero"), [(-1.0, 1.0, 128), (0.0, 2.0, 0), (-3.0, 0.0, 255), (0.0, 0.0, 0)]
)
def test_zero_is_one_of_the_levels(low: float, high: float, zero: int) -> None:
    heard = Range(low, high)
    assert heard.zero == zero
    assert heard.scale > 0
    assert (0 - heard.zero) * heard.scale == pytest.approx(low, abs=heard.scale)
