"""Min t-DCF, a-DCF and t-EER beside the field's own code (``shared/golden/metrics``).

The organisers' packages reject the bona fide (target) part of a tie before the rest. For a minimum
of costs that adds only dearer points, so their values are right on ties too, and ours are the same.
They end the program where there are fewer than three distinct scores, or infinite ones; the costs
are as well defined there as elsewhere, so we give them.

The t-EER of the package is a step of a coarse stair: it can lie below what any tandem with this ASV
can reach. ``t_eer_asvspoof5`` repeats it; ``t_eer`` is the definition, between the steps.
"""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from earwitness.errors import ProtocolError, SettingsError
from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.a_dcf import ASVSPOOF5, ADcfCosts, min_a_dcf
from earwitness.metrics.asv import ASVSPOOF5_ASV, AsvOperatingPoint, AsvScores, at_eer
from earwitness.metrics.eer import eer
from earwitness.metrics.t_eer import t_eer
from earwitness.metrics.t_eer_asvspoof5 import t_eer_asvspoof5
from earwitness.metrics.tdcf import (
    TandemCosts,
    TandemCosts2019,
    min_tdcf_2019,
    min_tdcf_2021,
    min_tdcf_asvspoof5,
)

Sets = dict[str, tuple[Scores, Key]]
KINDS = ("target", "nontarget", "spoof")
VERSIONS = {
    "min_tdcf_2019": min_tdcf_2019,
    "min_tdcf_2019_in_2021pkg": min_tdcf_2019,
    "min_tdcf_2021": min_tdcf_2021,
    "min_tdcf_asvspoof5": min_tdcf_asvspoof5,
}
SASV = ["sasv_medium", "sasv_overlap", "sasv_ties", "sasv_separable", "sasv_constant"]
PERFECT = (np.array([1.0, 2.0]), np.array([False, True]))
TURNED = (np.array([1.0, 2.0]), np.array([True, False]))
HALFWAY = AsvOperatingPoint(miss=0.1, false_alarm=0.2, spoof_false_alarm=0.5)


@pytest.fixture(scope="module")
def points(asv: dict[str, AsvScores]) -> dict[str, AsvOperatingPoint]:
    return {name: at_eer(scores) for name, scores in asv.items()} | {
        "asvspoof5_default": ASVSPOOF5_ASV
    }


def test_the_operating_point_of_the_asv_is_that_of_the_organisers(
    points: dict[str, AsvOperatingPoint], expected: dict[str, Any]
) -> None:
    for name, told in expected["asv_operating_points"].items():
        assert points[name] == AsvOperatingPoint(
            told["Pmiss_asv"], told["Pfa_asv"], told["Pfa_spoof_asv"]
        ), name


@pytest.mark.parametrize("version", VERSIONS)
def test_the_min_tdcf_is_that_of_the_organisers_with_and_without_ties(
    sets: Sets, expected: dict[str, Any], points: dict[str, AsvOperatingPoint], version: str
) -> None:
    compared = 0
    for name, told in expected["cm"].items():
        for asv_name, point in points.items():
            value = told["tdcf"][asv_name][version].get("min", "nan")
            if value != "nan":
                found = VERSIONS[version](*sets[name], point)
                assert found == pytest.approx(value, abs=1e-12), (name, asv_name)
                compared += 1
    assert compared == 51  # 17 sets have three distinct, finite scores of both labels


def test_the_published_min_tdcf_comes_out_of_the_published_scores(
    published: Sets, expected: dict[str, Any], points: dict[str, AsvOperatingPoint]
) -> None:
    point = points["asvspoof2019_LA_eval"]
    for name in ("RawGAT_ST_mul", "OC_softmax"):
        for version, metric in VERSIONS.items():
            told = expected["published"][name]["tdcf"][version]["min"]
            assert metric(*published[name], point) == pytest.approx(told, abs=1e-12)
    # The paper of RawGAT-ST states 0.0335. The same system has 0.094 by the form of 2021.
    assert round(min_tdcf_2019(*published["RawGAT_ST_mul"], point), 4) == 0.0335
    assert round(min_tdcf_2021(*published["RawGAT_ST_mul"], point), 4) == 0.0942


def test_where_the_organisers_code_gives_up_the_cost_is_given(
    sets: Sets, expected: dict[str, Any]
) -> None:
    told = expected["cm"]["constant_all_zero_50_70"]["tdcf"]["asvspoof5_default"]
    assert "soft CM scores" in told["min_tdcf_2021"]["sys_exit"]
    assert min_tdcf_2021(*sets["constant_all_zero_50_70"], ASVSPOOF5_ASV) == 1.0
    told = expected["cm"]["with_inf_20_20"]["tdcf"]["asvspoof5_default"]
    assert "nan or inf" in told["min_tdcf_2021"]["sys_exit"]
    scores, key = sets["with_inf_20_20"]
    clipped = min_tdcf_2021(np.clip(scores, -1e6, 1e6), key, ASVSPOOF5_ASV)
    assert min_tdcf_2021(scores, key, ASVSPOOF5_ASV) == clipped


