"""Table, details and timeline: a person reads them in 80 columns, without colour."""

import re

from earwitness.records import Answer, Failure, Provenance, Reason, Stretch
from earwitness.reporting import Finding, Part, as_details, as_table, as_timeline
from earwitness.reporting._timeline import HALF, bar, timeline
from verdicts import verdict, window

FAILURE = Failure("bad.wav", "audio.empty", "bad.wav: the file has no bytes in it.")
LONG = verdict(
    segments=tuple(
        window(2.0 * n, -4.0 if 90 <= n < 94 else 2.5) for n in range(200) if not 40 < n < 60
    ),
    stretches=(Stretch(180.0, 190.0, -4.0),),
    reasons=(Reason.SUSPICIOUS_STRETCH,),
)


def test_a_row_tells_name_verdict_llr_and_words() -> None:
    told = as_table.row(Finding(verdict()))
    assert (told.name, told.verdict, told.llr) == ("speech.m4a", "bona fide", "+3.1")
    assert told.says == "moderately for bona fide"


def test_a_row_of_a_failure_tells_what_is_wrong() -> None:
    told = as_table.row(Finding(FAILURE))
    assert (told.verdict, told.llr) == ("not read", "–")
    assert told.says == "the file has no bytes in it."


def test_an_llr_that_carries_no_answer_stands_in_brackets() -> None:
    short = verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.TOO_SHORT,), llr=-1.0)
    assert as_table.row(Finding(short)).llr == "(-1.0)"
    silent = verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.NO_SPEECH,), llr=None)
    assert as_table.row(Finding(silent)).llr == "–"


def test_names_inside_the_one_folder_are_told_without_it() -> None:
    told = list(as_table.aligned([Finding(verdict("calls/a.wav"))], name_width=9, folder="calls/"))
    assert told[1] == "a.wav      bona fide        +3.1  moderately for bona fide"


def test_names_in_wide_signs_keep_the_columns_straight() -> None:
    found = [Finding(verdict("電話の録音.wav")), Finding(verdict("telephone1.wav"))]
    rows = list(as_table.aligned(found, name_width=16))[1:3]
    assert [row.split("bona")[0] for row in rows] == ["電話の録音.wav    ", "telephone1.wav    "]


def test_the_table_ends_with_counts_and_the_line() -> None:
    findings = [Finding(verdict()), Finding(FAILURE), Finding(verdict(answer=Answer.SPOOF))]
    told = list(as_table.lines(findings))
    assert told[-2] == "3 recordings: 1 bona fide, 1 spoof, 1 not read."
    assert told[-1].startswith("The line: bona fide from LLR 0.0 up")
    assert list(as_table.lines([Finding(FAILURE)]))[-1] == "1 recording: 1 not read."


def test_details_tell_llr_odds_prior_line_speech_and_file() -> None:
    text = " ".join(" ".join(as_details.lines([Finding(verdict())])).split())
    for piece in [
        "verdict bona fide",
        "LLR +3.1: speaks moderately for bona fide; this sound is about 22 times as likely",
        "odds for a prior of a spoof of 0.5 (as likely as not), now about 22 to 1 for bona fide",
        "line bona fide from LLR 0.0 up (balanced; prior of a spoof 0.5)",
        "8.0 s of speech in 10.0 s of sound, 3 windows",
        "mp4, aac, 44.1 kHz, mono, written by “Lavf60”, sound up to 15.9 kHz, no C2PA manifest",
    ]:
        assert piece in text
    assert "%" not in text


def test_details_of_a_point_without_a_prior_state_the_one_that_they_assume() -> None:
    text = " ".join(as_details.lines([Finding(verdict(prior=None))]))
    assert "for a prior of a spoof of 0.5 (as likely as not)" in text


def test_details_without_an_answer_give_no_odds() -> None:
    short = verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.TOO_SHORT,), llr=-1.0)
    raw = verdict(answer=Answer.UNCALIBRATED, llr=None, threshold=None)
    for one in (short, raw):
        labels = [label for label, _ in as_details.points(one)]
        assert "odds" not in labels
    assert ("raw score", "1.550") in list(as_details.points(raw))
    assert ("note", "only 8.0 s of speech: try a longer piece") in list(as_details.points(short))


