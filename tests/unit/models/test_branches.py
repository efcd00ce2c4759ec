"""Branches: found by name, scored apart, added up; what does not fit is named."""

from typing import Any

import pytest
import torch

from earwitness.config import settings
from earwitness.errors import SettingsError, UnknownName
from earwitness.models.branches import Branches, BranchSettings
from earwitness.models.frontends.spectrum import FineSpectrum
from earwitness.models.frontends.whisper import WhisperLayers

pytestmark = pytest.mark.torch

SPECTRUM: dict[str, Any] = {
    "frontend": "spectrum",
    "backend": "statistics",
    "frontend_settings": {"size": 64, "hop": 64, "cepstra": 4},
    "backend_settings": {"rows": 200, "power_rows": 33, "hidden": 4},
}
WHISPER: dict[str, Any] = {
    "frontend": "whisper",
    "backend": "moments",
    "frontend_settings": {"width": 64, "layers": 1},
    "backend_settings": {"layers": 2, "width": 64, "hidden": 4},
}


def network(*tables: dict[str, Any]) -> Branches:
    torch.manual_seed(0)
    return Branches(tuple(settings(BranchSettings, t, where="test") for t in tables)).eval()


def test_parts_are_found_by_name_with_their_settings() -> None:
    whisper, spectrum = network(WHISPER, SPECTRUM).branches
    assert isinstance(whisper[0], WhisperLayers)
    assert (len(whisper[0].b), whisper[0].pos.shape[1]) == (1, 64)
    assert isinstance(spectrum[0], FineSpectrum)
    assert spectrum[0].rows == 200


def test_the_score_is_the_sum_of_the_branches() -> None:
    both, rows = network(WHISPER, SPECTRUM), torch.randn(3, 4000)
    with torch.inference_mode():
        apart = both.scores(rows)
        assert apart.shape == (2, 3)
        for branch, scores in zip(both.branches, apart, strict=True):
            torch.testing.assert_close(branch(rows), scores)
        torch.testing.assert_close(both(rows), apart[0] + apart[1])
    assert both(rows).shape == (3,)


def test_scores_are_float32_while_it_trains_in_bfloat16() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert network(WHISPER, SPECTRUM).scores(torch.randn(2, 4000)).dtype == torch.float32


def test_an_unknown_part_is_named_with_the_near_ones() -> None:
    with pytest.raises(
        UnknownName, match=r"no front end called 'spectrun'\. Did you mean spectrum"
    ):
        network({**SPECTRUM, "frontend": "spectrun"})
    with pytest.raises(UnknownName, match=r"called 'statistic'\. Did you mean statistics"):
        network({**SPECTRUM, "backend": "statistic"})


def test_an_unknown_setting_is_named_with_its_part() -> None:
    with pytest.raises(SettingsError, match=r"front end spectrum: unknown key 'sise'.*'size'"):
        network({**SPECTRUM, "frontend_settings": {"sise": 64}})
    with pytest.raises(SettingsError, match="back end moments: layers: expected int"):
        network({**WHISPER, "backend_settings": {"layers": "two"}})
