"""The ONNX engine runs what it should, and says in one sentence what it cannot."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from earwitness.errors import (
    IncompatibleWeights,
    SettingsError,
    WeightsCorrupt,
    WeightsMissing,
)
from earwitness.records import Segment
from earwitness.runtimes import onnx_runtime
from earwitness.runtimes.onnx_runtime import OnnxRuntime, open_session
from earwitness.runtimes.scoring import score
from earwitness.segmentation.vad import NETWORK as NOT_A_COUNTERMEASURE

TINY = Path(__file__).parents[2] / "data" / "tiny_detector" / "network.onnx"


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32) * 0.1


def test_scores_are_what_the_network_computes() -> None:
    samples = noise(3, 64000)
    wanted = 20 * np.sqrt(np.mean(np.square(samples, dtype=np.float64), axis=1)) - 1
    scores = OnnxRuntime(TINY).scores(samples)
    assert scores.dtype == np.float32
    assert scores == pytest.approx(wanted, abs=1e-4)


def test_a_window_scores_the_same_alone_and_in_a_batch() -> None:
    samples, runtime = noise(5, 64000), OnnxRuntime(TINY)
    alone = [runtime.scores(window[None])[0] for window in samples]
    assert runtime.scores(samples) == pytest.approx(alone, abs=1e-5)


def test_one_session_serves_many_threads() -> None:
    samples, runtime = noise(40, 16000), OnnxRuntime(TINY, threads=2)
    with ThreadPoolExecutor(4) as pool:
        scores = list(pool.map(lambda window: float(runtime.scores(window[None])[0]), samples))
    assert scores == pytest.approx(runtime.scores(samples).tolist(), abs=1e-5)


def test_samples_of_another_kind_are_turned_into_what_it_wants() -> None:
    samples = noise(2, 16000)
    assert OnnxRuntime(TINY).scores(samples.astype(np.float64)[:, ::2]).shape == (2,)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"absent\.onnx: there is no such network file"):
        OnnxRuntime(tmp_path / "absent.onnx")


@pytest.mark.parametrize("cut", [0, 1, 150], ids=lambda n: f"{n} bytes")
def test_a_file_that_is_no_network_is_named(tmp_path: Path, cut: int) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(TINY.read_bytes()[:cut])
    with pytest.raises(WeightsCorrupt, match=r"broken\.onnx: is not a network that onnxruntime"):
        OnnxRuntime(broken)


def test_a_network_with_other_inputs_is_no_countermeasure() -> None:
    with pytest.raises(IncompatibleWeights, match=r"takes \['input', 'h', 'c'\] .* Export it"):
        OnnxRuntime(NOT_A_COUNTERMEASURE)


def test_a_shape_that_it_refuses_is_told() -> None:
    with pytest.raises(IncompatibleWeights, match=r"cannot be run on samples \(2, 3, 4\)"):
        OnnxRuntime(TINY).scores(noise(2, 3, 4))


def test_a_session_of_any_shape_can_be_opened() -> None:
    session = open_session(NOT_A_COUNTERMEASURE)
    assert session.inputs == ["input", "h", "c"]
    memory = np.zeros((1, 1, 128), np.float32)
    outputs = session.run({"input": noise(2, 576), "h": memory, "c": memory})
    assert [output.shape for output in outputs] == [(2,), (1, 1, 128), (1, 1, 128)]


def segments(count: int) -> list[Segment]:
    return [Segment(i, i + 4, 3.0, 2.0, window) for i, window in enumerate(noise(count, 16000))]


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_segments_are_scored_in_order_whatever_their_number(count: int) -> None:
    scored = list(score(segments(count), OnnxRuntime(TINY), None))
    assert [s.start_s for s in scored] == list(range(count))
    assert all(s.llr is None and (s.speech_s, s.fresh_s) == (3.0, 2.0) for s in scored)
    alone = [next(score([s], OnnxRuntime(TINY), None)).raw_score for s in segments(count)]
    assert [s.raw_score for s in scored] == pytest.approx(alone, abs=1e-5)


def test_apple_s_accelerator_is_not_for_onnx() -> None:
    with pytest.raises(SettingsError, match="run on cpu or cuda, but mps was asked for"):
        OnnxRuntime(TINY, device="mps")


def test_a_build_without_cuda_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(SettingsError, match="built without; install onnxruntime-gpu"):
        OnnxRuntime(TINY, device="cuda")
    assert OnnxRuntime(TINY, device="auto").at_once == 1


def test_bytes_are_added_the_longer_way_only_where_sums_overflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "session.x64quantprecision"
    monkeypatch.setattr(onnx_runtime, "has_vnni", lambda: False)
    assert onnx_runtime._options(1).get_session_config_entry(key) == "1"
    monkeypatch.setattr(onnx_runtime, "has_vnni", lambda: True)
    with pytest.raises(RuntimeError, match=key):
        onnx_runtime._options(1).get_session_config_entry(key)
