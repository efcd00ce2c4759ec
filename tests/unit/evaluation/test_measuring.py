"""From scored trials to an evaluation: figures, n, intervals, and what to know beside them."""

from dataclasses import replace

import numpy as np
import pytest
from made_trials import SETUP, answered, gaussian, scored, trial, unread

from earwitness.errors import ProtocolError, UnreadableAudio
from earwitness.evaluation.measuring import AT_THE_THRESHOLD, OF_LLRS, ORDER, Plan, evaluate
from earwitness.evaluation.records import Direction, Evaluation, Remark, Scored
from earwitness.metrics.bounds import eer_interval
from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.dcf import Costs, act_dcf, min_dcf
from earwitness.metrics.eer import auc, eer
from earwitness.metrics.eer_asvspoof import eer_asvspoof
from earwitness.metrics.eer_rocch import eer_rocch
from earwitness.records import Answer, Label, Reason

QUICK = Plan(rounds=100)
RAW = replace(SETUP, is_calibrated=False, operating_point=None, threshold=None)


def codes(evaluation: Evaluation) -> list[str]:
    return [remark.code for remark in evaluation.remarks]


def facts(evaluation: Evaluation, code: str) -> dict[str, object]:
    (found,) = [dict(remark.facts) for remark in evaluation.remarks if remark.code == code]
    return found


def raw(one: Scored) -> Scored:
    return replace(one, llr=None, answer=Answer.UNCALIBRATED)


def inconclusive(one: Scored) -> Scored:
    return replace(one, answer=Answer.INCONCLUSIVE, reasons=(Reason.TOO_SHORT,))


def test_each_figure_is_the_metric_of_its_name_with_n_and_an_interval_around_it() -> None:
    trials = gaussian(150)
    found = evaluate(SETUP, trials, (), QUICK)
    llrs = np.array([one.score for one in trials])
    key = np.array([one.is_bona_fide for one in trials])
    expected = {
        "eer": eer(llrs, key), "eer_asvspoof": eer_asvspoof(llrs, key),
        "eer_rocch": eer_rocch(llrs, key), "auc": auc(llrs, key),
        "min_dcf": min_dcf(llrs, key, Costs()), "act_dcf": act_dcf(llrs, key, Costs()),
        "cllr": cllr(llrs, key), "min_cllr": min_cllr(llrs, key),
    }  # fmt: skip
    assert tuple(one.name for one in found.measures[: len(ORDER)]) == ORDER
    for name, value in expected.items():
        one = found.measure(name)
        assert one.value == value
        assert (one.n_bona_fide, one.n_spoof) == (150, 150)
        assert one.low is not None
        assert one.low < value < one.high


def test_decisions_are_counted_at_the_frozen_threshold() -> None:
    found = evaluate(SETUP, scored([1, 1, 1, -1], [-1, 1, -2, -3, -4]), (), QUICK)
    values = [found.measure(name).value for name in AT_THE_THRESHOLD]
    assert values == pytest.approx([0.25, 0.2, 0.775])
    miss, false_alarm, _ = (found.measure(name) for name in AT_THE_THRESHOLD)
    assert (miss.n_bona_fide, miss.n_spoof) == (4, 0)
    assert (false_alarm.n_bona_fide, false_alarm.n_spoof) == (0, 5)


def test_an_inconclusive_answer_is_left_out_once_and_half_an_error_once() -> None:
    trials = scored([1, 1, 1, -1], [-1, -1, -1, 1])
    trials[0] = inconclusive(trials[0])
    trials[7] = inconclusive(trials[7])
    found = evaluate(SETUP, trials, (), QUICK)
    answered_only = [found.measure(name).value for name in AT_THE_THRESHOLD]
    assert answered_only == pytest.approx([1 / 3, 0.0, 5 / 6])
    with_half = [found.measure(f"{name}_all").value for name in AT_THE_THRESHOLD]
    assert with_half == pytest.approx([1.5 / 4, 0.5 / 4, 1 - 1 / 4])
    assert found.measure("miss_rate").n_bona_fide == 3
    assert found.measure("miss_rate_all").n_bona_fide == 4
    assert facts(found, "inconclusive") == {"n": 2, "of": 8}


