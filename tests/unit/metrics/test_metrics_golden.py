"""Metrics beside the field's own code: ``shared/golden/metrics`` says what was run, and how.

The reference is right on continuous scores and wrong in known places, where the right value is
asserted instead:

- EER: inside a tie it rejects all bona fide first, so a constant scorer gets 1.0. The right value
  is the interpolated one (brentq on the ROC), which is what we compare with everywhere; on
  continuous scores the two agree to a step of the curve.
- Cllr: it overflows for scores beyond 709; the finite value is right.
- minimum Cllr: nii's code gives 0.0 for constant scores (right: 1.0) and is too low with many ties.
- One label only, and NaN: it gives NaN, or a number that means nothing. We refuse.
"""

from typing import Any

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import auc, balanced_accuracy, eer, error_rates

CONTINUOUS = [
    *("tiny_5_5", "small_20_30", "medium_500_2000", "large_imbalanced_2000_18000"),
    *("heavy_overlap_1000_1000", "chance_1000_1500", "reversed_300_400", "separable_200_300"),
    *("calibrated_llr_3000_3000", "miscalibrated_shift_1000_4000", "float32_logits_700_6300"),
    *("heavy_tailed_800_1200", "multimodal_spoof_900_2700"),
]
TIED = [
    *("ties_rounded_0.1_400_1600", "ties_integers_400_1600", "softmax_saturated_600_2400"),
    *("constant_all_zero_50_70", "constant_per_class_50_70", "two_values_mixed_60_60"),
    *("one_each", "one_each_reversed", "one_each_tied"),
]
HUGE = "extreme_1e4_40_60"

Sets = dict[str, tuple[Scores, Key]]


@pytest.mark.parametrize("name", [*CONTINUOUS, *TIED, HUGE])
def test_the_eer_is_the_interpolated_one(sets: Sets, expected: dict[str, Any], name: str) -> None:
    # brentq stops within 2e-12 of the abscissa, on a curve that may be 1,000 times as steep.
    assert eer(*sets[name]) == pytest.approx(expected["cm"][name]["eer_interp_brentq"], abs=2e-9)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_without_ties_the_organisers_eer_is_within_a_step_of_the_curve(
    sets: Sets, expected: dict[str, Any], name: str
) -> None:
    told = expected["cm"][name]
    step = 1 / min(told["n_bonafide"], told["n_spoof"])
    assert eer(*sets[name]) == pytest.approx(told["eer"], abs=0.5 * step + 1e-9)


@pytest.mark.parametrize("name", ["constant_all_zero_50_70", "one_each_tied"])
def test_a_constant_scorer_has_an_eer_of_one_half_where_the_field_says_one(
    sets: Sets, expected: dict[str, Any], name: str
) -> None:
    assert expected["cm"][name]["eer"] == 1.0
    assert eer(*sets[name]) == 0.5


@pytest.mark.parametrize("name", [*CONTINUOUS, *TIED, HUGE])
def test_the_auc_is_that_of_scikit_learn(sets: Sets, expected: dict[str, Any], name: str) -> None:
    assert auc(*sets[name]) == pytest.approx(expected["cm"][name]["auc_sklearn"], abs=1e-12)


@pytest.mark.parametrize("name", [*CONTINUOUS, *TIED, HUGE])
def test_the_dcf_is_that_of_asvspoof_5(sets: Sets, expected: dict[str, Any], name: str) -> None:
    told = expected["cm"][name]
    # Taking ties apart adds only dearer points to the curve: the reference is right on ties here.
    assert act_dcf(*sets[name], Costs()) == pytest.approx(told["act_dcf"], abs=1e-12)
    assert min_dcf(*sets[name], Costs()) == pytest.approx(told["min_dcf"], abs=1e-12)


@pytest.mark.parametrize("name", [*CONTINUOUS, *TIED])
def test_the_cllr_is_that_of_asvspoof_5(sets: Sets, expected: dict[str, Any], name: str) -> None:
    assert cllr(*sets[name]) == pytest.approx(expected["cm"][name]["cllr_bits"], rel=1e-12)


