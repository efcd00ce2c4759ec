"""What networks of every kind say of a batch, for losses."""

import pytest
import torch
from torch import nn

from earwitness.models.backends.aasist import AASIST_L, Aasist
from earwitness.models.branches import Branches, BranchSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.training.outputs import outputs_of

pytestmark = pytest.mark.torch

SPECTRUM = BranchSettings("spectrum", "statistics", {"hop": 320}, {"hidden": 4, "heads": 1})


def sounds(rows: int) -> torch.Tensor:
    torch.manual_seed(3)
    return 0.1 * torch.randn(rows, 16_000)


def test_a_network_of_two_outputs_tells_both_and_the_second_is_its_score() -> None:
    torch.manual_seed(1)
    network = Countermeasure(SincBands(SincSettings()), Aasist(AASIST_L)).eval()
    outputs = outputs_of(network, sounds(2))
    assert outputs.logits.shape == (2, 2)
    assert outputs.parts is None
    assert torch.equal(outputs.logits[:, 1], network(sounds(2)))
    assert not torch.equal(outputs.logits[:, 0], torch.zeros(2))


def test_branches_tell_each_their_own_logit_and_the_sum_beside_zero() -> None:
    torch.manual_seed(2)
    network = Branches((SPECTRUM, SPECTRUM)).eval()
    outputs = outputs_of(network, sounds(3))
    assert outputs.parts is not None
    assert outputs.parts.shape == (2, 3)
    assert torch.equal(outputs.logits[:, 1], network(sounds(3)))
    assert torch.equal(outputs.logits[:, 0], torch.zeros(3))


def test_a_network_of_one_output_has_it_beside_zero_so_that_a_softmax_is_its_sigmoid() -> None:
    scores = torch.tensor([-2.0, 0.0, 5.0])
    outputs = outputs_of(nn.Identity(), scores)
    torch.testing.assert_close(outputs.logits.softmax(dim=1)[:, 1], scores.sigmoid())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (torch.bfloat16, torch.float32),
        (torch.float16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_half_precision_is_widened_and_double_precision_kept(
    given: torch.dtype, told: torch.dtype
) -> None:
    assert outputs_of(nn.Identity(), torch.zeros(2, dtype=given)).logits.dtype == told
