"""A verdict for people without a command line: its words, its picture, its report."""

import base64
import re
import struct
import zlib

import pytest

from earwitness.records import Answer, Failure, Reason, Stretch
from earwitness.reporting import Finding
from earwitness.reporting.verdicts.page import Shown, report, results
from earwitness.reporting.verdicts.sound import Sound
from earwitness.reporting.verdicts.timeline import timeline
from earwitness.reporting.verdicts.words import words
from verdicts import PROVENANCE, verdict, window

STRETCH = Stretch(2.0, 6.0, -5.0)
SPLICED = verdict(stretches=(STRETCH,), reasons=(Reason.SUSPICIOUS_STRETCH,))
SILENT = verdict(
    answer=Answer.INCONCLUSIVE, llr=None, raw_score=None, segments=(), reasons=(Reason.NO_SPEECH,)
)
RAW = verdict(
    answer=Answer.UNCALIBRATED,
    llr=None,
    threshold=None,
    prior=None,
    segments=(window(0.0, None), window(2.0, None)),
)
FAILURE = Failure("call.wav", "audio.unreadable", "call.wav: no decoder makes sense of it.")
SOUND = Sound(10.0, (0.1, 0.9), bytes(range(6)), 3, 8000.0)


def told(found: object, *, heard_at: int | None = None) -> object:
    return words(Finding(found), heard_at=heard_at)


def test_the_answer_stands_with_what_the_llr_means() -> None:
    said = told(verdict())
    assert said.headline == "Bona fide: sounds like human speech"
    assert said.meaning == (
        "The sound speaks moderately for bona fide: this sound is about 22 times as likely from "
        "bona fide speech as from a spoof."
    )
    assert said.marker > 50 == said.line


def test_an_answer_that_rests_on_next_to_nothing_says_so() -> None:
    said = told(verdict(answer=Answer.SPOOF, llr=-0.2))
    assert said.headline == "Spoof, but only just: rest nothing on it"


def test_a_suspicious_stretch_belongs_to_the_answer() -> None:
    said = told(SPLICED)
    assert said.headline.endswith(", with a suspicious stretch")
    assert said.notes[0] == "Suspicious stretch at 0:02 to 0:06."
    assert "with 2 suspicious" in told(verdict(stretches=(STRETCH, STRETCH))).headline


def test_an_answer_against_the_llr_is_explained_by_the_line() -> None:
    said = told(verdict(answer=Answer.SPOOF, llr=1.2, threshold=1.56, operating_point="screening"))
    assert "“screening” the line is drawn at LLR +1.6" in said.notes[0]


def test_what_cannot_be_judged_has_no_place_on_the_scale() -> None:
    said = told(SILENT)
    assert said.headline.startswith("Inconclusive")
    assert said.notes == ("No speech found: try another recording or channel.",)
    assert (said.marker, said.llr, said.meaning) == (None, "–" if said.llr else "", "")


def test_raw_scores_are_no_verdict() -> None:
    said = told(RAW)
    assert said.headline == "No verdict: this detector gives a raw score only"
    assert said.meaning.startswith("Raw score 1.550.")
    assert (said.marker, said.line) == (None, None)


def test_a_file_that_cannot_be_read_is_told_without_repeating_its_name() -> None:
    said = told(FAILURE)
    assert (said.tone, said.notes) == ("failed", ("No decoder makes sense of it.",))


def test_resampling_and_mixing_are_said_and_nothing_is_said_where_nothing_was_done() -> None:
    stereo = verdict(provenance=PROVENANCE.__class__(sample_rate=44100, channels=2))
    assert (
        told(stereo, heard_at=16000)
        .notes[0]
        .startswith("Resampled from 44.1 kHz to 16 kHz, and its 2 channels were mixed")
    )
    plain = verdict(provenance=PROVENANCE.__class__(sample_rate=16000, channels=1))
    assert told(plain, heard_at=16000).notes == ()


def test_a_verdict_can_be_said_aloud_in_whole_sentences() -> None:
    assert told(SPLICED).aloud().startswith("speech.m4a: Bona fide: sounds like human speech")
    assert told(FAILURE).aloud() == (
        "call.wav: This file could not be read. No decoder makes sense of it."
    )


