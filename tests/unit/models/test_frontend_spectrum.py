"""Fine spectrum: each measure against its definition, whatever the gain, in plain ONNX."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from earwitness.export.to_onnx import write_onnx
from earwitness.models.frontends import FRONTENDS
from earwitness.models.frontends.spectrum import FineSpectrum, SpectrumSettings, build

pytestmark = pytest.mark.torch

RATE = 16_000
SIZE, HOP, CEPSTRA = 64, 16, 5
BINS = SIZE // 2 + 1
LEVEL = 0.05


def front(**settings: int) -> FineSpectrum:
    return build(SpectrumSettings(**{"size": SIZE, "hop": HOP, "cepstra": CEPSTRA, **settings}))


def noise(samples: int = 1500, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=samples).astype(np.float32)


def measured(samples: np.ndarray) -> dict[str, np.ndarray]:
    """Cut the rows apart by what they measure."""
    with torch.inference_mode():
        rows = front()(torch.from_numpy(samples.astype(np.float32))[None])[0].numpy()
    names = {"power": BINS, "change": BINS, "cepstra": CEPSTRA, "drift_cos": BINS,
             "drift_sin": BINS, "delay_cos": BINS - 1, "delay_sin": BINS - 1}  # fmt: skip
    parts = np.split(rows, np.cumsum([*names.values()])[:-1])
    assert len(rows) == sum(names.values()) == front().rows
    return dict(zip(names, parts, strict=True))


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Transform by NumPy, in float64, shape (bins, frames)."""
    levelled = samples.astype(np.float64) * LEVEL / np.sqrt(np.mean(samples.astype(float) ** 2))
    padded = np.pad(levelled, SIZE // 2, mode="reflect")
    window = np.hanning(SIZE + 1)[:-1]
    starts = range(0, len(samples) + 1, HOP)
    return np.stack([np.fft.rfft(window * padded[s : s + SIZE]) for s in starts], axis=1)


def test_power_and_its_change_are_those_of_the_spectrum() -> None:
    found, expected = measured(noise()), np.log(np.abs(spectrum(noise())) ** 2 + 1e-7)
    np.testing.assert_allclose(found["power"], expected, atol=2e-3)
    np.testing.assert_allclose(found["change"][:, 1:], np.diff(expected), atol=4e-3)
    assert not found["change"][:, 0].any()


def test_cepstra_are_the_cosine_transform_of_the_log_power() -> None:
    found = measured(noise())
    for number in range(1, CEPSTRA + 1):
        wave = np.cos(np.pi * number * (np.arange(BINS) + 0.5) / BINS) / np.sqrt(BINS)
        expected = wave @ found["power"]
        np.testing.assert_allclose(found["cepstra"][number - 1], expected, atol=1e-3)


def test_drift_is_the_turn_of_the_phase_beyond_the_bins_own() -> None:
    found, values = measured(noise()), spectrum(noise())
    own = 2 * np.pi * np.arange(BINS)[:, None] * HOP / SIZE
    turn = np.angle(values[:, 1:]) - np.angle(values[:, :-1]) - own
    loud = (np.abs(values[:, 1:]) > 0.05) & (np.abs(values[:, :-1]) > 0.05)
    assert loud.mean() > 0.5
    np.testing.assert_allclose(found["drift_cos"][:, 1:][loud], np.cos(turn)[loud], atol=5e-3)
    np.testing.assert_allclose(found["drift_sin"][:, 1:][loud], np.sin(turn)[loud], atol=5e-3)
    assert not found["drift_cos"][:, 0].any()
    assert not found["drift_sin"][:, 0].any()


def test_delay_is_the_turn_of_the_phase_from_bin_to_bin() -> None:
    found, values = measured(noise()), spectrum(noise())
    turn = np.angle(values[1:]) - np.angle(values[:-1])
    loud = (np.abs(values[1:]) > 0.05) & (np.abs(values[:-1]) > 0.05)
    np.testing.assert_allclose(found["delay_cos"][loud], np.cos(turn)[loud], atol=5e-3)
    np.testing.assert_allclose(found["delay_sin"][loud], np.sin(turn)[loud], atol=5e-3)


def test_a_steady_tone_in_the_middle_of_a_bin_does_not_drift() -> None:
    tone = np.sin(2 * np.pi * 8 * np.arange(1500) / SIZE)
    found = measured(tone)
    inside = slice(3, -4)  # frames that no reflection at an end reaches
    assert found["drift_cos"][8, inside] == pytest.approx(1.0, abs=1e-4)
    assert found["drift_sin"][8, inside] == pytest.approx(0.0, abs=1e-2)


def test_a_tone_beside_the_middle_drifts_by_what_it_is_off() -> None:
    tone = np.sin(2 * np.pi * 8.25 * np.arange(1500) / SIZE)
    turn = 2 * np.pi * 0.25 * HOP / SIZE
    found = measured(tone)
    assert found["drift_sin"][8, 3:-4] == pytest.approx(np.sin(turn), abs=0.03)


@pytest.mark.parametrize("gain", [0.1, 0.5, 2.0, 10.0])
def test_gain_changes_nothing(gain: float) -> None:
    plain, louder = measured(0.1 * noise()), measured(0.1 * gain * noise())
    for name, rows in plain.items():
        apart = np.abs(rows - louder[name])
        assert apart.mean() < 2e-3, name
        assert np.quantile(apart, 0.99) < 0.02, name


@pytest.mark.parametrize("samples", [1024, 1025, 1600, 64_600])
def test_any_length_from_1024_samples_is_heard_with_the_settings_of_a_recipe(samples: int) -> None:
    built = build(SpectrumSettings(hop=160))
    rows = built(torch.from_numpy(noise(samples))[None])
    assert rows.shape == (1, 6 * 257 - 2 + 64, samples // 160 + 1)
    assert rows.shape[1] == built.rows
    assert bool(torch.isfinite(rows).all())


def test_it_is_found_by_its_name_and_has_no_weights() -> None:
    assert FRONTENDS.get("spectrum") is build
    assert list(front().parameters()) == []
    assert front().state_dict() == {}  # nothing of it goes into a checkpoint


class Summed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.front = front()

    def forward(self, samples: Tensor) -> Tensor:
        return self.front(samples).mean(dim=(1, 2))


def test_its_graph_needs_no_fourier_operator(tmp_path: Path) -> None:
    write_onnx(Summed(), tmp_path / "front.onnx", window=1500)
    graph = onnx.load(tmp_path / "front.onnx").graph
    used = {node.op_type for node in graph.node}
    assert "Conv" in used
    assert not used & {"STFT", "DFT", "If", "Loop", "Scan"}
    assert {node.domain for node in graph.node} == {""}
