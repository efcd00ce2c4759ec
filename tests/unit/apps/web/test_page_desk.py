"""What the page answers, without a browser: replies come as work goes on, troubles in words."""

import html
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from earwitness.apps.web.comparing import against
from earwitness.apps.web.desk import Choice, Desk, Reply, given
from earwitness.apps.web.hearing import Ask, Heard
from earwitness.apps.web.keeping import Room
from earwitness.apps.web.offers import CLIPS, clips, offers
from earwitness.apps.web.settings import PageSettings
from earwitness.apps.web.stopping import Stops
from earwitness.errors import SettingsError, WeightsMissing
from earwitness.records import Answer, Failure
from earwitness.reporting import Finding
from earwitness.reporting.verdicts.page import Shown
from verdicts import QUALITY, verdict

HUMAN, MACHINE = "bonafide_pocketsphinx_librivox_1.flac", "spoof_flite_rms.flac"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, keep_s=1000)
    yield made
    made.close()


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(PageSettings(most_files=3, most_trials=4), room)


def last(replies: Iterator[Reply]) -> Reply:
    return list(replies)[-1]


def text(reply: Reply) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", reply.html))


def test_a_recording_is_answered_with_a_page_and_two_reports(desk: Desk, examples: Path) -> None:
    replies = list(desk.listen([given(examples / MACHINE)], Choice()))
    assert f"Listening to {MACHINE}" in text(replies[0])
    assert replies[0].files == ()
    assert "Spoof: sounds like synthetic or altered speech" in text(replies[-1])
    table, page = replies[-1].files
    assert json.loads(table.read_text("utf-8"))["verdict"] == "spoof"
    assert "Spoof: sounds like" in page.read_text("utf-8")


def test_several_recordings_are_answered_one_by_one(desk: Desk, examples: Path) -> None:
    files = [given(examples / HUMAN), given(examples / "silence.wav")]
    replies = list(desk.listen(files, Choice()))
    second = next(one for one in replies if "silence.wav (2 of 2)" in text(one))
    assert HUMAN in text(second)
    tables = json.loads(replies[-1].files[0].read_text("utf-8"))
    assert [one["verdict"] for one in tables] == ["bonafide", "inconclusive"]