def test_details_of_a_failure_are_its_sentence() -> None:
    assert list(as_details.lines([Finding(FAILURE)])) == [
        "bad.wav",
        "  not read    the file has no bytes in it.",
    ]


def test_recordings_are_apart_by_an_empty_line() -> None:
    for form in (as_details, as_timeline):
        assert list(form.lines([Finding(FAILURE), Finding(FAILURE)]))[2] == ""


def test_a_heading_can_be_given_back_to_the_command() -> None:
    assert as_details.heading(Finding(FAILURE, Part("a.wav", "mix", 76.5, 82.0))) == (
        "a.wav#t=1:16.5,1:22"
    )
    assert as_details.heading(Finding(FAILURE, Part("a.wav", "mix", 0.0, 5.25))) == (
        "a.wav#t=,0:05.25"
    )
    assert as_details.heading(Finding(FAILURE, Part("-", 0))) == "standard input (channel 0)"


def test_facts_that_are_not_known_are_not_told() -> None:
    assert as_details.file_facts(Provenance()) == ""
    assert as_details.file_facts(Provenance("wav", "pcm_s16", channels=6)) == (
        "wav, pcm_s16, 6 channels"
    )
    assert "signature was not checked" in as_details.file_facts(Provenance("mp4", c2pa=True))


def test_a_tag_in_the_file_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in as_details.file_facts(Provenance("mp3", encoder="\x1b[2Jbona fide"))


def test_a_bar_grows_to_the_side_that_the_sound_speaks_for() -> None:
    left, right = bar(-4.6).split("│")
    assert left == "██████████████████"[:12].rjust(HALF)
    assert right.strip() == ""
    assert bar(99.0).endswith("█" * HALF)
    assert bar(0.1).strip() == "│"
    assert len({len(bar(x, y)) for x in (-99, 0, 99) for y in (None, -99, 0.0, 99)}) == 1


def test_a_short_recording_has_a_row_for_each_window() -> None:
    told = list(timeline(verdict()))
    assert len(told) == 2 + 3
    assert told[2].split()[:3] == ["0:00", "0:05", "+2.0"]


def test_a_pause_between_windows_is_told() -> None:
    told = list(timeline(verdict(segments=(window(0, 1.0), window(30, 1.0)))))
    assert re.match(r"  0:04 +0:30 +no speech", told[3])


def test_a_long_recording_fits_on_a_page_and_shows_its_stretch() -> None:
    told = list(timeline(LONG))
    assert len(told) <= 3 + 41
    assert told[0] == "  each row is 10 s; the bar is its median window, < its lowest"
    marked = [line for line in told if line.endswith("suspicious")]
    assert [line.split()[0] for line in marked] == ["3:00"]
    assert sum("no speech" in line for line in told) == 3


def test_ten_hours_still_fit_on_a_page() -> None:
    told = list(timeline(verdict(segments=tuple(window(2.0 * n, 1.0) for n in range(18000)))))
    assert len(told) <= 3 + 41
    assert "each row is 15 min" in told[0]


def test_a_day_has_a_row_an_hour() -> None:
    told = list(timeline(verdict(segments=tuple(window(600.0 * n, 1.0) for n in range(400)))))
    assert "each row is 60 min" in told[0]


def test_a_recording_without_windows_says_so() -> None:
    assert list(timeline(verdict(segments=()))) == [
        "  no windows: there was no speech to listen to"
    ]


def test_an_uncalibrated_timeline_has_raw_scores_and_no_bars() -> None:
    told = list(timeline(verdict(segments=(window(0, None),))))
    assert told == [
        "  from      to         raw score",
        "  0:00      0:04           0.500",
    ]


def test_no_line_is_wider_than_a_terminal() -> None:
    for one in (LONG, verdict(), verdict("x" * 60)):
        for line in as_timeline.lines([Finding(one)]):
            assert len(line) <= 80
