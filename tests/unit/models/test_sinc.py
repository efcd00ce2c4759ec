"""The fixed sinc filters: their shape, their bands, and what they refuse."""

import numpy as np
import pytest
import torch

from earwitness.errors import SettingsError
from earwitness.models.frontends.sinc import SincBands, SincSettings, band_passes

pytestmark = pytest.mark.torch

RATE = 16_000


def tone(hz: float) -> torch.Tensor:
    return torch.sin(2 * torch.pi * hz * torch.arange(RATE) / RATE)[None]


def test_the_filters_are_float32_and_symmetric_in_time() -> None:
    filters = band_passes(SincSettings())
    assert filters.shape == (70, 129)
    assert filters.dtype == np.float32
    np.testing.assert_allclose(filters, filters[:, ::-1], atol=1e-9)


def test_low_tones_come_out_in_the_first_rows_and_high_ones_in_the_last() -> None:
    bands = SincBands(SincSettings())
    loudest = [int(bands(tone(hz))[0].mean(dim=1).argmax()) for hz in (300, 1000, 3000, 7000)]
    assert loudest == sorted(set(loudest))


def test_a_tone_comes_out_strongest_in_the_row_of_its_frequency() -> None:
    mels = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 71)
    edges = 700 * (10 ** (mels / 2595) - 1)
    row = int(np.searchsorted(edges, 2000) - 1) // 3
    assert int(SincBands(SincSettings())(tone(2000))[0].mean(dim=1).argmax()) == row


def test_features_are_energies_and_shrink_time_by_the_pool() -> None:
    features = SincBands(SincSettings())(torch.randn(2, 64_600))
    assert features.shape == (2, 23, (64_600 - 128) // 3)
    assert float(features.min()) >= 0


def test_filters_can_stay_apart_while_samples_are_joined() -> None:
    apart = SincBands(SincSettings(filters=20, taps=1025, joined=1))(torch.randn(2, 16_000))
    assert apart.shape == (2, 20, (16_000 - 1024) // 3)


def test_an_even_number_of_taps_is_refused() -> None:
    with pytest.raises(SettingsError, match="taps must be odd, but is 128"):
        SincSettings(taps=128)