def test_without_inconclusive_answers_both_ways_to_count_agree() -> None:
    found = evaluate(SETUP, gaussian(40), (), QUICK)
    for name in AT_THE_THRESHOLD:
        one, other = found.measure(name), found.measure(f"{name}_all")
        assert replace(other, name=name) == one


def test_where_all_of_a_label_is_inconclusive_nothing_is_said_of_its_decisions() -> None:
    trials = [inconclusive(one) if one.is_bona_fide else one for one in gaussian(12)]
    found = evaluate(SETUP, trials, (), QUICK)
    assert found.measure("miss_rate").value is None
    assert found.measure("miss_rate").why_not == "no bona fide trial was answered"
    assert found.measure("balanced_accuracy").why_not == "no bona fide trial was answered"
    assert found.measure("miss_rate_all").value == 0.5
    spoofs_only = [one if one.is_bona_fide else inconclusive(one) for one in gaussian(12)]
    found = evaluate(SETUP, spoofs_only, (), QUICK)
    assert found.measure("false_alarm_rate").why_not == "no spoof trial was answered"
    assert found.measure("balanced_accuracy").why_not == "no spoof trial was answered"


def test_without_a_calibration_only_discrimination_is_measured() -> None:
    found = evaluate(RAW, [raw(one) for one in gaussian(40)], (), QUICK)
    by_name = {one.name: one for one in found.measures}
    decisions = [f"{name}{suffix}" for name in AT_THE_THRESHOLD for suffix in ("", "_all")]
    for name in (*OF_LLRS, *decisions):
        assert (by_name[name].value, by_name[name].why_not) == (None, "uncalibrated")
    given = {name for name, one in by_name.items() if one.value is not None}
    assert given == {
        "eer", "eer_asvspoof", "eer_rocch", "auc", "min_dcf", "min_cllr",
        "mean_score_bona_fide", "mean_score_spoof",
    }  # fmt: skip


def test_a_threshold_that_was_frozen_needs_no_calibration() -> None:
    setup = replace(RAW, threshold=0.5, operating_point="as given")
    found = evaluate(setup, [raw(one) for one in scored([0.4, 0.6], [0.5, 0.1])], (), QUICK)
    assert found.measure("balanced_accuracy").value == 0.5
    assert found.measure("act_dcf").why_not == "uncalibrated"


def test_llrs_without_a_threshold_say_that_none_was_frozen() -> None:
    found = evaluate(replace(SETUP, threshold=None), gaussian(10), (), QUICK)
    assert found.measure("miss_rate").why_not == "no threshold was frozen before"
    assert found.measure("cllr").value is not None


def test_a_trial_that_an_uncalibrated_detector_could_not_score_is_counted_and_left_out() -> None:
    trials = [raw(one) for one in gaussian(30)]
    silent = replace(trials[0], raw_score=None, answer=Answer.INCONCLUSIVE)
    found = evaluate(RAW, [silent, *trials[1:]], (), QUICK)
    assert facts(found, "unscored") == {"n": 1, "of": 60}
    assert found.measure("eer").n_bona_fide == 29
    assert "inconclusive" not in codes(found)


def test_a_trial_that_a_calibrated_detector_could_not_score_counts_with_an_llr_of_nought() -> None:
    silent = Scored(trial("silence", Label.SPOOF), None, 0.0, Answer.INCONCLUSIVE)
    found = evaluate(SETUP, [*gaussian(30), silent], (), QUICK)
    assert found.measure("eer").n_spoof == 31
    assert found.measure("false_alarm_rate").n_spoof == 30
    assert facts(found, "inconclusive") == {"n": 1, "of": 61}


