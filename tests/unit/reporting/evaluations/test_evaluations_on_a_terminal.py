"""An evaluation on a terminal: what was measured on what, then the figures, then what to know."""

from dataclasses import replace

import pytest
from evaluated import evaluated

from earwitness.evaluation.claims import check_claim, parse
from earwitness.evaluation.records import Breakdown, Evaluation, Group, Measure, Remark
from earwitness.reporting.evaluations import _remarks, as_claim, as_terminal
from earwitness.reporting.evaluations._remarks import said


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluated(60, 80, unread=0)


def rows(evaluation: Evaluation, **words: int) -> list[str]:
    return list(as_terminal.lines(evaluation, **words))


def breakdown(column: str, *values: str, at: str = "operating point") -> Breakdown:
    eer = Measure("eer", 0.1, 0.05, 0.15, 40, 40)
    groups = tuple(
        Group(v, 20, 20, eer, replace(eer, name="miss_rate"), replace(eer, name="false_alarm_rate"))
        for v in values
    )
    return Breakdown(column, groups, 0.0, at)


def test_first_come_model_data_line_and_intervals(evaluation: Evaluation) -> None:
    head, line, *_ = rows(evaluation)
    assert head == "embedded on pages, dev (corpora/pages): 60 bona fide + 80 spoof"
    assert line == (
        "Line: bona fide from 0.0 up (balanced); 95 % intervals by "
        f"resampling {evaluation.setup.clusters} values of 'page'"
    )


def test_without_a_calibration_there_is_no_line_and_the_rest_is_one_sentence() -> None:
    told = rows(evaluated(60, 80, unread=0, is_calibrated=False))
    assert told[1].startswith("No threshold: the scores are not calibrated; ")
    assert any(row.startswith("n/a (uncalibrated): actDCF, Cllr") for row in told)
    single = evaluated(60, 80, unread=0)
    single = replace(single, setup=replace(single.setup, clustered_by=None))
    assert rows(single)[1].endswith("95 % intervals by resampling trials")


def test_each_figure_has_its_own_row(evaluation: Evaluation) -> None:
    told = rows(evaluation)
    (row,) = [row for row in told if row.startswith("EER (equal error rate) ")]
    one = evaluation.measure("eer")
    assert f"{100 * one.value:.0f}" in row
    assert " to " in row
    assert not any(row.startswith("EER, ") for row in told)  # a remark tells them, if they differ


def test_what_makes_figures_useless_stands_before_them(evaluation: Evaluation) -> None:
    overlap = Remark("overlap", {"trained_on": "a/b", "protocol": "a", "partition": "b"})
    small = Remark("small_n", {"bona_fide": 9, "spoof": 12})
    told = rows(replace(evaluation, remarks=(small, overlap)))
    at = {start: next(n for n, row in enumerate(told) if row.startswith(start))
          for start in ("!! OVERLAP", "measure", "- Few trials")}  # fmt: skip
    assert at["!! OVERLAP"] < at["measure"] < at["- Few trials"]


def test_breakdowns_are_the_first_columns_and_the_lengths(evaluation: Evaluation) -> None:
    found = replace(evaluation, breakdowns=(
        breakdown("attack", "A07", "-"), breakdown("codec", "mp3", "wav"),
        breakdown("language", "it", "ru"), breakdown("duration", "1 to 2 s", "2 to 4 s", at="eer"),
    ))  # fmt: skip
    heads = [row.partition("  ")[0] for row in rows(found) if row.startswith("by ")]
    assert heads == [
        "by attack, at the same line", "by codec, at the same line",
        "by duration, at the EER's threshold",
    ]  # fmt: skip
    assert "by language" in "\n".join(rows(found, most_columns=3))
    (none,) = [row for row in rows(found) if row.startswith("(none)")]
    assert none.split()[1:] == ["20", "20", *["10.0", "%"] * 3]


def test_a_breakdown_without_a_group_that_is_large_enough_is_left_to_the_report(
    evaluation: Evaluation,
) -> None:
    small = breakdown("system", "a", "b")
    groups = [replace(g, eer=Measure("eer", None, why_not="fewer than 10")) for g in small.groups]
    found = replace(evaluation, breakdowns=(replace(small, groups=tuple(groups)),))
    assert "by system" not in "\n".join(rows(found))


def test_long_breakdowns_are_cut_with_a_word(evaluation: Evaluation) -> None:
    found = replace(evaluation, breakdowns=(breakdown("system", *"abcdefghijklmnopqrst"),))
    assert rows(found)[rows(found).index("… and 4 more") - 1].startswith("p ")


