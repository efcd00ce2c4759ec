"""Loss, rates and parameters: what is minimised, and how fast each part moves."""

import math

import pytest
import torch
from made_runs import COARSE, FINE

from earwitness import config
from earwitness.models.branches import Branches, BranchSettings
from earwitness.training.module import (
    Fitting,
    head_parameters,
    loss_of,
    pretrained_parameters,
)
from earwitness.training.settings import LossSettings, OptimiserSettings

pytestmark = [pytest.mark.torch, pytest.mark.train]

TARGETS = torch.tensor([1.0, 0.0])
WHISPER = {
    "frontend": "whisper",
    "backend": "moments",
    "frontend_settings": {"width": 64, "layers": 1},
    "backend_settings": {"layers": 2, "width": 64, "hidden": 4},
}


def network(*tables: dict[str, object]) -> Branches:
    branches = [config.settings(BranchSettings, table, where="test") for table in tables]
    return Branches(tuple(branches))


def fitting(steps: int = 100, **rates: float) -> Fitting:
    return Fitting(
        network(WHISPER, FINE),
        optimiser=OptimiserSettings(**rates),
        loss=LossSettings(),
        steps=steps,
        seed=1,
    )


def log_loss(score: float, target: float) -> float:
    return math.log1p(math.exp(-score if target else score))


def test_the_loss_is_the_cross_entropy_of_the_sum() -> None:
    scores = torch.tensor([[0.5, -1.0], [1.5, 0.25]])
    expected = (log_loss(2.0, 1) + log_loss(-0.75, 0)) / 2
    found = loss_of(scores, TARGETS, LossSettings(branch_share=0.0))
    assert found.item() == pytest.approx(expected, abs=1e-6)


def test_each_branch_answers_for_itself_too() -> None:
    scores = torch.tensor([[0.5, -1.0], [1.5, 0.25]])
    whole = (log_loss(2.0, 1) + log_loss(-0.75, 0)) / 2
    each = (log_loss(0.5, 1) + log_loss(-1.0, 0) + log_loss(1.5, 1) + log_loss(0.25, 0)) / 2
    found = loss_of(scores, TARGETS, LossSettings(branch_share=0.3))
    assert found.item() == pytest.approx(whole + 0.3 * each, abs=1e-6)


def test_one_branch_alone_is_not_counted_twice() -> None:
    scores = torch.tensor([[0.5, -1.0]])
    expected = (log_loss(0.5, 1) + log_loss(-1.0, 0)) / 2
    assert loss_of(scores, TARGETS, LossSettings()).item() == pytest.approx(expected, abs=1e-6)


def test_smoothing_pulls_the_targets_in() -> None:
    scores = torch.tensor([[2.0, -2.0]])
    share = 0.1
    expected = (1 - share) * log_loss(2.0, 1) + share * log_loss(2.0, 0)
    found = loss_of(scores, TARGETS, LossSettings(smoothing=share))
    assert found.item() == pytest.approx(expected, abs=1e-6)


def test_higher_scores_cost_less_for_bona_fide_and_more_for_spoofs() -> None:
    scores = torch.zeros(1, 2, requires_grad=True)
    loss_of(scores, TARGETS, LossSettings()).backward()
    bona_fide, spoof = scores.grad[0].tolist()
    assert bona_fide < 0 < spoof


def test_front_ends_and_heads_are_parted_without_rest() -> None:
    whole = network(WHISPER, FINE, COARSE)
    trainable = {id(p) for p in whole.parameters() if p.requires_grad}
    fronts = {id(p) for p in pretrained_parameters(whole)}
    heads = {id(p) for p in head_parameters(whole)}
    assert fronts | heads == trainable
    assert not fronts & heads
    assert len(fronts) == sum(p.requires_grad for p in whole.branches[0][0].parameters())


def test_each_part_learns_at_its_own_rate() -> None:
    made = fitting(pretrained_rate=1e-4, head_rate=1e-3, weight_decay=0.02, warm_up_share=0.0)
    groups = made.configure_optimizers()["optimizer"].param_groups
    assert [group["initial_lr"] for group in groups] == [1e-4, 1e-3]
    assert [group["weight_decay"] for group in groups] == [0.02, 0.02]


def test_a_network_without_pretrained_parts_has_one_rate() -> None:
    made = Fitting(
        network(FINE), optimiser=OptimiserSettings(), loss=LossSettings(), steps=10, seed=1
    )
    assert len(made.configure_optimizers()["optimizer"].param_groups) == 1


def test_the_rate_rises_to_the_full_one_and_falls_to_the_last_share() -> None:
    made = fitting(steps=100, head_rate=1.0, warm_up_share=0.1, last_share=0.01)
    adam = made.configure_optimizers()["optimizer"]
    descent = made.configure_optimizers()["lr_scheduler"]["scheduler"]
    assert adam.param_groups[1]["lr"] == pytest.approx(0.1)
    assert made.configure_optimizers()["lr_scheduler"]["interval"] == "step"
    rates = []
    for _ in range(100):
        rates.append(descent.get_last_lr()[1])
        descent.optimizer.step()
        descent.step()
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == pytest.approx(0.98, abs=0.01)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert descent.get_last_lr()[1] == pytest.approx(0.01)
