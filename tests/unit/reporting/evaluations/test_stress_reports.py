"""A stress test is told alike on a page, in Markdown, in JSON and on a terminal."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.evaluation.differences import Difference, Outcome
from earwitness.evaluation.records import Measure, Remark, Unread
from earwitness.evaluation.stress.records import Row, Shift, StressTest
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations import _stress_words as words
from earwitness.reporting.evaluations import stresses
from made_stress import made_test, scores, tried, usual

EVIL = "<script>alert(1)</script>|*.wav"


@pytest.fixture(scope="module")
def test_of_three() -> StressTest:
    return usual(bad=0.5, good=9.0, same=3.0)


@pytest.fixture(scope="module")
def lossy() -> StressTest:
    """A limit, an overlap, a condition that no clip meets, one that is missing, a clip unread."""
    clean = scores(np.random.default_rng(2), 2.0)
    nobody = dict.fromkeys(Label, [None] * 60)
    some = {label: [*by[:30], *[None] * 30] for label, by in clean.items()}
    unread = Unread(
        Trial(EVIL, Path(EVIL), Label.SPOOF, "eval"), "audio.unreadable", f"{EVIL}: is damaged."
    )
    test = made_test(
        [*tried(clean, {"long": nobody, "short": some}), unread],
        *("long", "short"),
        missing="exotic",
        limit=120,
    )
    overlap = {"trained_on": "folder/eval", "protocol": "folder", "partition": "eval"}
    return replace(test, remarks=(Remark("overlap", overlap), *test.remarks))


def row_of(name: str, test: StressTest) -> Row:
    return next(row for row in test.rows if row.condition == name)


# sentences


def test_each_condition_has_its_sentence(test_of_three: StressTest) -> None:
    told = {row.condition: words.sentence(row) for row in test_of_three.rows}
    assert re.match(r"the bad\. Worse: the EER rose from .* % to .* %, by .* points", told["bad"])
    assert told["good"].startswith("the good. Better: the EER fell from ")
    assert told["same"].startswith("the same. Not distinguishable: the EER was ")


def test_the_headline_counts_and_names_the_largest_rises(test_of_three: StressTest) -> None:
    told = words.headline(test_of_three)
    assert "Under 3 conditions it is worse once, better once and not distinguishable once." in told
    assert "The largest rises: the bad (+" in told
    alone = words.headline(replace(test_of_three, rows=test_of_three.rows[1:2]))
    assert "Under 1 condition it is worse never, better once" in alone
    assert "largest" not in alone


def test_a_difference_that_does_not_hold_among_many_is_marked(test_of_three: StressTest) -> None:
    row = replace(row_of("bad", test_of_three), holds=False)
    assert words.finding(row) == "worse, taken alone"
    assert words.sentence(row).endswith("chance may give one like it.")
    assert words.finding(row_of("bad", test_of_three)) == "worse"
    told = words.several(replace(test_of_three, rows=(row, *test_of_three.rows[1:])))
    assert "1 of 2 still count" in told
    assert words.several(usual()) == "No condition could be measured."


def test_what_was_not_measured_says_why(lossy: StressTest) -> None:
    assert words.finding(row_of("long", lossy)) == "not measured"
    assert words.sentence(row_of("long", lossy)) == (
        "the long. Not measured: it takes patience, and no clip has that."
    )
    rare = replace(
        row_of("long", lossy),
        eer=Measure("eer", None, None, None, 3, 9),
        difference=replace(row_of("long", lossy).difference, why_not="3 bona fide trials"),
    )
    assert words.sentence(rare) == "the long. Not measured: 3 bona fide trials."


def test_trials_that_are_left_out_are_told(lossy: StressTest) -> None:
    short = row_of("short", lossy)
    assert words.left_out(short) == "the short: 60 trials are left out, for it takes patience."
    one = replace(short, unmet=0, unscored=1)
    assert words.left_out(one) == "the short: 1 trial has no score, under it or clean."
    assert words.left_out(replace(short, unmet=0)) == ""


@st.composite
def rows(draw: st.DrawFn) -> Row:
    number = st.floats(0, 1)
    value, now = draw(number), draw(number)
    low, high = sorted(draw(st.floats(-1, 1)) for _ in range(2))
    difference = Difference("eer", "clean", "made", value, now, low, high, 40, 40)
    measure = Measure("eer", now, max(0.0, now - 0.1), min(1.0, now + 0.1), 40, 40)
    return Row(
        "made", "made", "made", measure, replace(measure, value=value), difference,
        draw(st.booleans()), Shift(0.0, 0.0), None, None, 0, 0,
    )  # fmt: skip


@given(rows())
def test_words_never_contradict_the_interval(row: Row) -> None:
    difference, told, found = row.difference, words.sentence(row), words.finding(row)
    is_worse = (difference.low or 0) > 1e-9 and (difference.value or 0) > 1e-9
    is_better = (difference.high or 0) < -1e-9 and (difference.value or 0) < -1e-9
    assert found.startswith("worse") == ("Worse" in told) == is_worse
    assert found.startswith("better") == ("Better" in told) == is_better
    assert ("taken alone" in found) == ((is_worse or is_better) and not row.holds)


@given(st.lists(rows(), max_size=6))
def test_the_headline_counts_what_the_table_shows(drawn: list[Row]) -> None:
    found = [words.finding(row).partition(",")[0] for row in drawn]
    base = usual()
    told = words.headline(replace(base, rows=tuple(drawn)))
    times = {0: "never", 1: "once", 2: "twice"}
    worse, better = (found.count(word) for word in ("worse", "better"))
    assert f"worse {times.get(worse, f'{worse} times')}, " in told
    assert f"better {times.get(better, f'{better} times')} and" in told


def test_a_detector_that_hears_little_clean_is_not_called_robust() -> None:
    clean = scores(np.random.default_rng(1), 0.3)
    poor = made_test(tried(clean, {"same": clean}), "same")
    assert any("no robustness here" in told for told in stresses.remarks(poor))
    assert not any("no robustness" in told for told in stresses.remarks(usual()))


# forms


def test_the_page_stands_by_itself_and_escapes_what_came_from_outside(lossy: StressTest) -> None:
    page = stresses.as_html(lossy)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "OVERLAP: this detector was trained on folder/eval" in page
    assert "the exotic: skipped. It is not here." in page
    assert "120 of 121, as many of both labels, spread over kin (--limit 120, seed 1)" in page
    assert not re.findall(r'(?:src|href)="http', page)


def test_the_page_shows_every_condition_with_its_figures(test_of_three: StressTest) -> None:
    page = stresses.as_html(test_of_three).replace("\u00a0", " ")
    for row in test_of_three.rows:
        for cell in (*words.figures(row), *words.details(row)):
            assert cell in page


def test_markdown_keeps_its_tables_whole(lossy: StressTest) -> None:
    told = stresses.as_markdown(lossy)
    assert "<script" not in told
    table = [line for line in told.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in table} == {5, 7}
    assert "| the long | n/a | n/a | not measured |" in told
    assert "- the short: 60 trials are left out" in told
    assert "![tiny under stress](figures/stress.png)" in told


def test_json_holds_all_figures(lossy: StressTest) -> None:
    told = json.loads(json.dumps(stresses.as_table(lossy), allow_nan=False))
    assert told["trials"] == {"available": 121, "limit": 120}
    assert told["direction"] == "as expected"
    long, short = told["conditions"]
    assert long["difference"] == {
        "value": None, "low": None, "high": None, "outcome": "not comparable",
    }  # fmt: skip
    assert long["eer"]["why_not"].startswith("0 bona fide and 0 spoof trials")
    assert short["difference"]["outcome"] == "not distinguishable"
    assert (short["unmet"], short["eer"]["n_spoof"]) == (60, 30)
    assert [one["condition"] for one in told["skipped"]] == ["exotic"]
    assert told["unread"][0]["id"] == EVIL


def test_a_terminal_of_100_columns_holds_the_table(lossy: StressTest) -> None:
    lines = list(stresses.as_lines(lossy))
    assert "  the long" in "\n".join(lines)
    assert max(map(len, lines)) <= 100
    assert next(stresses.remarks(lossy)).startswith("OVERLAP")


def test_a_raw_score_is_not_called_an_llr(test_of_three: StressTest) -> None:
    raw = replace(test_of_three, setup=replace(test_of_three.setup, is_calibrated=False))
    assert words.detail_head(raw)[3:5] == ("raw score, bona fide", "raw score, spoof")
    row = replace(raw.rows[0], inconclusive=None)
    assert words.details(row)[-1] == "–"


def test_the_figure_is_the_same_file_again_and_has_a_row_for_each_condition(
    lossy: StressTest,
) -> None:
    one, other = stresses.draw(lossy), stresses.draw(lossy)
    assert (one.png, one.svg) == (other.png, other.svg)
    assert one.png.startswith(b"\x89PNG")
    assert "All" not in one.name
    taller = stresses.draw(usual(**{f"c{n}": 3.0 for n in range(9)}))
    assert height(taller.svg) > height(one.svg)


def test_a_figure_is_drawn_where_nothing_could_be_measured() -> None:
    one_label = tried({Label.BONA_FIDE: [1.0] * 9}, {"bad": {Label.BONA_FIDE: [1.0] * 9}})
    test = made_test(one_label, "bad")
    assert stresses.draw(test).png.startswith(b"\x89PNG")
    assert "not measured" in stresses.as_html(test)
    assert row_of("bad", test).difference.outcome is Outcome.NOT_COMPARABLE


def height(svg: bytes) -> float:
    found = re.search(rb'height="([\d.]+)pt"', svg)
    assert found
    return float(found[1])