def test_unread_recordings_are_kept_and_counted() -> None:
    lost = (unread("a.wav"), unread("b.wav"))
    found = evaluate(SETUP, gaussian(30), lost, QUICK)
    assert found.unread == lost
    assert facts(found, "unread") == {"n": 2, "of": 62}


def test_means_of_scores_are_told_for_each_label() -> None:
    found = evaluate(SETUP, scored([1, 2], [-1, -4]), (), QUICK)
    assert found.measure("mean_score_bona_fide").value == 1.5
    assert found.measure("mean_score_spoof").value == -2.5


def test_kin_are_resampled_together_and_the_interval_is_wider() -> None:
    rng = np.random.default_rng(3)
    pages = rng.normal(0, 1.5, 30)
    llrs = [float(pages[n % 30] + rng.normal(1, 0.3)) for n in range(300)]
    spoof = [float(-pages[n % 30] + rng.normal(-1, 0.3)) for n in range(300)]
    trials = scored(llrs, spoof, page=lambda _, n: f"page {n % 30}")
    together = evaluate(SETUP, trials, (), Plan(kin=("speaker", "page"), rounds=200))
    alone = evaluate(SETUP, trials, (), Plan(rounds=200))
    assert (together.setup.clustered_by, together.setup.clusters) == ("page", 30)
    assert (alone.setup.clustered_by, alone.setup.clusters) == (None, 600)
    wide, narrow = together.measure("eer"), alone.measure("eer")
    assert wide.value == narrow.value
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_too_few_kin_are_told_and_trials_are_resampled_one_by_one() -> None:
    trials = scored(range(1, 40), range(-39, 0), speaker=lambda _, n: f"speaker {n % 9}")
    found = evaluate(SETUP, trials, (), Plan(kin=("speaker",), rounds=50))
    assert found.setup.clustered_by is None
    assert facts(found, "few_clusters") == {"column": "speaker", "clusters": 9}


@pytest.mark.parametrize(("named", "is_told"), [(30, True), (15, True), (2, False), (0, False)])
def test_what_hardly_any_trial_has_is_not_told_to_make_intervals_narrow(
    named: int, is_told: bool
) -> None:
    def generator(label: Label, number: int) -> str:
        return f"generator {number % 3}" if label is Label.SPOOF and number < named else ""

    trials = scored(range(1, 41), range(-30, 0), source=generator)
    found = evaluate(SETUP, trials, (), Plan(kin=("source",), rounds=50))
    assert found.setup.clustered_by is None
    assert ("few_clusters" in codes(found)) is is_told


def test_a_trial_whose_kin_nobody_knows_stands_alone() -> None:
    trials = scored(
        range(1, 31), range(-30, 0),
        speaker=lambda label, n: f"speaker {n}" if label is Label.BONA_FIDE else "-",
    )  # fmt: skip
    found = evaluate(SETUP, trials, (), Plan(kin=("speaker",), rounds=50))
    assert (found.setup.clustered_by, found.setup.clusters) == ("speaker", 60)


def test_no_error_in_few_trials_is_not_told_as_certainty() -> None:
    found = evaluate(SETUP, scored([5.0 + n for n in range(20)], [-5.0 - n for n in range(20)]),
                     (), QUICK)  # fmt: skip
    for name in ("eer", "miss_rate", "false_alarm_rate"):
        one = found.measure(name)
        assert one.value == 0.0
        assert one.low == pytest.approx(0.0)
        assert 0.1 < one.high < 0.2, name  # Wilson: 0 of 20 allows 16 %
    assert 0.8 < found.measure("auc").low < 0.9
    for name in ("min_dcf", "min_cllr"):  # of these nobody knows
        assert (found.measure(name).value, found.measure(name).low) == (0.0, None)
    many = [5.0 + n for n in range(544)]
    found = evaluate(SETUP, scored(many, [-x for x in many]), (), QUICK)
    assert found.measure("eer").high == pytest.approx(0.0070, abs=0.0002)


