"""LFCC-LCNN in its two published layouts.

Keys, shapes and constants: github.com/asvspoof-challenge/2021 at 4ab5666,
``LA/Baseline-LFCC-LCNN/project/baseline_LA/model.py`` ("LFCC-LCNN"), and
github.com/nii-yamagishilab/project-NN-Pytorch-scripts at f334146,
``project/03-asvspoof-mega/lfcc-lcnn-lstmsum-p2s/02/model.py`` (with P2SGrad).
"""

from pathlib import Path

import pytest
import torch
from drawn_weights import Shapes, drawn, layer, noise, norm
from torch import Tensor

from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.backends.lfcc_lcnn import LfccLcnn, LfccLcnnSettings
from earwitness.models.frontends.lfcc import Lfcc
from earwitness.models.layouts import lfcc_lcnn as layout

pytestmark = pytest.mark.torch

BASELINE, P2SGRAD = layout.NETWORKS
every_network = pytest.mark.parametrize("name", layout.NETWORKS)

# What the published classes give for the same weights and sound (torch 2.13, CPU).
PUBLISHED_SCORES = {
    BASELINE: [-3.366203, -3.378068],
    P2SGRAD: [-0.124965, -0.125621],
}


def published(name: str) -> Shapes:
    """Keys and shapes: the places of the layers with weights in the published sequence."""
    convolutions = {
        0: (64, 1, 5, 5), 3: (64, 32, 1, 1), 6: (96, 32, 3, 3), 10: (96, 48, 1, 1),
        13: (128, 48, 3, 3), 16: (128, 64, 1, 1), 19: (64, 64, 3, 3), 22: (64, 32, 1, 1),
        25: (64, 32, 3, 3),
    }  # fmt: skip
    norms = {5: 32, 9: 48, 12: 48, 18: 64, 21: 32, 24: 32}
    shapes: Shapes = dict.fromkeys(("input_mean", "input_std", "output_mean", "output_std"), (1,))
    for at, shape in convolutions.items():
        shapes |= layer(f"m_transform.0.{at}", *shape)
    for at, width in norms.items():
        shapes |= norm(f"m_transform.0.{at}", width, affine=False)
    for at in range(2):
        for way in ("", "_reverse"):
            memory = f"m_before_pooling.0.{at}.l_blstm"
            shapes[f"{memory}.weight_ih_l0{way}"] = (192, 96)
            shapes[f"{memory}.weight_hh_l0{way}"] = (192, 48)
            shapes |= {f"{memory}.bias_{kind}_l0{way}": (192,) for kind in ("ih", "hh")}
    shapes["m_frontend.0.l_dct.weight"] = (20, 20)
    shapes["m_frontend.0.lfcc_fb"] = (256 if name == BASELINE else 257, 20)
    if name == P2SGRAD:
        shapes["m_angle.0.weight"] = (64, 2)
    return shapes | layer("m_output_act.0", 1 if name == BASELINE else 64, 96)


def weights(name: str) -> dict[str, Tensor]:
    front = Lfcc(layout.NETWORKS[name].front).state_dict()
    tables = {layout.published_key(f"frontend.{key}"): value for key, value in front.items()}
    return drawn(published(name)) | tables


@every_network
def test_the_layout_has_every_published_key_and_shape(name: str) -> None:
    assert layout.published_shapes(name) == published(name)
    assert len(published(name)) == {BASELINE: 60, P2SGRAD: 61}[name]


@every_network
def test_it_has_as_many_parameters_as_the_published_settings_make(name: str) -> None:
    # Counted on the published classes; the tables of the front end and four unused scales besides.
    network = layout.build(name, weights(name)).network
    count = sum(p.numel() for p in network.parameters())
    assert count == {BASELINE: 269_729, P2SGRAD: 275_968}[name]


@every_network
def test_on_drawn_weights_it_gives_what_the_published_code_gives(name: str, tmp_path: Path) -> None:
    torch.save(weights(name), tmp_path / "some.pt")
    found = checkpoints.read(tmp_path / "some.pt")
    assert (found.name, found.window, found.proof) == (name, 64_600, "structure only")
    with torch.inference_mode():
        scores = found.network(0.1 * noise(2, 16_000))
    torch.testing.assert_close(scores, torch.tensor(PUBLISHED_SCORES[name]), atol=2e-5, rtol=0.0)


@every_network
def test_the_window_of_newer_files_is_checked_and_left_out(name: str, tmp_path: Path) -> None:
    torch.save(weights(name) | {"m_frontend.0.window": torch.ones(320)}, tmp_path / "some.pt")
    assert checkpoints.read(tmp_path / "some.pt").name == name
    torch.save(weights(name) | {"m_frontend.0.window": torch.ones(400)}, tmp_path / "odd.pt")
    with pytest.raises(IncompatibleWeights, match=r"window is \(400,\) instead of \(320,\)"):
        checkpoints.read(tmp_path / "odd.pt")


def test_the_filters_are_those_of_the_file(tmp_path: Path) -> None:
    given = weights(BASELINE)
    given["m_frontend.0.lfcc_fb"] = given["m_frontend.0.lfcc_fb"].flip(1)
    torch.save(given, tmp_path / "some.pt")
    filters = checkpoints.read(tmp_path / "some.pt").network.frontend.filters
    assert torch.equal(filters, given["m_frontend.0.lfcc_fb"])


def test_what_is_missing_or_misshaped_is_named(tmp_path: Path) -> None:
    odd = weights(BASELINE)
    del odd["m_before_pooling.0.1.l_blstm.bias_hh_l0_reverse"]
    odd["input_std"] = torch.ones(2)
    torch.save(odd, tmp_path / "odd.pt")
    with pytest.raises(
        IncompatibleWeights,
        match=r"Against LFCC-LCNN: missing .*bias_hh_l0_reverse, input_std is \(2,\) instead of",
    ):
        checkpoints.read(tmp_path / "odd.pt")


def test_a_cosine_stays_between_minus_one_and_one_and_ignores_the_length_of_weights() -> None:
    torch.manual_seed(0)
    back, coefficients = LfccLcnn(LfccLcnnSettings(head="cosine")).eval(), 30 * noise(4, 60, 64)
    scores = back(coefficients)
    assert bool((scores.abs() <= 1.0).all())
    assert back.classes is not None
    back.classes.data *= 5.0
    torch.testing.assert_close(back(coefficients), scores)


def test_a_part_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="attention"):
        layout.published_key("backend.attention.weight")
