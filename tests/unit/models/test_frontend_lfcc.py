"""The LFCC front end: against the published code, and against what its parts are by definition.

Published: ``sandbox/util_frontend.py`` of github.com/nii-yamagishilab/project-NN-Pytorch-scripts at
14e9fea (512 points, whole spectrum), and of the ASVspoof 2021 baseline, as github.com/ljuvela/
asvspoof-2021 holds it at 03640a1 (1,024 points, up to 4 kHz), on the noise of ``drawn_weights``.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from drawn_weights import noise

from earwitness.errors import SettingsError
from earwitness.models.frontends.lfcc import Lfcc, LfccSettings, cosines, triangles

pytestmark = pytest.mark.torch

BASELINE = LfccSettings()
WHOLE = LfccSettings(fft=512, top_hz=8000.0)

# Of the first row frames 0, 1 and 50, coefficients 0 to 2; of the second row frame 100, the last
# coefficients and the first differences of each order.
PUBLISHED = {
    BASELINE: (
        [[-0.8928185, -3.3482864, -1.2993958],
         [-0.6170679, -2.6781824, -0.8296118],
         [-0.5984410, -2.9946954, -1.0288138]],
        [-0.7865838, 0.1058278, -0.1936497, -0.1387926, -0.0737319, -0.0224790],
    ),
    WHOLE: (
        [[-0.1229446, -2.8008852, -1.3691933],
         [0.0950735, -2.2157776, -0.9196107],
         [0.1964220, -2.6285508, -1.0944273]],
        [-0.2126435, -0.1364659, -0.3145606, -0.1026211, 0.0627571, 0.1485392],
    ),
}  # fmt: skip


@pytest.mark.parametrize("settings", PUBLISHED)
def test_coefficients_are_those_of_the_published_code(settings: LfccSettings) -> None:
    found = Lfcc(settings)(0.1 * noise(2, 16_000))
    assert found.shape == (2, 60, 101)
    low, high = (torch.tensor(values) for values in PUBLISHED[settings])
    torch.testing.assert_close(found[0, :3, [0, 1, 50]].T, low, atol=2e-5, rtol=0.0)
    torch.testing.assert_close(found[1, [0, 19, 20, 39, 40, 59], 100], high, atol=2e-5, rtol=0.0)


@pytest.mark.parametrize(("settings", "bins"), [(BASELINE, 256), (WHOLE, 257)])
def test_filters_are_as_many_as_published_and_overlap_to_one(
    settings: LfccSettings, bins: int
) -> None:
    filters = triangles(settings)
    assert filters.shape == (bins, 20)
    peaks = filters.argmax(axis=0)
    np.testing.assert_allclose(filters[peaks[0] + 1 : peaks[-1]].sum(axis=1), 1.0, atol=1e-5)


def test_the_cosine_transform_is_orthonormal() -> None:
    np.testing.assert_allclose(cosines(20) @ cosines(20).T, np.eye(20), atol=1e-6)


def test_the_first_coefficient_is_the_energy_in_decades() -> None:
    quiet = noise(1, 16_000)
    front = Lfcc(BASELINE)
    louder = front(10 * quiet)[:, 0] - front(quiet)[:, 0]
    torch.testing.assert_close(louder, torch.full_like(louder, 2.0), atol=1e-3, rtol=0.0)


def test_differences_are_of_the_frame_after_and_the_frame_before() -> None:
    found = Lfcc(BASELINE)(noise(1, 16_000))[0]
    torch.testing.assert_close(found[20:40, 50], found[:20, 51] - found[:20, 49])
    torch.testing.assert_close(found[40:, 50], found[20:40, 51] - found[20:40, 49])
    torch.testing.assert_close(found[20:40, 0], found[:20, 1] - found[:20, 0])


def test_nothing_above_the_top_is_heard() -> None:
    times = torch.arange(16_000) / 16_000
    low = torch.sin(2 * torch.pi * 1_000 * times)[None]
    high = torch.sin(2 * torch.pi * 6_000 * times)[None]
    inner = slice(2, -2)  # the sudden start and end of a tone are wide-band
    baseline, whole = Lfcc(BASELINE), Lfcc(WHOLE)
    apart = (baseline(low + high) - baseline(low))[..., inner]
    assert float(apart[:, 0].abs().max()) < 0.01
    assert float((whole(low + high) - whole(low))[:, 0, inner].abs().min()) > 0.5


@pytest.mark.parametrize("top_hz", [0.0, 8_001.0])
def test_a_top_that_is_no_frequency_of_the_sound_is_refused(top_hz: float) -> None:
    with pytest.raises(SettingsError, match=rf"half of sample_rate \(8000\), but got {top_hz:g}"):
        replace(BASELINE, top_hz=top_hz)


def test_a_frame_longer_than_the_transform_is_refused() -> None:
    with pytest.raises(SettingsError, match="may not fall, but got 160, 1200, 1024"):
        replace(BASELINE, frame=1_200)
