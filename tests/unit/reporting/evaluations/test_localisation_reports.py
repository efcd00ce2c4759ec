"""What is told of a localisation: on a terminal, as Markdown, as a page, as JSON, as a figure."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import OVERLAP, Reader

from earwitness.evaluation.located import Localisation, Located
from earwitness.evaluation.records import Measure, Unread
from earwitness.metrics.localisation import Region
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations import _localisation_words as words
from earwitness.reporting.evaluations import localisations
from earwitness.reporting.evaluations._figures import Drawing
from made_timelines import located, timeline

LONG = "a folder with a long name/and another one below it/recording number 1 & <b>.wav"


@cache
def calibrated() -> Localisation:
    told = located(
        timeline("spoof", [2, -1, None, 1], suspicious=[Region(4.0, 8.0)], kind="put in"),
        timeline(f"spoof {LONG}", [2, 1.5, 1, 1], kind="put in"),
        timeline("spoof 3", [2, 2.5, 1, 1], kind="put in"),
        timeline("clean", [2, -2, 2, 1], suspicious=[Region(4.0, 8.0)], kind="a | b"),
        column="kind",
    )
    lost = Unread(Trial("lost", Path("lost"), Label.SPOOF, "eval"), "audio.unreadable", "lost: bad")
    return replace(told, others=("elsewhere",), unread=(lost,), remarks=(OVERLAP,))


@cache
def uncalibrated() -> Localisation:
    return located(
        timeline("spoof", [20, 3, 18], is_calibrated=False),
        timeline("spoof 2", [20, 30, 18], is_calibrated=False),
        timeline("clean", [15, 17], is_calibrated=False),
    )


@cache
def bare() -> Localisation:
    return located(timeline("clean", [1, 2]))


@cache
def drawn(kind: str) -> Drawing | None:
    return localisations.draw({"calibrated": calibrated, "uncalibrated": uncalibrated}[kind]())


# --- terminal ---


def test_a_terminal_gets_figures_with_what_they_rest_on() -> None:
    lines = list(localisations.as_lines(calibrated()))
    told = " ".join(" ".join(lines).split())
    assert told.startswith(
        "Where the spoof is, by REF.rttm: 4 recordings, 3 of them with spoof in them: "
        "3 spoofed regions of 4.0 s on average, 12 s in 1.1 min measure value 95 % interval rests"
    )
    rows = {line.partition("  ")[0]: line for line in lines}
    assert rows["Spoofed regions found"].endswith("1 of 3 regions, 12 s of spoof")
    assert rows["False stretches an hour"].endswith("1 of 2 stretches, 52 s of bona fide sound")
    assert "1 bona fide + 3 spoofed recordings, 1.0 min" in rows["Range-based EER"]
    assert "1 of 3" in rows["put in"]
    assert "Suspicious stretches find 1 of 3 spoofed regions" in told
    assert "One suspicious stretch accuses bona fide sound, in 52 s of it." in told
    assert "- 4 s (6.2 %) lie under no window" in told
    assert "the reference speaks of 1 recording that this partition does not have" in told
    assert "- 1 recording could not be read" in told


def test_columns_stand_below_each_other() -> None:
    lines = list(localisations.as_lines(calibrated()))
    head = next(at for at, line in enumerate(lines) if line.startswith("measure"))
    at = lines[head].index("rests on")
    for line in lines[head : head + 7]:
        assert re.fullmatch(r"  \S", line[at - 2 : at + 1])
        assert len(line) <= localisations.WIDTH


def test_what_an_uncalibrated_detector_has_not_is_told_once() -> None:
    told = " ".join(" ".join(localisations.as_lines(uncalibrated())).split())
    assert (
        "n/a (uncalibrated): Spoofed regions found, False stretches an hour, "
        "Suspicious time that is spoofed" in told
    )
    assert "the EERs are those of raw scores" in told
    assert "Suspicious stretches find" not in told


def test_where_nothing_can_be_said_it_is_said_why() -> None:
    told = " ".join(" ".join(localisations.as_lines(bare())).split())
    assert "n/a (no spoofed time with a score): Segment EER, 20 ms frames" in told
    assert "Nothing can be said of how well spoof is located: no spoofed time with a score." in told
    assert "No suspicious stretch accuses bona fide sound" in told
    assert "0 spoofed regions, 0 s in 8 s" in told


# --- words ---


@given(
    ends=st.tuples(*[st.floats(0, 1)] * 3).map(sorted),
)
def test_a_comparison_with_chance_follows_the_interval(ends: list[float]) -> None:
    low, value, high = ends
    said = words.against_chance(Measure("range_eer", value, low, high))
    assert ("better than chance would" in said) == (high < 0.5)
    assert said.startswith("worse than chance") == (low > 0.5)
    assert said.startswith("no better than chance") == (low <= 0.5 <= high)


@given(events=st.integers(0, 5000), regions=st.integers(1, 5000), found=st.integers(0, 5000))
def test_counts_in_sentences_are_the_counts(events: int, regions: int, found: int) -> None:
    told = calibrated()
    of = {
        "found_regions": Located(Measure("found_regions", 0.5, 0.4, 0.6), 1.0, found, regions),
        words.RATE: Located(Measure(words.RATE, 2.0, 1.0, 3.0), 1.0, events, events),
    }
    figures = tuple(of.get(one.measure.name, one) for one in told.figures)
    said = words.headline(replace(told, figures=figures))
    assert f"find {found:,} of {regions:,} spoofed regions" in said
    number = {0: "No suspicious stretch accuses", 1: "One suspicious stretch accuses"}
    assert number.get(events, f"{events:,} suspicious stretches accuse bona fide") in said


@pytest.mark.parametrize(
    ("low", "value", "high", "told"),
    [
        (0.0, 0.0, 3.2, ("0.0", "0.0 to 3.2")),
        (0.01, 0.02, 0.05, ("0.02", "0.01 to 0.05")),
        (90.0, 120.0, 1500.0, ("120.0", "90.0 to 1,500.0")),
    ],
)
def test_a_rate_has_as_many_decimals_as_its_interval_carries(
    low: float, value: float, high: float, told: tuple[str, str]
) -> None:
    row = words.row(Located(Measure(words.RATE, value, low, high), 1.0, 0, 0))
    assert row[1:3] == told


def test_a_figure_without_interval_gets_a_dash() -> None:
    row = words.row(Located(Measure("range_eer", 0.25, n_bona_fide=8, n_spoof=4), 1.0))
    assert row[1:3] == ("25 %", "–")


# --- the other forms ---


def test_json_holds_every_figure_with_what_it_rests_on() -> None:
    table = json.loads(json.dumps(localisations.as_json(calibrated()), allow_nan=False))
    assert table["schema_version"] == 1
    assert table["setup"]["weights_sha256"] == "ab" * 32
    found = table["measures"]["found_regions"]
    assert (found["value"], found["events"], found["of"]) == (pytest.approx(1 / 3), 1, 3)
    assert table["measures"]["range_eer"]["left_out_s"] == pytest.approx(4.0)
    assert {kind["value"] for kind in table["kinds"]} == {"put in", "a | b"}
    assert table["unread"] == [{"id": "lost", "code": "audio.unreadable", "message": "lost: bad"}]
    assert table["not_here"] == ["elsewhere"]
    assert [one["code"] for one in table["remarks"]] == ["overlap"]
    assert table["examples"][0]["spoof"] == [[4.0, 8.0]]
    bare_table = localisations.as_table(bare())
    assert bare_table["measures"]["range_eer"]["why_not"] == "no spoofed time with a score"
    assert bare_table["column"] is None


def test_markdown_keeps_its_tables_whole() -> None:
    text = localisations.as_markdown(calibrated(), drawn("calibrated"))
    assert "| a \\| b | 1 | – |" in text
    assert "![made: scores beside the reference](figures/localisation.png)" in text
    assert "- command: earwitness evaluate made" in text
    assert "> **OVERLAP: this detector was trained on pages/train.** What is measured" in text
    for row in (line for line in text.splitlines() if line.startswith("| ")):
        assert len(re.split(r"(?<!\\)\|", row)) in (6, 7)
    assert "![" not in localisations.as_markdown(bare(), None)


def test_the_page_is_whole_and_shows_names_as_text() -> None:
    page = Reader(localisations.as_html(calibrated(), drawn("calibrated")))
    assert page.unbalanced == []
    text = " ".join(" ".join(page.texts).split())
    assert "made: localisation" in text
    assert "OVERLAP: this detector was trained on pages/train" in text
    assert "Range-based EER" in text
    assert "hatched where the recording is spoofed" in text
    assert ("b", {}) not in page.tags
    assert "Nothing can be said" in localisations.as_html(bare(), None)


@pytest.mark.parametrize(
    ("kind", "said", "unsaid"),
    [
        ("calibrated", "suspicious stretches are yellow", "raw score"),
        ("uncalibrated", "raw score (not calibrated)", "yellow"),
    ],
)
def test_a_figure_says_in_words_what_it_shows(kind: str, said: str, unsaid: str) -> None:
    picture = drawn(kind)
    assert picture is not None
    assert said in picture.told
    assert unsaid not in picture.told
    assert picture.png.startswith(b"\x89PNG")
    ElementTree.fromstring(picture.svg)


def test_the_same_figures_are_the_same_files() -> None:
    again = localisations.draw(calibrated())
    assert again == drawn("calibrated")


@pytest.mark.parametrize(("count", "said"), [(1, "One recording"), (2, "most and least")])
def test_as_many_recordings_are_drawn_as_there_are(count: int, said: str) -> None:
    told = located(*(timeline(f"spoof {at}", [1, -at] + [1] * 40) for at in range(count)))
    picture = localisations.draw(told)
    assert picture is not None
    assert said in picture.told


def test_without_spoof_under_a_window_there_is_no_figure() -> None:
    assert localisations.draw(bare()) is None


def test_flat_raw_scores_can_be_drawn() -> None:
    flat = located(timeline("spoof", [1, 1, 1], is_calibrated=False))
    assert localisations.draw(flat) is not None