def test_behind_a_perfect_countermeasure_only_the_form_of_2021_pays_for_the_asv() -> None:
    # C0 = 0.9405 · 0.1 + 0.0095 · 10 · 0.2, C1 = 0.9405 - C0, C2 = 0.05 · 10 · 0.5 = 0.25.
    of_asv = 0.09405 + 0.019
    assert min_tdcf_2019(*PERFECT, HALFWAY) == 0.0
    assert min_tdcf_2021(*PERFECT, HALFWAY) == pytest.approx(of_asv / (of_asv + 0.25))
    assert min_tdcf_asvspoof5(*PERFECT, HALFWAY) == min_tdcf_2021(*PERFECT, HALFWAY)


def test_a_countermeasure_that_is_turned_round_is_best_left_out() -> None:
    assert min_tdcf_2019(*TURNED, HALFWAY) == pytest.approx(1.0)
    assert min_tdcf_2021(*TURNED, HALFWAY) == pytest.approx(1.0)


@pytest.mark.parametrize("metric", [min_tdcf_2019, min_tdcf_2021])
def test_behind_an_asv_that_rejects_everyone_the_tdcf_says_nothing(metric) -> None:
    with pytest.raises(ProtocolError, match=r"says nothing .* would weigh -\d.* Check its error"):
        metric(*PERFECT, AsvOperatingPoint(miss=1.0, false_alarm=1.0, spoof_false_alarm=1.0))


def test_behind_an_asv_that_no_spoof_fools_the_form_of_2019_says_nothing() -> None:
    unfooled = AsvOperatingPoint(miss=0.1, false_alarm=0.1, spoof_false_alarm=0.0)
    with pytest.raises(ProtocolError, match="a passed spoof 0"):
        min_tdcf_2019(*PERFECT, unfooled)
    assert min_tdcf_2021(*PERFECT, unfooled) == 1.0  # no countermeasure can help


@pytest.mark.parametrize("costs", [TandemCosts, TandemCosts2019, ADcfCosts])
def test_stakes_of_the_tandem_that_make_no_sense_are_refused(costs) -> None:
    with pytest.raises(SettingsError, match=r"must sum to 1.*but they are 0\.5, "):
        costs(prior_target=0.5)
    with pytest.raises(SettingsError, match=r"only that of nontarget.*are 0\.95, 0\.05 and 0\."):
        costs(prior_target=0.95, prior_nontarget=0.05, prior_spoof=0.0)
    with pytest.raises(SettingsError, match=r"must sum to 1.*are 0\.96, -0\.01 and 0\.05"):
        costs(prior_target=0.96, prior_nontarget=-0.01, prior_spoof=0.05)
    last = list(costs.__dataclass_fields__)[-1]
    with pytest.raises(SettingsError, match=r"prices of mistakes must lie above 0.*, 0\."):
        costs(**{last: 0.0})


@pytest.mark.parametrize("name", SASV)
def test_the_a_dcf_is_that_of_its_authors_and_of_asvspoof_5(
    arrays: dict[str, Any], expected: dict[str, Any], name: str
) -> None:
    scores, told = [arrays[f"{name}/{kind}"] for kind in KINDS], expected["sasv"][name]
    for package in ("a_dcf_default_shimhz", "a_dcf_default_asvspoof5pkg"):
        assert min_a_dcf(*scores) == pytest.approx(told[package]["min_a_dcf"], abs=1e-12)
    assert min_a_dcf(*scores, ASVSPOOF5) == pytest.approx(
        told["a_dcf_asvspoof5_costs"]["min_a_dcf"], abs=1e-12
    )


def test_a_mistake_of_each_kind_is_paid_at_its_price() -> None:
    # Accepting 3 and above misses 1 of 2 targets: 0.9 · 1/2; accepting all costs 0.5 + 1; accepting
    # 2 and above takes in the one spoof: 1. Not listening costs min(1.5, 0.9).
    found = min_a_dcf(np.array([2.0, 3.0]), np.array([1.0]), np.array([2.0]))
    assert found == pytest.approx(0.45 / 0.9)


def test_a_kind_of_trial_that_is_absent_is_named() -> None:
    some, none = np.array([1.0]), np.array([])
    with pytest.raises(ProtocolError, match=r"list of nontarget scores, but got shape \(0,\)"):
        min_a_dcf(some, none, some)
    with pytest.raises(ProtocolError, match=r"list of spoof scores, .* with 1 NaN"):
        AsvScores(some, some, np.array([np.nan]))
    with pytest.raises(ProtocolError, match=r"list of target scores, but got shape \(1, 1\)"):
        AsvScores(np.array([[1.0]]), some, some)