def test_the_cllr_of_huge_scores_is_finite_where_the_field_says_infinity(
    sets: Sets, expected: dict[str, Any]
) -> None:
    assert expected["cm"][HUGE]["cllr_bits"] == "inf"
    scores, key = sets[HUGE]
    # For a score s this large, log(1 + exp(s)) is s itself, and log(1 + exp(-s)) is 0.
    costs = np.where(key, np.maximum(-scores, 0), np.maximum(scores, 0)) / np.log(2)
    assert cllr(scores, key) == pytest.approx(
        (costs[key].mean() + costs[~key].mean()) / 2, rel=1e-3
    )


@pytest.mark.parametrize("name", [*CONTINUOUS, HUGE])
def test_the_minimum_cllr_is_that_of_nii(sets: Sets, expected: dict[str, Any], name: str) -> None:
    # nii's code gives 1.00000018 for the reversed set, where 1 is the most that there can be.
    told = expected["cm"][name]["min_cllr_bits_nii"]
    assert min_cllr(*sets[name]) == pytest.approx(told, abs=1e-6)


def test_the_minimum_cllr_of_constant_scores_is_one_bit_where_nii_says_none(
    sets: Sets, expected: dict[str, Any]
) -> None:
    assert expected["cm"]["constant_all_zero_50_70"]["min_cllr_bits_nii"] == 0.0
    assert min_cllr(*sets["constant_all_zero_50_70"]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("single_class_bonafide_30_0", "both labels, but got 30 bona fide and 0 spoof"),
        ("single_class_spoof_0_30", "both labels, but got 0 bona fide and 30 spoof"),
        ("with_nan_20_20", r"got NaN for \d+ of 40 trials"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_every_metric(
    sets: Sets, name: str, message: str
) -> None:
    scores, key = sets[name]
    for metric in (eer, auc, cllr, min_cllr):
        with pytest.raises(ProtocolError, match=message):
            metric(scores, key)
    with pytest.raises(ProtocolError, match=message):
        act_dcf(scores, key, Costs())
    with pytest.raises(ProtocolError, match=message):
        min_dcf(scores, key, Costs())
    with pytest.raises(ProtocolError, match=message):
        balanced_accuracy(scores, key, threshold=0.0)
    with pytest.raises(ProtocolError, match=message):
        error_rates(scores, key, threshold=0.0)


def test_infinite_scores_are_only_very_high_and_very_low(
    sets: Sets, expected: dict[str, Any]
) -> None:
    scores, key = sets["with_inf_20_20"]
    assert np.isinf(scores).any()
    assert eer(scores, key) == eer(np.clip(scores, -1e6, 1e6), key)
    assert eer(scores, key) == pytest.approx(expected["cm"]["with_inf_20_20"]["eer"], abs=0.03)
    assert min_dcf(scores, key, Costs()) == pytest.approx(
        expected["cm"]["with_inf_20_20"]["min_dcf"], abs=1e-12
    )


@pytest.mark.parametrize(
    # As the authors state them: RawGAT-ST's paper, the READMEs of XLSR-Mamba and SLS. OC-softmax's
    # README says 2.19 %; its published scores give 2.18 %, by the organisers' code as well.
    ("name", "stated_percent"),
    [
        *(("RawGAT_ST_mul", 1.06), ("OC_softmax", 2.18)),
        *(("ITW_XLSR_Mamba", 6.71), ("ITW_SLS", 7.46)),
    ],
)
def test_the_published_eer_comes_out_of_the_published_scores(
    published: Sets, expected: dict[str, Any], name: str, stated_percent: float
) -> None:
    told, (scores, key) = expected["published"][name], published[name]
    assert round(100 * eer(scores, key), 2) == stated_percent
    assert eer(scores, key) == pytest.approx(told["eer_interp_brentq"], abs=1e-9)
    assert min_dcf(scores, key, Costs()) == pytest.approx(told["min_dcf"], abs=1e-12)
    assert act_dcf(scores, key, Costs()) == pytest.approx(told["act_dcf"], abs=1e-12)
    assert cllr(scores, key) == pytest.approx(told["cllr_bits"], rel=1e-12)
    assert auc(scores, key) == pytest.approx(told["auc_sklearn"], abs=1e-12)
