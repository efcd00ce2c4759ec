"""RawNet2 in the layout of the ASVspoof 2021 baseline.

Keys, shapes and constants: github.com/asvspoof-challenge/2021 at 4ab5666,
``LA/Baseline-RawNet2/model.py`` with ``model_config_RawNet.yaml``; the window: ``data_utils.py``.
"""

from pathlib import Path

import pytest
import torch
from drawn_weights import Shapes, drawn, layer, noise, norm
from torch import Tensor

from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.backends.rawnet2 import SMALL, RawNet2, RawNet2Settings
from earwitness.models.layouts import rawnet2 as layout

pytestmark = pytest.mark.torch

# What the published class gives for the same weights and sound (torch 2.13, CPU), and its first
# bands and frames: filtered, rectified and pooled.
PUBLISHED_LOG_PROBABILITIES = [[-1.040632, -0.435767], [-1.042360, -0.434824]]
PUBLISHED_BANDS = [
    [0.004153262, 0.002814671, 0.001496831, 0.000628850],
    [0.005234495, 0.005345598, 0.005335399, 0.005136461],
    [0.000773282, 0.001175966, 0.002847246, 0.004699323],
]


def published() -> Shapes:
    """Keys and shapes: filts [20, [20, 20], [20, 128], [128, 128]], a GRU of 3 layers of 1,024."""
    shapes = norm("first_bn", 20) | norm("bn_before_gru", 128)
    widths = [(20, 20), (20, 20), (20, 128), (128, 128), (128, 128), (128, 128)]
    for at, (before, after) in enumerate(widths):
        block = f"block{at}.0"
        shapes |= norm(f"{block}.bn1", before) if at else {}
        shapes |= layer(f"{block}.conv1", after, before, 3) | norm(f"{block}.bn2", after)
        shapes |= layer(f"{block}.conv2", after, after, 3)
        shapes |= layer(f"{block}.conv_downsample", after, before, 1) if before != after else {}
        shapes |= layer(f"fc_attention{at}.0", after, after)
    for at in range(3):
        shapes[f"gru.weight_ih_l{at}"] = (3072, 1024 if at else 128)
        shapes[f"gru.weight_hh_l{at}"] = (3072, 1024)
        shapes |= {f"gru.bias_{kind}_l{at}": (3072,) for kind in ("ih", "hh")}
    return shapes | layer("fc1_gru", 1024, 1024) | layer("fc2_gru", 2, 1024)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """Weights that let the GRU hear: four times as strong as elsewhere."""
    found = drawn(published())
    return {key: 4 * value if key.startswith("gru.") else value for key, value in found.items()}


def test_the_layout_has_every_published_key_and_shape() -> None:
    assert layout.published_shapes() == published()
    assert len(published()) == 119


def test_it_has_as_many_parameters_as_the_published_settings_make() -> None:
    # No paper prints the number for the baseline; the published class with its settings file has
    # 17,621,410, of which the first norms of five blocks are not used.
    with torch.device("meta"):
        network = RawNet2(RawNet2Settings())
    assert sum(p.numel() for p in network.parameters()) == 17_621_410


def test_on_drawn_weights_it_gives_what_the_published_code_gives(
    weights: dict[str, Tensor],
) -> None:
    network = layout.build(layout.NETWORK, weights).network
    with torch.inference_mode():
        bands = network.frontend(0.1 * noise(2, 16_000))
        found = network.backend.log_probabilities(bands)
    assert bands.shape == (2, 20, 4_992)
    wanted = torch.tensor(PUBLISHED_BANDS)
    torch.testing.assert_close(bands[0, :3, :4], wanted, atol=1e-7, rtol=0.0)
    wanted = torch.tensor(PUBLISHED_LOG_PROBABILITIES)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0.0)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_file_is_recognised_and_its_score_is_the_bona_fide_output(
    prefix: str, weights: dict[str, Tensor], tmp_path: Path
) -> None:
    torch.save({f"{prefix}{k}": v for k, v in weights.items()}, tmp_path / "some.pth")
    found = checkpoints.read(tmp_path / "some.pth")
    assert (found.name, found.window, found.proof) == ("RawNet2", 64_600, "structure only")
    with torch.inference_mode():
        scores = found.network(0.1 * noise(2, 16_000))
    wanted = torch.tensor([bona_fide for _, bona_fide in PUBLISHED_LOG_PROBABILITIES])
    torch.testing.assert_close(scores, wanted, atol=1e-5, rtol=0.0)


def test_what_is_missing_or_misshaped_is_named(weights: dict[str, Tensor], tmp_path: Path) -> None:
    odd = {key: value for key, value in weights.items() if key != "block4.0.bn1.running_var"}
    odd["fc2_gru.weight"] = torch.zeros(3, 1024)
    torch.save(odd, tmp_path / "odd.pth")
    with pytest.raises(
        IncompatibleWeights,
        match=r"Against RawNet2: missing block4\.0\.bn1\.running_var, "
        r"fc2_gru\.weight is \(3, 1024\) instead of \(2, 1024\)",
    ):
        checkpoints.read(tmp_path / "odd.pth")


def test_the_first_norm_of_a_block_is_kept_and_changes_nothing() -> None:
    torch.manual_seed(0)
    back, bands = RawNet2(SMALL).eval(), noise(2, 23, 1_500)
    before = back(bands)
    back.blocks[3].unused_norm.weight.data += 7.0
    assert torch.equal(back(bands), before)


def test_a_part_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="attention"):
        layout.published_key("attention.weight")