def pair(arrays: dict[str, Any], name: str) -> tuple[AsvScores, AsvScores]:
    asv = AsvScores(*(arrays[f"{name}/asv_{kind}"] for kind in KINDS))
    return asv, AsvScores(*(arrays[f"{name}/cm_{kind}"] for kind in KINDS))


@pytest.mark.parametrize("name", ["teer_small", "teer_medium"])
def test_the_classic_t_eer_is_that_of_asvspoof_5(
    arrays: dict[str, Any], expected: dict[str, Any], name: str
) -> None:
    found, told = t_eer_asvspoof5(*pair(arrays, name)), expected["sasv"][name]
    assert 100 * found == pytest.approx(told["t_eer_percent"], abs=1e-9)
    assert 100 * found == pytest.approx(told["t_eer_accelerated_percent"], abs=1e-9)


@pytest.mark.parametrize("name", ["teer_small", "teer_medium"])
def test_between_the_steps_of_the_package_lies_the_t_eer(arrays: dict[str, Any], name: str) -> None:
    asv, cm = pair(arrays, name)
    step = 1 / min(len(asv.target), len(asv.nontarget), len(asv.spoof))
    assert t_eer(asv, cm) == pytest.approx(t_eer_asvspoof5(asv, cm), abs=0.5 * step)


def tandem(apart: float, count: int = 4000) -> tuple[AsvScores, AsvScores]:
    """An ASV that spoofs fool, and a CM whose two piles lie so far apart."""
    rng = np.random.default_rng(20)
    asv = AsvScores(*(rng.normal(mean, 1, count) for mean in (3.0, 0.0, 2.5)))
    cm = AsvScores(*(rng.normal(mean, 1, count) for mean in (apart, apart, 0.0)))
    return asv, cm


@pytest.mark.parametrize("apart", [1.0, 2.0, 4.0])
def test_at_the_t_eer_three_mistakes_are_equal(apart: float) -> None:
    # For normal piles the rates are known in closed form, so the three equations can be checked at
    # the thresholds that make the first two right: solved by bisection over the ASV threshold.
    cdf = NormalDist().cdf
    low, high = -6.0, 1.5  # at 1.5 the ASV has its EER
    for _ in range(60):
        threshold = (low + high) / 2
        miss, nontarget, spoof = cdf(threshold - 3), 1 - cdf(threshold), 1 - cdf(threshold - 2.5)
        lead = nontarget - miss
        rate, cm_miss = nontarget / (1 + lead), lead / (1 + lead)
        passed = 1 - cdf(NormalDist(apart).inv_cdf(cm_miss)) if cm_miss > 1e-12 else 1.0
        low, high = (threshold, high) if passed * spoof < rate else (low, threshold)
    assert t_eer(*tandem(apart, 20_000)) == pytest.approx(rate, abs=0.006)


def test_a_tandem_errs_hardly_less_than_its_asv_whatever_the_package_says() -> None:
    # Two piles of 4,000 that lie 6 apart: hardly any mistake of the CM. The package's steps are so
    # coarse there that it finds less than half of what the ASV errs alone.
    asv, cm = tandem(6.0)
    scores = np.concatenate([asv.target, asv.nontarget])
    alone = eer(scores, np.arange(len(scores)) < len(asv.target))
    assert t_eer_asvspoof5(asv, cm) < 0.5 * alone
    assert alone / (1 + alone) <= t_eer(asv, cm) <= alone + 0.005


def test_a_perfect_countermeasure_leaves_the_eer_of_the_asv_and_a_blind_one_leaves_a_half() -> None:
    asv, _ = tandem(1.0)
    scores = np.concatenate([asv.target, asv.nontarget])
    alone = eer(scores, np.arange(len(scores)) < len(asv.target))
    perfect = AsvScores(np.ones(2), np.ones(2), np.zeros(2))
    blind = AsvScores(np.ones(2), np.ones(2), np.ones(2))
    assert t_eer(asv, perfect) == pytest.approx(alone, abs=1e-12)
    assert t_eer(asv, blind) == pytest.approx(0.5, abs=1e-12)
    # The package takes ties apart and, of equal thresholds, the lowest: it says 100 % of both.
    assert t_eer_asvspoof5(asv, perfect) == t_eer_asvspoof5(asv, blind) == 1.0


def test_where_no_spoof_fools_the_asv_the_countermeasure_is_not_needed() -> None:
    asv, cm = tandem(1.0)
    unfooled = AsvScores(asv.target, asv.nontarget, asv.spoof - 100)
    scores = np.concatenate([asv.target, asv.nontarget])
    alone = eer(scores, np.arange(len(scores)) < len(asv.target))
    assert t_eer(unfooled, cm) == pytest.approx(alone, abs=1e-12)


def test_one_trial_of_each_kind_is_enough_for_a_t_eer() -> None:
    one = AsvScores(np.array([1.0]), np.array([1.0]), np.array([1.0]))
    assert t_eer(one, one) == 0.5
    assert t_eer_asvspoof5(one, one) == 1.0
