"""The detector inside the package as a network that can be trained on: its ONNX file read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from earwitness.audio.read import open_recording  # noqa: E402
from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing  # noqa: E402
from earwitness.models import checkpoints  # noqa: E402
from earwitness.models.layouts.early_whisper import NAME, WINDOW  # noqa: E402
from earwitness.runtimes.onnx_runtime import OnnxRuntime  # noqa: E402
from earwitness.weights.store import locate  # noqa: E402

pytestmark = pytest.mark.torch
EXAMPLES = Path(__file__).parents[3] / "examples"


def windows() -> np.ndarray:
    rows = []
    for path in sorted(EXAMPLES.glob("*_*.*"))[:4]:
        with open_recording(path, sample_rate=16_000) as recording:
            rows.append(np.resize(np.concatenate(list(recording.blocks())), WINDOW))
    assert len(rows) == 4
    return np.stack(rows)


def test_the_embedded_detector_read_back_from_its_file_scores_as_the_file_does() -> None:
    file = locate("embedded").network
    published = checkpoints.read(file)
    assert (published.name, published.window) == (NAME, WINDOW)
    heard = windows()
    with torch.inference_mode():
        ours = published.network(torch.from_numpy(heard)).numpy()
    theirs = OnnxRuntime(file).scores(heard)
    assert np.ptp(theirs) > 1.0
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_weights_that_were_saved_again_are_known_again(tmp_path: Path) -> None:
    weights = checkpoints.read_weights(locate("embedded").network)
    checkpoints.save(weights, tmp_path / "again.safetensors")
    again = checkpoints.read(tmp_path / "again.safetensors")
    assert again.name == NAME
    assert all(torch.equal(v, weights[k]) for k, v in again.network.state_dict().items())


def test_a_key_too_few_is_named(tmp_path: Path) -> None:
    weights = checkpoints.read_weights(locate("embedded").network)
    del weights["branches.0.0.b.1.o.bias"]
    checkpoints.save(weights, tmp_path / "less.safetensors")
    with pytest.raises(IncompatibleWeights, match=r"missing branches\.0\.0\.b\.1\.o\.bias"):
        checkpoints.read(tmp_path / "less.safetensors")


def test_an_onnx_file_of_another_network_is_refused() -> None:
    with pytest.raises(IncompatibleWeights, match="does not fit"):
        checkpoints.read(locate("aasist_l").network)


def test_what_is_no_onnx_file_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no graph in here", encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=r"text\.onnx: cannot be read as an ONNX file"):
        checkpoints.read(tmp_path / "text.onnx")
    with pytest.raises(WeightsMissing, match=r"none\.onnx: cannot be read"):
        checkpoints.read(tmp_path / "none.onnx")
