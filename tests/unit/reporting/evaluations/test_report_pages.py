"""report.html and report.md: whole, harmless, small enough, and complete."""

import re
from dataclasses import replace
from pathlib import Path

import evaluated
import pytest
from rendered import KINDS, Reader, rendered

from earwitness.evaluation.records import Breakdown, Scored
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations import _worst, as_html, as_markdown

MOST_BYTES = 8_000_000


def page(kind: str = "calibrated", **changes) -> str:
    found = rendered(kind)
    return as_html.text(replace(found.evaluation, **changes), found.drawings, embed_audio=False)


@pytest.fixture(scope="module")
def with_audio(tmp_path_factory):
    return evaluated.evaluated(40, 40, folder=tmp_path_factory.mktemp("audio"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_loads_nothing_and_runs_nothing(kind: str) -> None:
    text = page(kind)
    seen = Reader(text)
    assert (seen.open, seen.unbalanced) == ([], [])
    assert {tag for tag, _ in seen.tags} & {"script", "link", "iframe", "object", "form"} == set()
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert all(one.startswith(("#", "data:")) for one in addresses)
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(text.encode()) < MOST_BYTES


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_nothing_like_none_or_nan(kind: str) -> None:
    for text in (Reader(page(kind)).shown, as_markdown.text(
            rendered(kind).evaluation, rendered(kind).drawings)):  # fmt: skip
        assert re.search(r"\b(None|nan|inf|Markup|StrEnum)\b", text) is None
        assert "{{" not in text
        assert "  %" not in text


def test_banners_stand_before_the_headline() -> None:
    shown = Reader(page()).shown
    assert shown.index("OVERLAP") < shown.index("could not be read") < shown.index("EER ")
    inverted = page("inverted")
    assert inverted.index("INVERTED") < inverted.index('class="headline"')
    assert 'class="banner bad" role="alert"' in inverted
    assert 'class="banner bad"' not in page("uncalibrated")


def test_a_stranger_is_told_how_to_read_it_and_what_it_rests_on() -> None:
    shown = Reader(page()).shown
    for words in (
        "How to read this", "Two kinds of mistakes", "What this says", "All measures", "By attack",
        "By length of the recording", "What became of the recordings", "audio/broken-0.mp3",
        "What every number here rests on", "a0765f41d0ac9e66", "9f2c64",
        "earwitness evaluate corpora/pages --partition dev", "4.04 s windows",
    ):  # fmt: skip
        assert words in shown


def test_uncalibrated_scores_have_no_reliability_and_say_why_figures_are_missing() -> None:
    assert "Whether its LLRs are right" in Reader(page()).shown
    shown = Reader(page("uncalibrated")).shown
    assert "Whether its LLRs are right" not in shown
    assert "n/a (uncalibrated)" in shown


def test_figures_are_numbered_in_the_order_in_which_they_stand() -> None:
    numbers = re.findall(r"<b>Figure (\d)\.</b>", page())
    assert numbers == ["1", "2", "3", "4", "5"]


def test_names_from_outside_are_text_in_page_and_report() -> None:
    found = rendered("calibrated").evaluation
    evil = "<img src=x onerror=alert(1)>|\n# x"
    trial = Trial(evil, Path("nowhere"), Label.BONA_FIDE, "dev", {"attack": evil, "page": evil})
    changed = replace(
        found,
        setup=replace(found.setup, data=evil, model=evil, command=evil),
        scored=(Scored(trial, -9.0, -9.0), *found.scored),
    )
    text = as_html.text(changed, rendered("calibrated").drawings, embed_audio=False)
    assert "img" not in {tag for tag, _ in Reader(text).tags}
    assert "onerror=alert(1)" in Reader(text).shown
    told = as_markdown.text(changed, ())
    assert "<img" not in told.replace("\\<img", "")
    assert "\n# x" not in told
    rows = [line for line in told.splitlines() if "onerror" in line and line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (3, 4) for row in rows)


def test_the_fourth_breakdown_is_folded_away() -> None:
    one = rendered("calibrated").evaluation.breakdowns[0]
    many = tuple(replace(one, column=f"column_{n}") for n in range(5))
    text = page(breakdowns=many)
    assert text.count("<details>") == 2
    assert "By column 4" in Reader(text).shown


def test_many_unread_recordings_are_counted_and_some_are_named() -> None:
    lost = evaluated.evaluated(20, 20, unread=30).unread
    shown = Reader(page(unread=lost)).shown
    assert "the first 20; 10 more are in scores.tsv" in shown
    assert "audio/broken-19.mp3" in shown
    assert "audio/broken-20.mp3" not in shown


def test_the_worst_recordings_can_be_heard(with_audio) -> None:
    text = as_html.text(with_audio, ())
    players = [a for tag, a in Reader(text).tags if tag == "audio"]
    assert len(players) == 2 * _worst.EACH
    assert all((a["src"] or "").startswith("data:audio/flac;base64,ZkxhQ") for a in players)
    genuine = sorted(o.score for o in with_audio.scored if o.is_bona_fide and o.speech_s)[:5]
    shown = Reader(text).shown
    assert f"LLR {genuine[0]:.2f}".replace("-", "−") in shown
    assert len(text.encode()) < MOST_BYTES


def test_sound_is_left_out_where_it_may_not_be_passed_on(with_audio, tmp_path) -> None:
    text = as_html.text(with_audio, (), embed_audio=False, folder=tmp_path / "run")
    seen = Reader(text)
    assert "audio" not in {tag for tag, _ in seen.tags}
    links = [a["href"] or "" for tag, a in seen.tags if tag == "a"]
    assert len(links) == 2 * _worst.EACH
    assert all((tmp_path / "run" / link).resolve().is_file() for link in links)


def test_a_page_never_grows_beyond_its_bound(with_audio, monkeypatch) -> None:
    monkeypatch.setattr(_worst, "MOST_BYTES", 150_000)
    found = _worst.worst(with_audio, embed_audio=True)
    clips = (*found.bona_fide, *found.spoof)
    assert 0 < sum(len(clip.flac or b"") for clip in clips) <= 150_000
    assert "too large" in {clip.note for clip in clips if clip.flac is None}.pop()


def test_of_a_long_recording_the_start_is_there_and_that_is_said(with_audio, monkeypatch) -> None:
    monkeypatch.setattr(_worst, "LONGEST_S", 0.5)
    notes = {clip.note for clip in _worst.worst(with_audio, embed_audio=True).spoof}
    assert notes == {"The first 0.5 seconds."}


def test_a_recording_that_cannot_be_played_is_told(with_audio, tmp_path) -> None:
    broken = tmp_path / "x.wav"
    broken.write_bytes(b"no sound at all")
    worst = min((o for o in with_audio.scored if o.is_bona_fide), key=lambda o: o.score or 0)
    other = replace(worst, trial=replace(worst.trial, path=broken), llr=-99.0)
    found = _worst.worst(replace(with_audio, scored=(other,)), embed_audio=True)
    assert (found.bona_fide[0].note, found.spoof) == ("The recording cannot be played.", ())


def test_recordings_that_are_not_here_are_named_all_the_same() -> None:
    found = _worst.worst(rendered("calibrated").evaluation, embed_audio=True)
    assert {clip.note for clip in found.spoof} == {"The recording is not on this machine."}


def test_a_link_that_no_system_can_make_is_left_out(with_audio, monkeypatch, tmp_path) -> None:
    def other_drive(*_: object) -> str:
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(_worst.os.path, "relpath", other_drive)
    found = _worst.worst(with_audio, embed_audio=False, folder=tmp_path)
    assert {clip.link for clip in found.spoof} == {None}


def test_a_run_without_trials_has_a_page_without_sounds() -> None:
    text = page(scored=(), breakdowns=(Breakdown("attack", (), 0.0, "eer"),))
    assert "Where it was most wrong" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_report_tells_the_same_and_links_its_figures(kind: str) -> None:
    found = rendered(kind)
    told = as_markdown.text(found.evaluation, found.drawings)
    for one in found.drawings:
        assert f"](figures/{one.name}.png)" in told
    plain = told.replace("\\", "")
    assert found.evaluation.setup.command in plain
    assert ("INVERTED" in told) is (kind == "inverted")
    assert "## How to read this" in told
    for block in re.findall(r"(?:^\|.*\n)+", told, re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1