def test_names_from_outside_cannot_steer_the_terminal(evaluation: Evaluation) -> None:
    setup = replace(evaluation.setup, data="corpus\x1b[31m\nwritten over", model="m\u202e")
    found = replace(evaluation, setup=setup, breakdowns=(breakdown("a\x07", "\x1b]0;x", "b"),),
                    remarks=(Remark("left_out", {"says": "x\x1b[2J"}),))  # fmt: skip
    text = "\n".join(rows(found))
    assert not set("\x1b\x07\u202e") & set(text)


def test_rows_fit_a_hundred_columns(evaluation: Evaluation) -> None:
    remarks = (
        Remark("leak", {"column": "bit_rate", "auc": 0.91, "low": 0.85, "high": 0.97,
                        "value": "", "bona_fide": 1.0, "spoof": 2.0}),
        Remark("unread", {"n": 2, "of": 140}),
    )  # fmt: skip
    assert max(map(len, rows(replace(evaluation, remarks=remarks)))) <= as_terminal.WIDTH


EXAMPLES = {
    "overlap": {"trained_on": "a/b", "protocol": "a", "partition": "b"},
    "calibrated_on_these": {"n": 3, "of": 9, "fitted_on": "mine, dev", "by": "names"},
    "inverted": {"auc": 0.1, "mirrored_auc": 0.9},
    "inverted_accepted": {"auc": 0.1, "mirrored_auc": 0.9},
    "doubtful": {"auc": 0.45, "mirrored_auc": 0.55},
    "unread": {"n": 1, "of": 9},
    "unscored": {"n": 1, "of": 9},
    "inconclusive": {"n": 1, "of": 9},
    "ties": {"share": 0.5, "across": 0.1, "distinct": 3},
    "eer_definitions_differ": {"eer": 0.1, "eer_asvspoof": 0.11, "eer_rocch": 0.09},
    "partial": {"missing": 1, "of": 9},
    "foreign": {"n": 4},
    "small_n": {"bona_fide": 3, "spoof": 4},
    "few_clusters": {"column": "page", "clusters": 3},
    "left_out": {"says": "3 recordings lie elsewhere, and are left out"},
    "leak": {"column": "sample_rate", "auc": 0.9, "low": 0.8, "high": 0.95, "value": "16000",
             "bona_fide": 0.1, "spoof": 0.9},
    "same_bytes": {"sets": 1, "clips": 2, "across_labels": 1, "across_partitions": 0,
                   "one": "a", "other": "b"},
    "same_names": {"names": 1, "across_labels": 1, "one": "Real/a", "other": "Fake/a"},
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(_remarks._WORDS))
def test_every_remark_has_words_that_end_as_sentences(code: str) -> None:
    told = said(Remark(code, EXAMPLES[code]))
    assert str(told)[-1] in ".?"
    assert ".." not in str(told)
    assert "?." not in str(told)
    assert told.kind in ("bad", "doubt", "note")


def test_a_remark_that_is_not_known_here_is_told_by_its_facts() -> None:
    assert str(said(Remark("a_new_one", {"n": 3, "name": "x"}))) == "a new one. n: 3, name: x."


def test_ties_that_no_other_label_shares_are_no_doubt() -> None:
    facts = {"share": 0.5, "across": 0.0, "distinct": 3}
    told = said(Remark("ties", facts))
    assert told.kind == "note"
    assert "no EER depends on it" in told.text


def test_a_leak_of_numbers_is_told_by_medians() -> None:
    facts = EXAMPLES["leak"] | {"value": "", "bona_fide": 3.25, "spoof": 1.5}
    told = str(said(Remark("leak", facts | {"column": "duration_s"})))
    assert told.startswith("LEAK: duration alone tells the labels apart")
    assert "Its median is 3.25 s for bona fide and 1.5 s for spoofs" in told
    told = str(said(Remark("leak", facts | {"column": "used_bits"})))
    assert "Its median is 3.25 for bona fide and 1.5 for spoofs" in told


def test_an_eer_above_one_half_is_told_not_to_be_that_of_a_hull() -> None:
    facts = EXAMPLES["eer_definitions_differ"]
    assert "50 % at most" not in str(said(Remark("eer_definitions_differ", facts)))
    assert "50 % at most" in str(said(Remark("eer_definitions_differ", facts | {"eer": 0.6})))


def test_one_score_of_nobody_is_told_as_one() -> None:
    assert str(said(Remark("foreign", {"n": 1}))) == (
        "1 score belongs to no trial of the key. It is left out."
    )


def test_names_in_remarks_are_made_safe() -> None:
    facts = EXAMPLES["same_names"] | {"one": "a\x1b[31m"}
    assert "\x1b" not in str(said(Remark("same_names", facts)))


def test_a_claim_without_n_tells_no_interval() -> None:
    told = list(as_claim.lines(check_claim(parse("eer=0.1,auc=0.95"))))
    assert told[0] == "Claim: EER 10 %, AUC 0.95"
    assert not any("open from" in line for line in told)
