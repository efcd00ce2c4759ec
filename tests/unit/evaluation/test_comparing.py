"""Which of several detectors is better, on the same trials."""

from dataclasses import replace

import numpy as np
import pytest

from compared_runs import llrs, run, setup, trials
from earwitness.errors import ProtocolError
from earwitness.evaluation.comparing import Comparison, compare
from earwitness.evaluation.differences import Difference, Outcome
from earwitness.evaluation.records import Direction
from earwitness.metrics.eer import balanced_accuracy, eer, error_rates
from earwitness.metrics.intervals import paired_difference
from earwitness.records import Answer, Label

ASKED = trials()
KEY = np.array([trial.label is Label.BONA_FIDE for trial in ASKED])
PAGES = [trial.meta["page"] for trial in ASKED]
WEAK, STRONG = llrs(ASKED, 1.0), llrs(ASKED, 2.5, seed=2)


def of(found: Comparison, measure: str, pair: tuple[str, str] = ("weak", "strong")) -> Difference:
    return next(one for one in found.of_pair(*pair) if one.measure == measure)


@pytest.fixture(scope="module")
def two() -> Comparison:
    return compare([run("weak", ASKED, WEAK), run("strong", ASKED, STRONG)], rounds=200)


def test_the_detector_with_the_lower_error_is_better(two: Comparison) -> None:
    assert of(two, "eer").outcome is Outcome.BETTER
    assert of(two, "eer").swapped().outcome is Outcome.WORSE
    assert of(two, "eer").value == pytest.approx(eer(STRONG, KEY) - eer(WEAK, KEY))
    assert {one.outcome for one in two.differences} <= {
        Outcome.BETTER, Outcome.NOT_DISTINGUISHABLE,
    }  # fmt: skip


def test_pages_are_drawn_as_a_whole_and_both_runs_see_the_same_draws(two: Comparison) -> None:
    slow = paired_difference(
        eer, STRONG, WEAK, KEY, PAGES, rng=np.random.default_rng(1), rounds=200
    )
    found = of(two, "eer")
    assert (two.kin.column, two.kin.clusters) == ("page", 24)
    assert (found.low, found.high) == pytest.approx((slow.low, slow.high))


def test_figures_of_each_run_are_those_of_the_metrics(two: Comparison) -> None:
    weak, strong = two.standings
    assert weak.measure("eer").value == eer(WEAK, KEY)
    assert strong.measure("balanced_accuracy_all").value == pytest.approx(
        balanced_accuracy(STRONG, KEY, threshold=0.0)
    )
    rates = error_rates(WEAK, KEY, threshold=0.0)
    assert weak.measure("miss_rate_all").value == pytest.approx(rates.miss)
    assert (two.n_bona_fide, two.n_spoof, two.asked) == (120, 120, 240)


def test_errors_at_each_one_s_own_line_are_compared_in_pairs(two: Comparison) -> None:
    slow = paired_difference(
        lambda scores, key: balanced_accuracy(scores, key, threshold=0.0),
        STRONG, WEAK, KEY, PAGES, rng=np.random.default_rng(5), rounds=400,
    )  # fmt: skip
    found = of(two, "balanced_accuracy_all")
    assert found.value == pytest.approx(slow.value)
    assert found.low == pytest.approx(slow.low, abs=0.02)
    assert found.high == pytest.approx(slow.high, abs=0.02)


def test_an_inconclusive_answer_is_half_an_error() -> None:
    certain = run("certain", ASKED, WEAK)
    unsure = replace(
        certain,
        name="unsure",
        scored=tuple(replace(one, answer=Answer.INCONCLUSIVE) for one in certain.scored),
    )
    found = compare([certain, unsure], rounds=50)
    assert of(found, "eer", ("certain", "unsure")).value == 0
    assert found.standings[1].measure("balanced_accuracy_all").value == 0.5


def test_the_same_run_twice_is_not_distinguishable() -> None:
    found = compare([run("a", ASKED, WEAK), run("b", ASKED, WEAK)], rounds=50)
    assert {one.outcome for one in found.differences} == {Outcome.NOT_DISTINGUISHABLE}
    assert {one.difference.outcome for one in found.groups} == {Outcome.NOT_DISTINGUISHABLE}


