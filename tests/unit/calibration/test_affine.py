"""A line from raw scores to LLRs, fitted on answers that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from earwitness.calibration.affine import AffineCalibration, fit_affine
from earwitness.errors import SettingsError


def two_kinds(
    bona_fide: int, spoof: int, *, seed: int = 3
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Draw scores whose LLR is 2 * score - 1: normal, one apart, with a spread of 0.707."""
    rng = np.random.default_rng(seed)
    labels = np.arange(bona_fide + spoof) < bona_fide
    return rng.normal(np.where(labels, 1.0, 0.0), np.sqrt(0.5)), labels


def test_the_fit_finds_the_line_that_the_scores_were_drawn_from() -> None:
    fitted = fit_affine(*two_kinds(40_000, 40_000))
    assert fitted.scale == pytest.approx(2.0, rel=0.03)
    assert fitted.offset == pytest.approx(-1.0, rel=0.05)


def test_how_many_of_each_kind_there_are_does_not_matter() -> None:
    fitted = fit_affine(*two_kinds(60_000, 6_000))
    assert fitted.scale == pytest.approx(2.0, rel=0.06)
    assert fitted.offset == pytest.approx(-1.0, rel=0.08)


def test_the_unit_of_the_scores_does_not_matter() -> None:
    scores, labels = two_kinds(500, 300)
    plain = fit_affine(scores, labels).llr(scores)
    moved = fit_affine(1e4 * scores - 7e5, labels).llr(1e4 * scores - 7e5)
    assert moved == pytest.approx(plain, abs=1e-4)


def test_a_trial_that_weighs_two_counts_like_two_trials() -> None:
    scores, labels = two_kinds(40, 50)
    weights = np.where(np.arange(90) % 7 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(90), weights.astype(int))
    weighted = fit_affine(scores, labels, weights=weights)
    repeated = fit_affine(scores[twice], labels[twice])
    assert weighted.scale == pytest.approx(repeated.scale, rel=1e-6)
    assert weighted.offset == pytest.approx(repeated.offset, rel=1e-6)


def test_kinds_that_do_not_overlap_still_give_a_finite_line() -> None:
    fitted = fit_affine([-2.0, -1.0, 1.0, 2.0], [False, False, True, True])
    assert fitted.scale > 1
    assert np.abs(fitted.llr([-2.0, 2.0])).max() < 100


@pytest.mark.parametrize(("score", "trials"), [(1.0, 3), (1.1, 101), (0.3, 101)])
def test_scores_that_are_all_the_same_carry_no_weight(score: float, trials: int) -> None:
    # The mean of 101 times 1.1 is not 1.1: what rounding leaves is no spread.
    with pytest.raises(SettingsError, match="speak for the wrong side"):
        fit_affine([score] * trials, [at % 2 == 0 for at in range(trials)])


def test_scores_that_are_turned_round_are_refused() -> None:
    scores, labels = two_kinds(50, 50)
    with pytest.raises(SettingsError, match=r"speak for the wrong side .* turned round"):
        fit_affine(-scores, labels)


def test_a_kind_that_is_missing_is_told() -> None:
    with pytest.raises(SettingsError, match="needs both kinds, but got 2 bona fide and 0 spoofed"):
        fit_affine([1.0, 2.0], [True, True])


def test_rows_of_different_lengths_are_told() -> None:
    with pytest.raises(SettingsError, match=r"\(3,\) scores, \(2,\) labels"):
        fit_affine([1.0, 2.0, 3.0], [True, False])


def test_scores_that_are_not_finite_are_told() -> None:
    with pytest.raises(SettingsError, match="2 scores are not finite"):
        fit_affine([1.0, np.nan, np.inf], [True, False, True])


@pytest.mark.parametrize(
    ("scale", "offset"), [(0.0, 0.0), (-1.0, 0.0), (np.inf, 0.0), (1.0, np.nan)]
)
def test_a_line_that_turns_scores_round_is_refused(scale: float, offset: float) -> None:
    with pytest.raises(SettingsError, match="positive scale and a finite offset"):
        AffineCalibration(scale, offset)


def test_the_line_is_the_best_one_even_where_newton_s_first_steps_are_too_long() -> None:
    rng = np.random.default_rng(5077)
    count = int(rng.integers(3, 200))
    labels = rng.random(count) < 0.5
    scores = rng.normal(labels * rng.uniform(0, 5), 1)
    scores *= np.exp(rng.uniform(0, 4) * rng.standard_normal(count))
    weights = np.exp(rng.uniform(0, 6) * rng.standard_normal(count))
    fitted = fit_affine(scores, labels, weights=weights)

    def loss(scale: float, offset: float) -> float:
        llrs = AffineCalibration(scale, offset).llr(scores)
        costs = np.logaddexp(0, np.where(labels, -llrs, llrs))
        return sum(float(np.average(costs[k], weights=weights[k])) / 2 for k in (labels, ~labels))

    best = loss(fitted.scale, fitted.offset)
    for factor, shift in [(1.05, 0), (0.95, 0), (1, 0.05), (1, -0.05), (1.05, 0.05)]:
        assert loss(fitted.scale * factor, fitted.offset + shift) > best - 1e-4
