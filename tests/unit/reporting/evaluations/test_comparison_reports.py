"""A comparison is told alike on a page, in Markdown, in JSON and on a terminal."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from rendered import Reader

from compared_runs import llrs, run, trials
from earwitness.evaluation.comparing import Comparison, compare
from earwitness.evaluation.fusing import fuse
from earwitness.reporting.evaluations import _comparison_words as words
from earwitness.reporting.evaluations import comparisons, fusions
from earwitness.reporting.evaluations._figures import Drawing
from earwitness.reporting.evaluations.fusions import Circumstances, Origin

ASKED = trials()
EVIL = "<script>alert(1)</script>|*x"


@pytest.fixture(scope="module")
def three() -> Comparison:
    """A weak one, a strong one whose name is an attack, and raw scores that point the wrong way."""
    runs = [
        run("weak", ASKED, llrs(ASKED, 1.0)),
        run(EVIL, ASKED, llrs(ASKED, 2.5, seed=2)),
        run("turned", ASKED, -llrs(ASKED, 2.0, seed=3), is_calibrated=False),
    ]
    return compare(runs, rounds=50)


@pytest.fixture(scope="module")
def drawn(three: Comparison) -> tuple[Drawing, ...]:
    return comparisons.draw(three)


@pytest.fixture(scope="module")
def page(three: Comparison, drawn: tuple[Drawing, ...]) -> str:
    return comparisons.as_html(three, drawn)


def test_the_page_holds_every_sentence_and_is_well_formed(three: Comparison, page: str) -> None:
    seen = Reader(page)
    assert seen.unbalanced == []
    assert seen.open == []
    assert words.summary(three) == f"{EVIL} is better than each of the others by EER."
    for sentence in (words.summary(three), *map(str, words.findings(three))):
        assert sentence in seen.shown
    for sentence in words.group_findings(three):
        assert sentence in seen.shown
    for remark in words.remarks(three):
        assert remark.title in seen.shown


def test_what_is_not_compared_is_named_with_the_reason(page: str) -> None:
    told = "Not compared: actDCF, Cllr, miss rate, false alarm rate and balanced accuracy (turned:"
    assert Reader(page).shown.count(f"{told} uncalibrated).") == 2


def test_a_name_from_outside_is_text_on_the_page(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    tags = Reader(page).tags
    links = [value for _, given in tags for name, value in given.items() if name in ("src", "href")]
    assert all((value or "").startswith(("#", "data:")) for value in links)


def test_inversion_stands_first_and_is_no_whisper(three: Comparison, page: str) -> None:
    first, *_ = words.remarks(three)
    assert (first.kind, first.title) == (
        "bad", "INVERTED: the scores of turned point the wrong way",
    )  # fmt: skip
    assert page.index(first.title) < page.index("One against the other")


def test_markdown_tells_the_same_and_its_tables_hold(
    three: Comparison, drawn: tuple[Drawing, ...]
) -> None:
    text = comparisons.as_markdown(three, drawn)
    for finding in words.findings(three):
        assert finding.headline.split(":", 1)[1].strip() in text
    assert "![Which of two is better](figures/differences.png)" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for line, after in pairwise(rows):
        if set(after) <= set("|-: "):
            width = len(re.findall(r"(?<!\\)\|", line))
            assert width == len(re.findall(r"(?<!\\)\|", after))
    assert "<script" not in text


def test_json_is_plain_and_its_outcomes_are_those_of_the_sentences(three: Comparison) -> None:
    told = json.loads(json.dumps(comparisons.as_table(three), allow_nan=False))
    assert len(told["differences"]) == 3 * 9
    for one, finding in zip(told["differences"][::9], told["findings"][:3], strict=True):
        word = {"better": " is better than ", "worse": " is worse than "}.get(
            one["outcome"], " are not distinguishable"
        )
        assert word in finding
    assert told["runs"][2]["direction"] == "inverted"


def test_the_terminal_shows_a_row_for_each_measure_and_a_column_for_each_run(
    three: Comparison,
) -> None:
    lines = list(comparisons.as_lines(three))
    eer = next(line for line in lines if line.startswith("EER "))
    assert len(re.findall(r"% \[", eer)) == 3
    cllr = next(line for line in lines if line.startswith("Cllr "))
    assert cllr.endswith("n/a (uncalibrated)")


def test_many_runs_are_set_in_blocks_and_named_by_number() -> None:
    runs = [
        run(f"run-{at}", ASKED, llrs(ASKED, 1 + at / 5, seed=at), columns=()) for at in range(5)
    ]
    found = compare(runs, rounds=20)
    lines = list(comparisons.as_lines(found))
    assert lines[0] == "5 detectors on spoken (eval)"
    assert sum(line.startswith("EER ") for line in lines) == 2
    assert sum(line.startswith("run-") for line in lines) == 4
    assert words.summary(found) == ""
    shown = Reader(comparisons.as_html(found, comparisons.draw(found)))
    assert [tag for tag, _ in shown.tags].count("details") == 4
    assert "run-4 against run-0" in shown.shown


@pytest.mark.slow
def test_the_same_comparison_is_drawn_as_the_same_files(three: Comparison) -> None:
    first, again = comparisons.files(three), comparisons.files(three)
    assert first == again
    assert list(first)[-1] == "comparison.html"
    assert all(content for content in first.values())


def test_figures_say_in_words_what_they_show(drawn: tuple[Drawing, ...]) -> None:
    shown = {one.name: one for one in drawn}
    assert set(shown) == {"eers", "det", "differences", "by-attack", "by-duration"}
    assert "weak: " in shown["eers"].told
    assert "Filled marks: better or worse." in shown["differences"].told
    assert "Differences in EER to weak, by attack, paired." in shown["by-attack"].told


@pytest.mark.slow
def test_a_long_column_is_drawn_in_part_and_says_so() -> None:
    many = trials(1200)
    many = [
        replace(
            trial, meta={**trial.meta, "system": f"a-system-with-a-very-long-name-{at // 2 % 45}"}
        )
        for at, trial in enumerate(many)
    ]
    runs = [run(name, many, llrs(many, apart), columns=("system",)) for name, apart in
            (("weak", 1.0), ("strong", 2.0))]  # fmt: skip
    found = compare(runs, rounds=5)
    (drawn,) = [one for one in comparisons.draw(found) if one.name == "by-system"]
    assert "The first 36; all are in comparison.json." in drawn.told
    assert len(found.groups) == 45


def test_group_sentences_leave_no_group_out_in_silence(three: Comparison) -> None:
    told = " ".join(words.group_findings(three))
    for attack in ("A00", "A01", "A02"):
        assert told.count(attack) == 3


def test_a_fusion_that_did_not_come_to_rest_says_so() -> None:
    first, second = (
        dict(zip((t.id for t in ASKED), llrs(ASKED, 1.5, seed=at).tolist(), strict=True))
        for at in (1, 2)
    )
    found = fuse(["A", EVIL], [first, second], ASKED, rounds=20)
    restless = replace(found, line=replace(found.line, has_converged=False))
    assert "The fit did not come to rest" in " ".join(fusions.as_lines(restless))
    around = Circumstances(
        (Origin("a", "0"), Origin("b", "1")), Origin("k", "2"), (), 0, 0, "fuse", "2026-10-01"
    )
    told = json.dumps(fusions.as_table(found, around), allow_nan=False)
    assert json.loads(told)["remarks"] == []
    assert np.isfinite([one["weight"] for one in json.loads(told)["detectors"]]).all()