def test_without_a_calibration_only_discrimination_is_compared() -> None:
    raw = run("raw", ASKED, STRONG, is_calibrated=False)
    found = compare([run("weak", ASKED, WEAK), raw], rounds=50)
    pair = ("weak", "raw")
    assert of(found, "eer", pair).outcome is Outcome.BETTER
    for measure in ("act_dcf", "cllr", "miss_rate_all", "balanced_accuracy_all"):
        assert of(found, measure, pair).outcome is Outcome.NOT_COMPARABLE
        assert of(found, measure, pair).why_not == "raw: uncalibrated"


def test_groups_are_compared_with_all_bona_fide_speech(two: Comparison) -> None:
    by_attack = {one.value: one.difference for one in two.groups if one.column == "attack"}
    assert set(by_attack) == {"A00", "A01", "A02"}
    rows = KEY | np.array([trial.meta["attack"] == "A01" for trial in ASKED])
    wanted = eer(STRONG[rows], KEY[rows]) - eer(WEAK[rows], KEY[rows])
    assert by_attack["A01"].value == pytest.approx(wanted)
    assert (by_attack["A01"].n_bona_fide, by_attack["A01"].n_spoof) == (120, 40)
    assert by_attack["A01"].family == 3
    lengths = [one.value for one in two.groups if one.column == "duration"]
    assert lengths == ["2 to 4 s", "4 to 8 s"]


def test_a_difference_on_one_page_has_a_width_though_pages_are_drawn_whole() -> None:
    asked = trials(240, pages=15)
    runs = [
        run(name, asked, llrs(asked, apart, seed=seed), columns=("page",))
        for name, apart, seed in (("one", 1.5, 1), ("other", 1.5, 2))
    ]
    found = compare(runs, rounds=100)
    assert (found.kin.column, len(found.groups)) == ("page", 15)
    for one in found.groups:
        assert one.difference.high - one.difference.low > 0.01
    alike = [one.difference.outcome is Outcome.NOT_DISTINGUISHABLE for one in found.groups]
    assert sum(alike) >= 12


def test_a_group_of_few_trials_is_left_out() -> None:
    few = [
        replace(trial, meta={**trial.meta, "attack": "A99"}) if at in (0, 2) else trial
        for at, trial in enumerate(ASKED)
    ]
    found = compare([run("a", few, WEAK), run("b", few, STRONG)], rounds=50)
    assert {one.value for one in found.groups if one.column == "attack"} == {"A00", "A01", "A02"}


def test_a_column_of_names_is_no_breakdown() -> None:
    runs = [run(name, ASKED, WEAK, columns=("page", "nothing")) for name in "ab"]
    named = [
        replace(
            one,
            scored=tuple(
                replace(s, trial=replace(s.trial, meta={"page": s.trial.id})) for s in one.scored
            ),
        )
        for one in runs
    ]
    assert compare(named, rounds=20).groups == ()


def test_up_to_four_runs_are_compared_each_with_each_and_more_with_the_first() -> None:
    runs = [run(f"r{at}", ASKED, llrs(ASKED, 1.0, seed=at), columns=()) for at in range(5)]
    assert len(compare(runs[:4], rounds=20).pairs()) == 6
    pairs = compare(runs, rounds=20).pairs()
    assert pairs == tuple(("r0", f"r{at}") for at in range(1, 5))


def test_pairs_are_counted_together() -> None:
    runs = [run(f"r{at}", ASKED, llrs(ASKED, 1.0, seed=at), columns=()) for at in range(4)]
    found = compare(runs, rounds=20)
    assert {one.family for one in found.differences} == {6}


def test_inverted_scores_are_named_and_not_turned_round() -> None:
    found = compare([run("weak", ASKED, WEAK), run("turned", ASKED, -STRONG)], rounds=50)
    assert [one.direction for one in found.standings] == [
        Direction.AS_EXPECTED, Direction.INVERTED,
    ]  # fmt: skip
    assert found.standings[1].measure("eer").value == pytest.approx(1 - eer(STRONG, KEY))
    assert of(found, "eer", ("weak", "turned")).outcome is Outcome.WORSE
    assert found.has_unaccepted_inversion
    meant = run("turned", ASKED, -STRONG, accepts_inverted=True)
    assert not compare([run("weak", ASKED, WEAK), meant], rounds=50).has_unaccepted_inversion


