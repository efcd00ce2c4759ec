"""RawGAT-ST: the authors' released weights give the scores in the authors' released score file.

Clips, weights and scores: ``../shared/golden/rawgat_st`` (its README says where they come from).
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from earwitness.audio.read import open_recording
from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.backends.rawgat_st import RawGatSettings, RawGatSt
from earwitness.models.layouts import rawgat_st as layout

pytestmark = pytest.mark.torch

# The authors scored on a GPU that rounds the factors of products to ten bits (scores of -12 to 8).
TOLERANCE = 0.01


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    return shared / "golden" / "rawgat_st"


def window(path: Path) -> torch.Tensor:
    with open_recording(path, sample_rate=16_000) as recording:
        sound = np.concatenate(list(recording.blocks()))
    return torch.from_numpy(np.resize(sound[:64_600], 64_600))[None]


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_seventeen_real_clips_get_their_published_scores(every: int, golden: Path) -> None:
    network = checkpoints.read(golden / "RawGAT_ST_mul.pth").network
    lines = (golden / "published_scores.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == 17
    for line in lines[::every]:
        utterance, _, _, published = line.split("\t")
        with torch.inference_mode():
            score = network(window(golden / "clips" / f"{utterance}.flac")).item()
        assert score == pytest.approx(float(published), abs=TOLERANCE), utterance


def test_it_says_that_it_was_compared_with_published_scores(golden: Path) -> None:
    assert checkpoints.read(golden / "RawGAT_ST_mul.pth").proof == "scores"


def test_every_weight_that_is_used_arrives(golden: Path) -> None:
    weights = checkpoints.read_weights(golden / "RawGAT_ST_mul.pth")
    state = layout.build(layout.NETWORK, weights).network.backend.state_dict()
    assert all(torch.equal(v, weights[layout.published_key(k)]) for k, v in state.items())
    unused = set(weights) - {layout.published_key(key) for key in state}
    assert {key.split(".")[3] for key in unused} == {"conv_1"}


def test_a_missing_key_is_named(golden: Path, tmp_path: Path) -> None:
    weights = checkpoints.read_weights(golden / "RawGAT_ST_mul.pth")
    del weights["proj_node.bias"]
    torch.save(weights, tmp_path / "odd.pth")
    with pytest.raises(IncompatibleWeights, match=r"Against RawGAT-ST: missing proj_node\.bias"):
        checkpoints.read(tmp_path / "odd.pth")


def test_nodes_over_time_are_cut_or_repeated_to_the_number_it_was_trained_for() -> None:
    torch.manual_seed(0)
    back = RawGatSt(RawGatSettings()).eval()
    for frames in (729, 2_187, 22_000):
        assert back(torch.rand(1, 23, frames)).shape == (1,)
