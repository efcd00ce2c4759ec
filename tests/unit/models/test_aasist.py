"""AASIST and AASIST-L against the published network's own outputs.

Numbers: ``../shared/golden/aasist/golden_scores.json``, made by clovaai/aasist at a04c986 (its
README says how).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from earwitness.models import checkpoints
from earwitness.models.backends.aasist import AASIST, AASIST_L, Aasist, AasistSettings
from earwitness.models.layouts import clovaai

pytestmark = pytest.mark.torch

WEIGHTS = ["AASIST", "AASIST-L", "AASIST-asvspoof5"]


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    return shared / "golden" / "aasist"


def outputs(golden: Path, name: str) -> dict[str, Any]:
    text = (golden / "golden_scores.json").read_text(encoding="utf-8")
    return json.loads(text)["models"][name]["outputs"]


def window(golden: Path, clip: str) -> torch.Tensor:
    """The published padding: the first 64,600 samples, repeated where there are fewer."""
    samples = np.load(golden / "wavs.npz")[clip]
    return torch.from_numpy(np.resize(samples[:64_600], 64_600))[None]


def farthest(golden: Path, name: str, clips: list[str]) -> float:
    network = checkpoints.read(golden / f"{name}.pth").network
    apart = []
    with torch.inference_mode():
        for clip in clips:
            logits = network.backend.logits(network.frontend(window(golden, clip)))[0].numpy()
            apart.append(np.abs(logits - outputs(golden, name)[clip]["logits"]).max())
    return float(max(apart))


@pytest.mark.parametrize("name", WEIGHTS)
def test_real_speech_gets_the_published_logits(golden: Path, name: str) -> None:
    assert farthest(golden, name, ["10_speech_goforward"]) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTS)
def test_every_golden_clip_gets_the_published_logits(golden: Path, name: str) -> None:
    assert farthest(golden, name, sorted(outputs(golden, name))) < 1e-4


def test_the_score_is_the_bona_fide_logit_and_the_hidden_vector_is_the_published_one(
    golden: Path,
) -> None:
    network, clip = checkpoints.read(golden / "AASIST-L.pth").network, "11_speech_librivox"
    expected, rows = outputs(golden, "AASIST-L")[clip], window(golden, clip)
    with torch.inference_mode():
        assert network(rows).item() == pytest.approx(expected["score"], abs=1e-4)
        hidden = network.backend.hidden(network.frontend(rows))[0].numpy()
    np.testing.assert_allclose(hidden, expected["last_hidden"], atol=1e-4)


@pytest.mark.parametrize("name", WEIGHTS)
def test_keys_and_shapes_are_those_of_the_published_files(golden: Path, name: str) -> None:
    lines = (golden / f"keys_{name}.tsv").read_text(encoding="utf-8").splitlines()
    published = {key: shape for key, shape, _ in (line.split("\t") for line in lines)}
    settings = AASIST_L if name == "AASIST-L" else AASIST
    ours = {key: str(shape) for key, shape in clovaai.published_shapes(settings).items()}
    assert ours == published


@pytest.mark.parametrize(("settings", "parameters"), [(AASIST, 297_866), (AASIST_L, 85_306)])
def test_the_published_settings_have_the_published_sizes(
    settings: AasistSettings, parameters: int
) -> None:
    assert sum(p.numel() for p in Aasist(settings).parameters()) == parameters


def test_the_norm_that_the_published_block_throws_away_changes_nothing() -> None:
    torch.manual_seed(0)
    network, features = Aasist(AASIST_L).eval(), torch.rand(1, 23, 2_187)
    before = network(features)
    for block in list(network.encoder)[1:]:
        torch.nn.init.normal_(block.unused_norm.weight)
    assert torch.equal(network(features), before)