def test_a_name_is_shown_as_text_whatever_is_in_it(
    desk: Desk, examples: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "<img src=x onerror=alert(1)>\x1b.flac"
    shutil.copy(examples / MACHINE, evil)
    reply = last(desk.listen([given(evil)], Choice()))
    for page in (reply.html, reply.files[1].read_text("utf-8")):
        assert "<img" not in page
        assert "\x1b" not in page
        assert "&lt;img src=x" in page


def test_too_many_recordings_are_refused(desk: Desk, examples: Path) -> None:
    reply = last(desk.listen([given(examples / MACHINE)] * 4, Choice()))
    assert "4 recordings are more than the 3" in text(reply)


def test_what_is_stopped_says_so_and_hears_no_more(room: Room, examples: Path) -> None:
    stops, ended = Stops(), []

    def endless(file: Path, ask: Ask, on_share: Callable[[float], None]) -> Heard:
        try:
            while True:
                on_share(0.5)
        finally:
            ended.append(file)

    desk = Desk(PageSettings(), room, endless)
    with stops.watching("mine") as is_stopped, stops.watching("other") as is_other_stopped:
        replies = desk.listen([given(examples / MACHINE)] * 2, Choice(), is_stopped)
        next(replies)
        stops.stop("mine")
        stops.stop("nobody")
        assert text(last(replies)).strip() == "Stopped."
        assert not is_other_stopped()
    assert len(ended) == 1


def test_a_detector_that_is_not_there_is_told_in_a_sentence(desk: Desk, examples: Path) -> None:
    reply = last(desk.listen([given(examples / MACHINE)], Choice(model="nobody")))
    assert "nobody" in text(reply)
    assert 'role="alert"' in reply.html


def test_our_own_mistakes_are_not_shown_but_noted(
    room: Room, examples: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(file: Path, ask: Ask, on_share: object) -> Heard:
        raise ZeroDivisionError("secret of the house")

    desk = Desk(PageSettings(), room, broken)
    reply = last(desk.listen([given(examples / MACHINE)], Choice()))
    assert "Something went wrong on this side" in text(reply)
    assert "secret" not in reply.html
    assert "secret of the house" in caplog.text


def test_two_recordings_are_needed_for_a_comparison(desk: Desk, examples: Path) -> None:
    reply = last(desk.compare(given(examples / MACHINE), None, Choice()))
    assert "Two recordings are needed" in text(reply)


def test_a_recording_compared_with_itself_is_the_same_file(desk: Desk, examples: Path) -> None:
    one = given(examples / MACHINE)
    reply = last(desk.compare(one, one, Choice()))
    assert "Both are the very same file." in text(reply)
    assert len(reply.files) == 2


def shown(**changes: object) -> Shown:
    found = verdict(**changes)
    return Shown(Finding(replace(found, facts=replace(found.facts, sha256=str(changes)))))


def test_a_comparison_says_what_follows_and_what_does_not() -> None:
    both = against(shown(llr=3.1), shown(llr=-4.0, answer=Answer.SPOOF))
    assert both.sentences[0] == (
        "The first speaks moderately for bona fide, the second speaks moderately for a spoof."
    )
    assert both.sentences[-1] == "Whether the same person speaks is not examined."
    assert len(both.sentences) == 2


def test_a_small_difference_and_unlike_recordings_are_pointed_out() -> None:
    narrow = replace(QUALITY, bandwidth_hz=3400.0)
    told = " ".join(against(shown(llr=3.1), shown(llr=2.5, quality=narrow)).sentences)
    assert "less than a factor of ten apart" in told
    assert "They are not of one quality" in told


@pytest.mark.parametrize(
    "other",
    [
        shown(answer=Answer.INCONCLUSIVE),
        shown(answer=Answer.UNCALIBRATED, llr=None, threshold=None),
        shown(llr=None, raw_score=None, answer=Answer.INCONCLUSIVE),
    ],
)
def test_what_carries_too_little_is_not_compared(other: Shown) -> None:
    both = against(shown(), other)
    assert both.sentences == (
        "At least one of them does not carry enough to be set against the other.",
    )
    assert both.rows[0][:2] == ("LLR", "+3.1")


def test_a_recording_that_cannot_be_read_is_not_compared() -> None:
    both = against(shown(), Shown(Finding(Failure("a", "audio.empty", "a: is empty."))))
    assert both.rows == ()


def archive(tmp_path: Path, examples: Path, human: int = 2, machine: int = 2) -> Path:
    file = tmp_path / "my trial.zip"
    people, machines = sorted(examples.glob("bona*.flac")), sorted(examples.glob("spoof*.flac"))
    with zipfile.ZipFile(file, "w") as packed:
        for clip in people[:human]:
            packed.write(clip, f"Real/{clip.name}")
        for clip in machines[:machine]:
            packed.write(clip, f"Fake/{clip.name}")
        packed.writestr("Fake/broken.wav", "nothing")  # this one cannot be read
    return file


@pytest.mark.slow
def test_an_archive_is_evaluated_like_a_folder_on_the_command_line(
    desk: Desk, tmp_path: Path, examples: Path, room: Room
) -> None:
    replies = list(desk.evaluate(given(archive(tmp_path, examples)), Choice()))
    assert "Listening to the recordings in my trial.zip" in text(replies[0])
    assert "2 bona fide + 2 spoof trials" in text(replies[-1])
    assert "sandbox srcdoc=" in replies[-1].html
    page, files = replies[-1].files
    written = page.read_text("utf-8")
    assert str(room.folder) not in written
    assert "earwitness evaluate &#39;my trial&#39;" in written
    assert "Fake/broken.wav" in written
    with zipfile.ZipFile(files) as packed:
        assert {"report.html", "metrics.json", "scores.tsv"} <= set(packed.namelist())
        assert not any(str(room.folder).encode() in packed.read(n) for n in packed.namelist())
    assert not list(room.folder.rglob("Real"))


def test_an_archive_of_one_kind_only_is_refused_by_its_name(
    desk: Desk, tmp_path: Path, examples: Path, room: Room
) -> None:
    reply = last(desk.evaluate(given(archive(tmp_path, examples, human=0)), Choice()))
    assert "my trial.zip" in text(reply)
    assert str(room.folder) not in text(reply)
    assert 'role="alert"' in reply.html


def test_an_archive_has_to_be_there(desk: Desk) -> None:
    assert "There is no archive yet" in text(last(desk.evaluate(None, Choice())))


def test_the_detector_that_comes_with_the_package_is_offered_first() -> None:
    first, *rest = offers()
    assert first.title == "embedded (comes with Earwitness)"
    assert [point.name for point in first.points] == ["screening", "balanced", "accusation"]
    assert "43.3% of genuine called fake" in first.purpose("screening")
    raw = next(one for one in rest if one.name == "aasist")
    assert raw.points == ()
    assert "no calibration" in raw.purpose("balanced")
    assert raw.point("screening") == "balanced"


def test_a_detector_in_a_folder_can_be_the_one_that_is_offered_first(root: Path) -> None:
    folder = root / "tests" / "data" / "tiny_detector"
    assert offers(str(folder))[0].name == str(folder)
    with pytest.raises(WeightsMissing, match="nobody"):
        offers("nobody")


def test_the_clips_to_try_are_there_and_can_be_left_out(tmp_path: Path) -> None:
    assert [clip.path.name for clip in clips(None)] == [name for name, _ in CLIPS]
    assert clips(tmp_path) == ()
    assert clips(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("name", ["most_mb", "at_once", "keep_s"])
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be positive, but got 0"):
        PageSettings(**{name: 0})
