"""Losses: against their papers' formulas in numpy, by their limits, and by finite differences."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from earwitness.errors import SettingsError, UnknownName
from earwitness.training.losses import LOSSES, BuiltLoss, Outputs, loss
from earwitness.training.module import loss_of
from earwitness.training.settings import LossSettings

pytestmark = pytest.mark.torch

Array = NDArray[np.float64]
NAMES = ("am_softmax", "cross_entropy", "focal", "oc_softmax", "p2sgrad")
OF_COSINES = ("am_softmax", "oc_softmax", "p2sgrad")
ROWS = 40

every_loss = pytest.mark.parametrize("name", NAMES)


def drawn(*, cosines: bool = False, seed: int = 0) -> tuple[Outputs, Tensor]:
    rng = np.random.default_rng(seed)
    logits = rng.uniform(-1, 1, (ROWS, 2)) if cosines else rng.normal(0, 3, (ROWS, 2))
    targets = (rng.random(ROWS) < 0.4).astype(float)
    return Outputs(torch.tensor(logits)), torch.tensor(targets)


def as_in_paper(formula: Callable[[Array, int], float], outputs: Outputs, targets: Tensor) -> Array:
    pairs = zip(outputs.logits.numpy(), targets.numpy(), strict=True)
    return np.array([formula(logits, int(target)) for logits, target in pairs])


def probabilities(logits: Array) -> Array:
    odds = np.exp(logits)
    return np.asarray(odds / odds.sum())


def cross_entropy(logits: Array, target: int) -> float:
    return float(-np.log(probabilities(logits)[target]))


def focal(logits: Array, target: int) -> float:
    """Lin et al. 2017, equation 4, gamma = 2."""
    right = probabilities(logits)[target]
    return float(-((1 - right) ** 2) * np.log(right))


def oc_softmax(cosines: Array, target: int) -> float:
    """Zhang et al. 2021, equation 4: there y = 0 is bona fide, m_0 = 0.9, m_1 = 0.2, alpha 20."""
    y = 1 - target
    margin = (0.9, 0.2)[y]
    return float(np.log1p(np.exp(20 * (margin - cosines[1]) * (-1) ** y)))


def am_softmax(cosines: Array, target: int) -> float:
    """Zhang et al. 2021, equation 3, of Wang et al. 2018, equation 6: s = 20, m = 0.9."""
    right = np.exp(20 * (cosines[target] - 0.9))
    return float(-np.log(right / (right + np.exp(20 * cosines[1 - target]))))


def p2sgrad(cosines: Array, target: int) -> float:
    """Wang & Yamagishi 2021, equation 6, with the mean over the two classes."""
    return float(np.mean((cosines - np.eye(2)[target]) ** 2))


def test_there_is_a_file_for_every_loss() -> None:
    assert tuple(LOSSES.names()) == NAMES


@every_loss
def test_each_row_has_the_loss_of_the_papers_formula(name: str) -> None:
    outputs, targets = drawn(cosines=name in OF_COSINES)
    found = loss({"name": name}).rows(outputs, targets)
    expected = as_in_paper(globals()[name], outputs, targets)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10, atol=1e-14)


@every_loss
def test_it_says_whether_it_needs_cosines(name: str) -> None:
    assert loss({"name": name}).needs_cosine == (name in OF_COSINES)


@every_loss
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    outputs, targets = drawn(cosines=name in OF_COSINES, seed=1)
    built = loss({"name": name, "spoof_weight": 0.3, "bona_fide_weight": 1.7})

    def mean(logits: Tensor) -> Tensor:
        return built.mean(Outputs(logits), targets)

    assert torch.autograd.gradcheck(mean, outputs.logits.requires_grad_(), atol=1e-7)


@every_loss
def test_right_and_sure_costs_less_than_wrong_and_sure(name: str) -> None:
    sure = Outputs(torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64))
    built = loss({"name": name})
    right = built.rows(sure, torch.tensor([1.0, 0.0]))
    wrong = built.rows(sure, torch.tensor([0.0, 1.0]))
    assert bool((right < wrong).all())


@every_loss
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_logits_of_any_size_give_finite_losses_and_gradients(name: str, size: float) -> None:
    logits = torch.tensor([[0.0, size], [0.0, size]], requires_grad=True)
    rows = loss({"name": name}).rows(Outputs(logits), torch.tensor([1.0, 0.0]))
    rows.sum().backward()
    assert bool(torch.isfinite(rows).all())
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


@every_loss
def test_rows_are_weighted_by_their_class_and_the_mean_is_by_weights(name: str) -> None:
    outputs, targets = drawn(cosines=name in OF_COSINES, seed=2)
    built = loss({"name": name, "spoof_weight": 0.1, "bona_fide_weight": 0.9})
    weights = np.where(targets.numpy() == 1, 0.9, 0.1)
    np.testing.assert_allclose(built.row_weights(targets).numpy(), weights)
    rows = built.rows(outputs, targets).numpy()
    expected = (weights * rows).sum() / weights.sum()
    assert float(built.mean(outputs, targets)) == pytest.approx(expected, rel=1e-12)


@every_loss
def test_two_halves_summed_with_their_weights_are_the_whole(name: str) -> None:
    outputs, targets = drawn(cosines=name in OF_COSINES, seed=3)
    built = loss({"name": name, "bona_fide_weight": 3.0})
    sums, weights = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for part in (slice(0, 11), slice(11, ROWS)):  # unequal, and with unequal shares of the classes
        own = built.row_weights(targets[part])
        sums = sums + (own * built.rows(Outputs(outputs.logits[part]), targets[part])).sum()
        weights = weights + own.sum()
    assert float(sums / weights) == pytest.approx(float(built.mean(outputs, targets)), rel=1e-12)


def test_weighted_cross_entropy_is_pytorchs() -> None:
    outputs, targets = drawn(seed=4)
    theirs = torch.nn.CrossEntropyLoss(weight=torch.tensor([0.1, 0.9], dtype=torch.float64))
    built = loss({"name": "cross_entropy", "spoof_weight": 0.1, "bona_fide_weight": 0.9})
    expected = float(theirs(outputs.logits, targets.long()))
    assert float(built.mean(outputs, targets)) == pytest.approx(expected, rel=1e-12)


def test_smoothing_is_half_of_pytorchs() -> None:
    outputs, targets = drawn(seed=5)
    theirs = torch.nn.CrossEntropyLoss(label_smoothing=0.2, reduction="none")
    rows = loss({"name": "cross_entropy", "smoothing": 0.1}).rows(outputs, targets)
    torch.testing.assert_close(rows, theirs(outputs.logits, targets.long()))


@pytest.mark.parametrize("branches", [1, 2, 3])
def test_the_share_of_branches_is_that_of_the_embedded_detectors_training(branches: int) -> None:
    rng = np.random.default_rng(branches)
    parts = torch.tensor(rng.normal(0, 2, (branches, ROWS)))
    targets = torch.tensor((rng.random(ROWS) < 0.5).astype(float))
    total = parts.sum(dim=0)
    outputs = Outputs(torch.stack([torch.zeros_like(total), total], dim=1), parts)
    built = loss({"name": "cross_entropy", "smoothing": 0.02, "branch_share": 0.3})
    expected = loss_of(parts, targets, LossSettings(branch_share=0.3, smoothing=0.02))
    assert float(built.mean(outputs, targets)) == pytest.approx(float(expected), rel=1e-12)


def test_a_share_of_branches_is_nothing_to_a_network_without_them() -> None:
    outputs, targets = drawn(seed=6)
    shared = loss({"name": "cross_entropy", "branch_share": 0.3}).rows(outputs, targets)
    assert torch.equal(shared, loss({"name": "cross_entropy"}).rows(outputs, targets))


def test_focal_loss_without_gamma_is_cross_entropy_and_with_it_never_more() -> None:
    outputs, targets = drawn(seed=7)
    plain = loss({"name": "cross_entropy"}).rows(outputs, targets)
    none = loss({"name": "focal", "gamma": 0.0}).rows(outputs, targets)
    torch.testing.assert_close(none, plain, rtol=1e-12, atol=0)
    assert bool((loss({"name": "focal"}).rows(outputs, targets) < plain).all())


def test_focal_loss_of_a_row_that_is_half_sure_is_a_quarter_of_cross_entropy() -> None:
    row = loss({"name": "focal", "gamma": 2.0}).rows(Outputs(torch.zeros(1, 2)), torch.ones(1))
    assert float(row) == pytest.approx(np.log(2) / 4)


def test_am_softmax_without_margin_is_cross_entropy_of_scaled_cosines() -> None:
    outputs, targets = drawn(cosines=True, seed=8)
    found = loss({"name": "am_softmax", "margin": 0.0, "scale": 12.0}).rows(outputs, targets)
    scaled = Outputs(12.0 * outputs.logits)
    torch.testing.assert_close(found, loss({"name": "cross_entropy"}).rows(scaled, targets))


def test_oc_softmax_is_ln_2_on_its_margins_and_deaf_to_the_direction_of_spoofs() -> None:
    logits = torch.tensor([[0.3, 0.9], [-0.7, 0.2]], requires_grad=True)
    rows = loss({"name": "oc_softmax"}).rows(Outputs(logits), torch.tensor([1.0, 0.0]))
    np.testing.assert_allclose(rows.detach().numpy(), np.log(2), rtol=1e-6)
    rows.sum().backward()
    assert logits.grad is not None
    assert logits.grad[:, 0].abs().max() == 0
    np.testing.assert_allclose(logits.grad[:, 1].numpy(), [-10, 10], rtol=1e-5)


def test_p2sgrad_has_the_gradients_of_its_paper() -> None:
    """Zhang et al. 2019, equation 11: cosine less one for the right class, cosine for the other."""
    outputs, targets = drawn(cosines=True, seed=9)
    logits = outputs.logits.requires_grad_()
    loss({"name": "p2sgrad"}).rows(Outputs(logits), targets).sum().backward()
    assert logits.grad is not None
    wanted = np.eye(2)[targets.numpy().astype(int)]
    np.testing.assert_allclose(logits.grad.numpy(), logits.detach().numpy() - wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, r"loss: 'name' is missing\. There are: am_softmax, cross_entropy, focal"),
        ({"name": "focal", "gama": 2}, r"loss: focal: unknown key 'gama'\. Did you mean 'gamma'"),
        ({"name": "focal", "gamma": -1.0}, r"gamma \(-1\.0\) must not be below 0"),
        ({"name": "cross_entropy", "spoof_weight": 0.0}, r"spoof_weight \(0\.0\) .* above 0"),
        ({"name": "cross_entropy", "smoothing": 0.5}, r"smoothing \(0\.5\) must lie between 0"),
        ({"name": "cross_entropy", "branch_share": -0.1}, r"branch_share \(-0\.1\)"),
        ({"name": "oc_softmax", "scale": 0.0}, r"scale \(0\.0\) must be above 0"),
        ({"name": "oc_softmax", "spoof_margin": 0.95}, r"spoof_margin \(0\.95\) .* run upwards"),
        ({"name": "am_softmax", "scale": -2.0}, r"scale \(-2\.0\) must be above 0"),
        ({"name": "am_softmax", "margin": 2.5}, r"margin \(2\.5\) must lie between 0 and 2"),
        ({"name": "p2sgrad", "bona_fide_weight": -1.0}, r"bona_fide_weight \(-1\.0\)"),
    ],
)
def test_a_wrong_table_is_refused_with_what_is_wrong(
    table: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        loss(table)


def test_an_unknown_loss_is_refused_with_the_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"There is no loss called 'ocsoftmax'.*oc_softmax"):
        loss({"name": "ocsoftmax"})


def test_a_loss_can_be_named_with_dashes() -> None:
    assert isinstance(loss({"name": "oc-softmax"}), BuiltLoss)