def test_the_same_trials_give_the_same_figures() -> None:
    first, second = (evaluate(SETUP, gaussian(50), (), QUICK) for _ in range(2))
    assert first == second
    other = evaluate(SETUP, gaussian(50), (), replace(QUICK, seed=2))
    assert other.measure("eer").value == first.measure("eer").value
    assert other.measure("eer").low != first.measure("eer").low


def test_many_equal_scores_are_told() -> None:
    rounded = scored([1, 1, 1, 0, 0], [0, 0, -1, -2, -3])
    found = evaluate(SETUP, rounded, (), QUICK)
    assert facts(found, "ties") == {"share": 0.7, "across": 0.4, "distinct": 5}
    assert "ties" not in codes(evaluate(SETUP, gaussian(100), (), QUICK))


def test_definitions_of_the_eer_that_differ_are_told() -> None:
    found = evaluate(SETUP, scored([0.0] * 20, [0.0] * 20), (), QUICK)
    told = facts(found, "eer_definitions_differ")
    assert told["eer"] == 0.5
    assert told["eer_asvspoof"] == 1.0  # the classic helper on a constant scorer
    assert "eer_definitions_differ" not in codes(
        evaluate(SETUP, gaussian(100, apart=12), (), QUICK)
    )


def test_few_trials_are_told() -> None:
    assert facts(evaluate(SETUP, gaussian(99), (), QUICK), "small_n") == {
        "bona_fide": 99, "spoof": 99,
    }  # fmt: skip
    assert "small_n" not in codes(evaluate(SETUP, gaussian(100), (), QUICK))


def test_remarks_of_others_come_first() -> None:
    before = Remark("overlap", {"trained_on": "pages"})
    found = evaluate(SETUP, gaussian(20), (), replace(QUICK, remarks=(before,)))
    assert found.remarks[0] == before
    assert found.guard.direction is Direction.AS_EXPECTED


def test_one_label_alone_cannot_be_measured() -> None:
    with pytest.raises(ProtocolError, match="No spoof trial has a score"):
        evaluate(SETUP, scored([1, 2], []), (), QUICK)
    with pytest.raises(ProtocolError, match="No bona fide trial has a score"):
        evaluate(SETUP, [answered(trial("a", Label.SPOOF), 1.0)], (), QUICK)


def test_a_label_of_which_nothing_could_be_read_is_told_with_the_first_fault() -> None:
    with pytest.raises(UnreadableAudio, match=r"1 recordings .* first one: a\.wav: no sound"):
        evaluate(SETUP, scored([1, 2], []), (unread("a.wav"),), QUICK)


def test_an_interval_that_is_as_wide_as_rounding_is_none() -> None:
    llrs = [1.7944831677722324] * 22, [1.7587222051464202] * 22
    cllr = evaluate(SETUP, scored(*llrs), [], Plan()).measure("cllr")
    assert cllr.value is not None
    assert (cllr.low, cllr.high) == (None, None)


def test_no_error_of_two_speakers_is_worth_two_trials_however_many_the_spoofs_have() -> None:
    def speaker(label: Label, number: int) -> str:
        return f"{label} {number % (2 if label is Label.BONA_FIDE else 20)}"

    trials = scored([2.0] * 60, [-2.0] * 60, speaker=speaker)
    found = evaluate(SETUP, trials, [], Plan(kin=("speaker",)))
    miss, alarm, both = (
        found.measure(name) for name in ("miss_rate", "false_alarm_rate", "balanced_accuracy")
    )
    assert miss.high == pytest.approx(eer_interval(0.0, 2, 2).high)
    assert alarm.high == pytest.approx(eer_interval(0.0, 20, 20).high)
    assert both.low == pytest.approx(eer_interval(1.0, 2, 2).low)