def test_the_words_for_people_with_a_page_name_no_flags_and_no_commands() -> None:
    music = verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.MUSIC,), operating_point="far")
    for found in (verdict(), SPLICED, SILENT, RAW, music):
        said = told(found)
        everything = " ".join([said.headline, said.meaning, *said.notes, str(said.facts)])
        assert "FILE#" not in everything
        assert "earwitness models" not in everything


def test_bars_point_up_for_bona_fide_and_down_for_a_spoof() -> None:
    drawn = timeline(verdict(segments=(window(0.0, 2.5), window(4.0, -2.5))))
    up, down = drawn.bars
    assert (up.kind, up.top + up.height) == ("bona-fide", 50)
    assert (down.kind, down.top) == ("spoof", 50)
    assert up.height == down.height == 25
    assert drawn.line == 50
    assert drawn.read_out() == "0.00,4.00,LLR +2.5;4.00,8.00,LLR -2.5"


def test_wild_windows_do_not_leave_the_picture() -> None:
    drawn = timeline(verdict(segments=(window(0.0, 40.0), window(4.0, -40.0))))
    assert [(bar.top, bar.height) for bar in drawn.bars] == [(0, 50), (50, 50)]


def test_a_threshold_outside_of_the_picture_is_not_drawn() -> None:
    assert timeline(verdict(threshold=30.0)).line is None


def test_a_short_stretch_can_still_be_hit_and_none_leaves_the_picture() -> None:
    long = verdict(segments=(window(0.0, 1.0), window(3590.0, 1.0)), stretches=(
        Stretch(0.0, 1.0, -3.0), Stretch(3593.0, 3594.0, -3.0)
    ))  # fmt: skip
    for band in timeline(long).bands:
        assert band.width >= 0.6
        assert band.left >= 0
        assert band.left + band.width <= 100


def test_raw_scores_are_marks_between_the_lowest_and_the_highest() -> None:
    drawn = timeline(RAW)
    assert not drawn.is_llr
    assert {bar.kind for bar in drawn.bars} == {"raw"}
    assert all(0 <= bar.top <= 100 - bar.height for bar in drawn.bars)


def test_many_windows_share_bars_and_few_ticks_are_written() -> None:
    many = verdict(segments=tuple(window(2.0 * n, 1.0) for n in range(2000)))
    drawn = timeline(many)
    assert drawn.step is not None
    assert len(drawn.bars) <= 321
    assert 2 <= len(drawn.ticks) <= 7


def test_silence_has_a_picture_without_bars() -> None:
    assert timeline(SILENT).bars == ()


def test_the_spectrum_is_a_picture_that_any_program_opens() -> None:
    content = base64.b64decode(SOUND.picture().partition(",")[2])
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBB", content[16:26]) == (2, 3, 8, 4)
    start = content.index(b"IDAT") + 4
    length = struct.unpack(">I", content[start - 8 : start - 4])[0]
    lines = zlib.decompress(content[start : start + length])
    assert lines == bytes([0, 0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 0, 4, 0, 5])


def test_a_report_is_one_page_that_loads_nothing_and_runs_nothing() -> None:
    page = report([Shown(Finding(SPLICED), SOUND, "gradio_api/file=x.wav", 16000)])
    assert "Suspicious stretch at 0:02 to 0:06." in page
    assert "<script" not in page
    assert "<audio" not in page
    assert "gradio" not in page
    assert "<button" not in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert not re.search(r"url\((?!data:)", page)
    assert "Replay" in page


def test_a_report_on_several_recordings_begins_with_a_table() -> None:
    shown = [Shown(Finding(found)) for found in (verdict(), FAILURE, SILENT, RAW)]
    page = report(shown, asked=[("Operating point", "balanced")])
    assert "<title>4 recordings" in page
    assert page.index("All recordings") < page.index("<article")
    assert page.count("<article") == 4
    assert "Operating point" in page


def test_a_live_page_plays_what_a_report_only_shows() -> None:
    page = results([Shown(Finding(SPLICED), SOUND, "gradio_api/file=x.wav", 16000)])
    assert 'src="gradio_api/file=x.wav"' in page
    assert page.count('data-from="2.0"') == 2
    assert 'role="slider"' in page


@pytest.mark.parametrize("found", [verdict(), SILENT, RAW, FAILURE])
def test_every_finding_has_a_card(found: object) -> None:
    assert results([Shown(Finding(found))]).count("<article") == 1
