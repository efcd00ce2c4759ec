"""Heads that tell cosines: what they say, and their way from a published checkpoint to ONNX."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import IncompatibleWeights
from earwitness.export.parity import check_parity, made_clips
from earwitness.export.to_onnx import write_onnx
from earwitness.models import checkpoints
from earwitness.models.backends._cosine import Cosines
from earwitness.models.backends.aasist import AASIST_L, Aasist
from earwitness.models.backends.lfcc_lcnn import LfccLcnn, LfccLcnnSettings
from earwitness.models.backends.rawgat_st import RawGatSettings, RawGatSt
from earwitness.models.cosine_heads import with_cosine_head
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.layouts import Published, clovaai, cosine_heads, ssl_anti_spoofing

pytestmark = pytest.mark.torch

WINDOW = 16_000


@pytest.fixture(scope="module")
def aasist_l(shared: Path) -> Path:
    return shared / "golden" / "aasist" / "AASIST-L.pth"


@pytest.fixture(scope="module")
def tiny(shared: Path) -> Path:
    return shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth"


def voices(rows: int = 2) -> Tensor:
    clips = made_clips(window=WINDOW, sample_rate=16_000, count=rows)
    return torch.stack([torch.from_numpy(clip.samples) for clip in clips])


def saved(published: Published, path: Path) -> Path:
    """Save a network of cosines under published names, as a finetuning does."""
    network = published.network
    assert isinstance(network, Countermeasure)
    if published.name == "XLS-R + AASIST":
        key = ssl_anti_spoofing.NETWORK.published_key
        weights = {key(our): value for our, value in network.state_dict().items()}
    else:
        back = network.backend.state_dict()
        weights = {clovaai.published_key(our): value for our, value in back.items()}
    checkpoints.save(weights, path)
    return path


def test_a_cosine_is_that_of_the_angle_whatever_the_lengths_are() -> None:
    head = Cosines(2, 2)
    head.directions = nn.Parameter(torch.tensor([[0.0, 3.0], [5.0, 5.0]]))
    found = head(torch.tensor([[2.0, 0.0], [0.0, -0.1], [0.0, 0.0]]))
    half = 0.5**0.5
    torch.testing.assert_close(found, torch.tensor([[0.0, half], [-1.0, -half], [0.0, 0.0]]))


def test_new_directions_are_drawn_apart() -> None:
    torch.manual_seed(0)
    head = Aasist(clovaai.NETWORKS["AASIST-L"]).out
    assert isinstance(head, nn.Linear)
    torch.manual_seed(0)
    one, other = Cosines(160, 2).directions.detach()
    assert abs(float(torch.cosine_similarity(one, other, dim=0))) < 0.5


def test_the_rows_of_a_loaded_network_become_its_directions(aasist_l: Path) -> None:
    before = checkpoints.read(aasist_l).network
    after = with_cosine_head(checkpoints.read(aasist_l).network)
    assert isinstance(before, Countermeasure)
    assert isinstance(after, Countermeasure)
    features = before.frontend(voices())
    hidden, linear = before.backend.hidden(features), before.backend.out
    expected = torch.stack(
        [torch.cosine_similarity(hidden, row[None], dim=1) for row in linear.weight], dim=1
    )
    torch.testing.assert_close(after.backend.logits(features), expected)
    assert torch.equal(after(voices()), after.backend.logits(features)[:, 1])


def test_a_head_of_cosines_stays_as_it_is(aasist_l: Path) -> None:
    network = with_cosine_head(checkpoints.read(aasist_l).network)
    before = network.backend.out
    assert with_cosine_head(network) is network
    assert network.backend.out is before


def test_lfcc_lcnn_with_p2sgrad_tells_both_cosines_and_needs_nothing() -> None:
    torch.manual_seed(0)
    network = LfccLcnn(LfccLcnnSettings(head="cosine")).eval()
    coefficients = torch.randn(2, 60, 120)
    told = with_cosine_head(network).logits(coefficients)
    assert told.shape == (2, 2)
    assert float(told.detach().abs().max()) <= 1
    assert torch.equal(told[:, 1], network(coefficients))


@pytest.mark.parametrize("back_end", [RawGatSt(RawGatSettings()), LfccLcnn(LfccLcnnSettings())])
def test_another_back_end_is_refused_with_the_way_out(back_end: nn.Module) -> None:
    with pytest.raises(
        IncompatibleWeights, match=f"{type(back_end).__name__} has no head.*cross_entropy or focal"
    ):
        with_cosine_head(Countermeasure(nn.Identity(), back_end))


@pytest.mark.parametrize(
    ("start", "name"),
    [("aasist_l", "AASIST-L (cosines)"), ("tiny", "XLS-R + AASIST (cosines)")],
)
def test_it_is_saved_under_published_names_and_found_again(
    start: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    published = checkpoints.read(request.getfixturevalue(start))
    with_cosine_head(published.network)
    again = checkpoints.read(saved(published, tmp_path / "mine.safetensors"))
    assert (again.name, again.proof) == (name, "structure only")
    torch.testing.assert_close(again.network(voices()), published.network(voices()))


def test_a_file_that_lost_its_bias_is_not_taken_for_one_of_cosines(
    aasist_l: Path, tmp_path: Path
) -> None:
    weights = checkpoints.read_weights(aasist_l)
    del weights["out_layer.bias"]
    checkpoints.save(weights, tmp_path / "lost.safetensors")
    with pytest.raises(IncompatibleWeights, match=r"Against AASIST-L: missing out_layer\.bias\."):
        checkpoints.read(tmp_path / "lost.safetensors")


def test_every_published_aasist_has_a_twin_with_cosines() -> None:
    layout = cosine_heads.layout()
    published = (*clovaai.layout().networks, *ssl_anti_spoofing.layout().networks)
    assert layout.networks == tuple(f"{name} (cosines)" for name in published)


@pytest.mark.parametrize("start", ["aasist_l", "tiny"])
def test_it_exports_to_onnx_and_says_the_same_there(
    start: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    network = with_cosine_head(checkpoints.read(request.getfixturevalue(start)).network)
    write_onnx(network, tmp_path / "network.onnx", window=WINDOW)
    clips = made_clips(window=WINDOW, sample_rate=16_000, count=3)
    assert check_parity(network, tmp_path / "network.onnx", clips).holds


def test_its_directions_are_learned_and_dropout_reaches_them() -> None:
    torch.manual_seed(0)
    network = with_cosine_head(Aasist(AASIST_L)).train()
    network.logits(torch.randn(2, 23, 800)).square().sum().backward()
    assert network.out.directions.grad is not None
    assert bool((network.out.directions.grad != 0).any())
