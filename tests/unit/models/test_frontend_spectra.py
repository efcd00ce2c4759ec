"""Fourier frames and mel filters against the definitions, computed another way."""

import math

import numpy as np
import pytest
import torch

from earwitness.models.frontends._spectra import FourierFrames, full_precision, level, mel_filters

pytestmark = pytest.mark.torch

RATE, SIZE, MELS = 16_000, 400, 80


def edges(mels: int = MELS, rate: int = RATE) -> np.ndarray:
    """Corners of Slaney's filters in Hz, from his table: 200/3 Hz a mel, then 6.4 ** (1/27)."""
    top = rate / 2 * 3 / 200 if rate < 2000 else 15 + 27 * math.log(rate / 2 / 1000, 6.4)
    points = np.linspace(0, top, mels + 2)
    return np.where(points < 15, points * 200 / 3, 1000 * 6.4 ** ((points - 15) / 27))


def test_frames_are_the_fourier_transform_of_what_the_window_lets_through() -> None:
    rng = np.random.default_rng(1)
    samples = rng.normal(size=2000).astype(np.float32)
    real, imaginary = FourierFrames(SIZE, 160)(torch.from_numpy(samples)[None])
    padded = np.pad(samples.astype(np.float64), SIZE // 2, mode="reflect")
    window = np.hanning(SIZE + 1)[:-1]
    starts = range(0, len(samples) + 1, 160)
    expected = np.stack([np.fft.rfft(window * padded[s : s + SIZE]) for s in starts], axis=1)
    assert real.shape == (1, SIZE // 2 + 1, 2000 // 160 + 1)
    np.testing.assert_allclose(real[0].numpy(), expected.real, atol=1e-3)
    np.testing.assert_allclose(imaginary[0].numpy(), expected.imag, atol=1e-3)


@pytest.mark.parametrize(
    ("filter_", "bin_", "value"),
    # Corners every 37.239 Hz, bins every 40 Hz; a triangle of height 2 / 74.478.
    [(0, 0, 0.0), (0, 1, 0.024863), (0, 2, 0.0), (1, 1, 0.001991), (1, 2, 0.022872)],
)
def test_the_first_filters_have_the_values_of_their_triangles(
    filter_: int, bin_: int, value: float
) -> None:
    assert mel_filters(MELS, SIZE, RATE)[filter_, bin_] == pytest.approx(value, abs=2e-6)


def test_every_filter_is_the_triangle_between_its_corners() -> None:
    corners, bins = edges(), np.arange(SIZE // 2 + 1) * RATE / SIZE
    for number, found in enumerate(mel_filters(MELS, SIZE, RATE)):
        low, middle, high = corners[number : number + 3]
        triangle = np.interp(bins, [low, middle, high], [0.0, 1.0, 0.0])
        np.testing.assert_allclose(found, 2 * triangle / (high - low), atol=1e-6)


def test_below_1_khz_all_filters_are_alike_wide_and_above_they_widen_evenly() -> None:
    middles = edges()[1:-1]
    steps = np.diff(middles)
    assert steps[middles[1:] < 1000] == pytest.approx(37.239, abs=0.001)
    ratios = middles[1:] / middles[:-1]
    assert np.ptp(ratios[middles[:-1] > 1000]) < 1e-9


def test_filters_have_an_area_of_one() -> None:
    fine = mel_filters(MELS, 16_000, RATE)  # bins every Hz
    assert fine.sum(axis=1) == pytest.approx(np.ones(MELS), abs=1e-3)


def test_triangles_share_out_each_bin_without_a_rest() -> None:
    corners, bins = edges(), np.arange(SIZE // 2 + 1) * RATE / SIZE
    heights = mel_filters(MELS, SIZE, RATE) * ((corners[2:] - corners[:-2]) / 2)[:, None]
    inside = (bins >= corners[1]) & (bins <= corners[-2])
    assert heights.sum(axis=0)[inside] == pytest.approx(np.ones(inside.sum()), abs=1e-5)


def test_a_low_rate_has_a_linear_scale_only() -> None:
    corners, bins = edges(4, 1600), np.arange(33) * 1600 / 64
    assert np.diff(corners) == pytest.approx(np.full(5, 160.0))
    found = mel_filters(4, 64, 1600)
    assert bins[found.argmax(axis=1)] == pytest.approx(corners[1:-1], abs=12.5)


@pytest.mark.parametrize("gain", [1e-3, 0.1, 1.0, 30.0])
def test_levelling_takes_gain_away(gain: float) -> None:
    rows = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 4000)).astype(np.float32))
    levelled = level(gain * rows)
    assert levelled.square().mean(dim=1).sqrt().tolist() == pytest.approx([0.05, 0.05], rel=2e-3)
    torch.testing.assert_close(levelled, level(rows), rtol=2e-3, atol=1e-6)


def test_silence_stays_silent() -> None:
    assert torch.equal(level(torch.zeros(1, 100)), torch.zeros(1, 100))


def test_spectra_stay_precise_while_a_network_trains_in_bfloat16() -> None:
    samples = torch.randn(1, 2000)
    with torch.autocast("cpu", torch.bfloat16):
        with full_precision(samples):
            real, _ = FourierFrames(64, 32)(samples)
        rough, _ = FourierFrames(64, 32)(samples)
    assert (real.dtype, rough.dtype) == (torch.float32, torch.bfloat16)
    torch.testing.assert_close(real, FourierFrames(64, 32)(samples)[0])
