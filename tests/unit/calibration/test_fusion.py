"""Weights for the scores of several detectors, fitted on answers that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from earwitness.calibration._logistic import minimise
from earwitness.calibration.fusion import LogisticFusion, fit_fusion
from earwitness.errors import SettingsError
from earwitness.metrics.cllr import cllr, min_cllr


def two_ears(
    bona_fide: int, spoof: int, *, seed: int = 7
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Draw scores of two detectors that err apart; the LLR is 2 * first + first unit of second - 2.

    Normal, of spread 1, bona fide at (2, 1) and spoof at the origin: for such piles the LLR is
    the product of the distance with the score, less half the square of the distance.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(bona_fide + spoof) < bona_fide
    return rng.normal(labels[:, None] * [2.0, 1.0], 1.0), labels


def test_the_fit_finds_the_weights_that_the_scores_were_drawn_from() -> None:
    fitted = fit_fusion(*two_ears(40_000, 40_000))
    assert fitted.weights == pytest.approx((2.0, 1.0), rel=0.04)
    assert fitted.offset == pytest.approx(-2.5, rel=0.04)
    assert fitted.has_converged


def test_how_many_of_each_label_there_are_does_not_matter() -> None:
    fitted = fit_fusion(*two_ears(60_000, 6_000))
    assert fitted.weights == pytest.approx((2.0, 1.0), rel=0.07)
    assert fitted.offset == pytest.approx(-2.5, rel=0.07)


def test_units_of_the_scores_do_not_matter() -> None:
    scores, labels = two_ears(300, 200)
    moved = scores * [1e5, 1e-4] + [-7e6, 3.0]
    plain = fit_fusion(scores, labels).llr(scores)
    assert fit_fusion(moved, labels).llr(moved) == pytest.approx(plain, abs=1e-6)


def test_the_fused_scores_are_calibrated_on_trials_that_were_not_fitted() -> None:
    fitted = fit_fusion(*two_ears(2_000, 2_000, seed=1))
    scores, labels = two_ears(4_000, 4_000, seed=2)
    fused = fitted.llr(scores)
    assert cllr(fused, labels) - min_cllr(fused, labels) < 0.02
    assert min_cllr(fused, labels) < min_cllr(scores[:, 0], labels) - 0.02


def test_a_detector_that_only_repeats_the_first_shares_its_weight() -> None:
    scores, labels = two_ears(400, 400)
    doubled = np.column_stack([scores[:, 0], scores[:, 0]])
    fitted = fit_fusion(doubled, labels)
    alone = fit_fusion(scores[:, :1], labels)
    assert fitted.weights[0] == pytest.approx(fitted.weights[1])
    assert sum(fitted.weights) == pytest.approx(alone.weights[0], rel=5e-3)


def test_a_detector_that_hears_what_misleads_the_other_gets_a_negative_weight() -> None:
    rng = np.random.default_rng(4)
    labels = np.arange(2_000) % 2 == 0
    noise = rng.standard_normal(2_000)
    scores = np.column_stack([labels + 2 * noise, noise + 0.3 * rng.standard_normal(2_000)])
    fitted = fit_fusion(scores, labels)
    assert fitted.weights[0] > 0 > fitted.weights[1]


def test_labels_that_are_wholly_apart_still_give_finite_llrs() -> None:
    labels = np.arange(40) < 20
    scores = np.where(labels, 3.0, -3.0)[:, None] + np.linspace(0, 1, 40)[:, None]
    llrs = fit_fusion(scores, labels).llr(scores)
    assert (llrs[labels] > 2).all()
    assert (llrs[~labels] < -2).all()
    assert np.abs(llrs).max() < 30


def test_a_detector_that_always_says_the_same_carries_no_weight() -> None:
    scores, labels = two_ears(50, 50)
    scores[:, 1] = 4.25
    assert fit_fusion(scores, labels).weights[1] == 0


def test_too_few_trials_of_a_label_are_told() -> None:
    scores, labels = two_ears(9, 30)
    with pytest.raises(SettingsError, match=r"of 2 detectors needs .* 10 trials .* got 9 bona"):
        fit_fusion(scores, labels)


def test_scores_that_are_not_finite_are_told() -> None:
    scores, labels = two_ears(20, 20)
    scores[3, 0], scores[7, 1] = np.nan, np.inf
    with pytest.raises(SettingsError, match="2 scores are not finite"):
        fit_fusion(scores, labels)


@pytest.mark.parametrize("shape", [(40,), (39, 2), (2, 40)])
def test_scores_that_are_no_table_are_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(SettingsError, match=r"shape \(trials, detectors\) and a label a trial"):
        fit_fusion(np.zeros(shape), np.arange(40) < 20)


@pytest.mark.parametrize(("weights", "offset"), [((np.nan, 1.0), 0.0), ((1.0,), np.inf)])
def test_a_sum_that_is_not_finite_is_refused(weights: tuple[float, ...], offset: float) -> None:
    with pytest.raises(SettingsError, match="needs finite numbers"):
        LogisticFusion(weights, offset)


def test_a_search_that_ends_too_early_says_so() -> None:
    scores, labels = two_ears(50, 50)
    design, shares = np.vstack([scores.T, np.ones(100)]), np.full(100, 0.01)
    key = labels.astype(float)
    assert not minimise(design, key, shares, ridge=1e-4, most_steps=2).has_converged
    assert minimise(design, key, shares, ridge=1e-4).has_converged