def test_scores_that_are_no_better_than_chance_are_doubtful() -> None:
    luck = np.where(KEY, -0.1, 0.0) + np.random.default_rng(3).standard_normal(len(KEY))
    found = compare([run("weak", ASKED, WEAK), run("luck", ASKED, luck)], rounds=100)
    area = found.standings[1].measure("auc")
    assert (area.value or 1) < 0.5 < (area.high or 0)
    assert found.standings[1].direction is Direction.DOUBTFUL
    assert not found.has_unaccepted_inversion


def test_trials_that_differ_are_refused_with_counts() -> None:
    runs = [run("a", ASKED[:200], WEAK[:200]), run("b", ASKED[10:], WEAK[10:])]
    with pytest.raises(
        ProtocolError,
        match=r"a has 200, b has 230, and 190 are in all .*'spoof/0.wav' of a.* --common .* 190",
    ):
        compare(runs)


def test_common_trials_are_enough_where_that_is_said() -> None:
    runs = [run("a", ASKED[:200], WEAK[:200]), run("b", ASKED[10:], STRONG[10:])]
    found = compare(runs, is_common_enough=True, rounds=50)
    assert (found.asked, dict(found.left_out)) == (190, {"a": 10, "b": 40})
    assert found.standings[0].measure("eer").value == eer(WEAK[10:200], KEY[10:200])


def test_runs_without_a_trial_in_common_are_refused() -> None:
    strangers = [replace(trial, id=f"other/{trial.id}") for trial in ASKED]
    runs = [run("a", ASKED, WEAK), run("b", strangers, WEAK)]
    with pytest.raises(ProtocolError, match=r"no trial in common: a has 'spoof/0.wav', b has 'oth"):
        compare(runs, is_common_enough=True)


def test_another_key_is_refused_with_the_first_trial_that_differs() -> None:
    other = [
        replace(trial, label=Label.SPOOF) if at in (1, 3, 5) else trial
        for at, trial in enumerate(ASKED)
    ]
    runs = [run("a", ASKED, WEAK), run("b", other, WEAK)]
    with pytest.raises(
        ProtocolError,
        match=r"3 of 240 trials have another label.*'bonafide/1.wav' \(bonafide and s",
    ):
        compare(runs, is_common_enough=True)


def test_another_partition_is_refused() -> None:
    other = replace(run("b", ASKED, WEAK), setup=setup("b", partition="dev"))
    with pytest.raises(ProtocolError, match=r"partition 'eval' of data/spoken, b on 'dev' of"):
        compare([run("a", ASKED, WEAK), other])


def test_a_trial_that_one_run_could_not_score_is_left_out_of_all_and_counted() -> None:
    scores = [None if at < 6 else score for at, score in enumerate(WEAK)]
    holes = run("holes", ASKED, scores, is_calibrated=False)
    found = compare([run("whole", ASKED, STRONG), holes], rounds=50)
    assert [one.unscored for one in found.standings] == [0, 6]
    assert (found.n_bona_fide, found.n_spoof, found.asked) == (117, 117, 240)
    assert found.standings[0].measure("eer").value == eer(STRONG[6:], KEY[6:])


def test_a_label_that_no_run_scored_is_told() -> None:
    scores = [None if key else 1.0 for key in KEY]
    runs = [run("a", ASKED, WEAK), run("b", ASKED, scores, is_calibrated=False)]
    with pytest.raises(ProtocolError, match="0 bona fide and 120 spoof have a score in every run"):
        compare(runs)


def test_without_anything_that_belongs_together_trials_are_drawn_one_by_one() -> None:
    alone = [
        replace(one, setup=replace(one.setup, clustered_by=None))
        for one in (run("a", ASKED, WEAK), run("b", ASKED, STRONG))
    ]
    found = compare(alone, rounds=50)
    assert found.kin.column is None
    assert of(found, "balanced_accuracy_all", ("a", "b")).outcome is Outcome.BETTER


def test_a_calibrated_run_without_a_line_says_why_its_answers_are_not_compared() -> None:
    no_line = run("b", ASKED, STRONG)
    no_line = replace(no_line, setup=replace(no_line.setup, threshold=None))
    found = compare([run("a", ASKED, WEAK), no_line], rounds=20)
    assert of(found, "cllr", ("a", "b")).outcome is Outcome.BETTER
    assert "no threshold was frozen before" in of(found, "miss_rate_all", ("a", "b")).why_not
