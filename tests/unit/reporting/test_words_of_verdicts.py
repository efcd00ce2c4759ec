"""The words say what the numbers say, and never a chance without its prior."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.records import Answer, Failure, QualityNotes, Reason, Stretch
from earwitness.reporting import _words
from verdicts import QUALITY, verdict


@pytest.mark.parametrize(
    ("llr", "words"),
    [
        (0.0, "says next to nothing either way"),
        (0.69, "says next to nothing either way"),
        (0.7, "speaks weakly for bona fide"),
        (-2.3, "speaks weakly for a spoof"),
        (-2.31, "speaks moderately for a spoof"),
        (4.7, "speaks strongly for bona fide"),
        (-7.0, "speaks very strongly for a spoof"),
        (500.0, "speaks very strongly for bona fide"),
    ],
)
def test_the_strength_follows_steps_of_ten_of_the_likelihood_ratio(llr: float, words: str) -> None:
    assert _words.strength(llr) == words


@given(st.floats(-2000, 2000))
def test_the_side_never_contradicts_the_sign(llr: float) -> None:
    told = _words.strength(llr) + _words.times(llr)
    if abs(llr) > 0.7:
        assert ("for bona fide" in told) == (llr > 0)
        assert ("from bona fide speech as" in told) == (llr > 0)


@given(st.floats(-2000, 2000), st.floats(1e-9, 1 - 1e-9))
def test_odds_name_their_prior_and_hold_no_per_cent(llr: float, prior: float) -> None:
    told = _words.odds(llr, prior)
    assert f"prior of a spoof of {prior:g}" in told
    assert "%" not in told


def test_odds_are_those_of_bayes_rule() -> None:
    assert "10 to 1 for a spoof" in _words.odds(-math.log(10), 0.5)
    assert "9.9 to 1 for bona fide" in _words.odds(-math.log(10), 0.01)
    assert "even odds" in _words.odds(-math.log(99), 0.01)
    assert "more than 10,000 to 1 for bona fide" in _words.odds(1000.0, 0.5)


def test_a_large_ratio_is_told_with_two_digits() -> None:
    assert "about 1,200 times as likely from bona fide speech" in _words.times(math.log(1234))
    assert "as likely from the one as from the other" in _words.times(0.01)


def test_an_llr_that_rounds_to_zero_has_no_sign() -> None:
    assert [_words.number(x) for x in (-0.01, 0.0, 0.04, -0.06, None)] == [
        "0.0", "0.0", "0.0", "-0.1", "–",
    ]  # fmt: skip


@given(st.floats(0, 1e6))
def test_a_clock_can_be_read_back(seconds: float) -> None:
    parts = [int(part) for part in _words.clock(seconds).split(":")]
    assert sum(part * 60**at for at, part in enumerate(reversed(parts))) == int(seconds)


def test_lengths_change_from_seconds_to_minutes_and_hours() -> None:
    assert [_words.length(s) for s in (5.94, 201.2, 7200.0)] == ["5.9 s", "3:21 min", "2:00:00 h"]


def test_each_reason_has_words() -> None:
    for reason in Reason:
        told = _words.remarks(verdict(reasons=(reason,), stretches=(Stretch(60, 65.5, -4.0),)))
        assert len(told) == 1
        assert re.match(r"[a-z].{15,}", told[0]), reason


def test_poor_quality_names_the_measures() -> None:
    quality = QualityNotes(-20, 1.0, 0.25, 2.0, 3400.0, 0.0)
    told = _words.says(verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.POOR_QUALITY,),
                               quality=quality))  # fmt: skip
    assert "2 dB over the noise" in told
    assert "nothing above 3.4 kHz" in told
    assert "25.0% of the samples clipped" in told


def test_poor_quality_without_measures_is_told_all_the_same() -> None:
    quality = QualityNotes(-math.inf, 0.0, 0.0, None, None, 0.0)
    told = _words.says(verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.POOR_QUALITY,),
                               quality=quality))  # fmt: skip
    assert told == "the sound is too poor to judge: try an earlier copy"


def test_an_inconclusive_verdict_gives_its_reason_and_no_strength() -> None:
    told = _words.says(
        verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.TOO_SHORT,), speech_s=0.42, llr=-5.0)
    )
    assert told == "only 0.4 s of speech: try a longer piece"


def test_an_answer_against_the_sign_of_the_llr_names_the_line() -> None:
    told = _words.says(verdict(llr=-1.5, threshold=-2.5))
    assert told == "speaks weakly for a spoof, and the line is drawn at -2.5"
    told = _words.says(verdict(llr=1.0, threshold=1.5, answer=Answer.SPOOF))
    assert told == "speaks weakly for bona fide, and the line is drawn at +1.5"


def test_without_a_calibration_the_remedy_is_named() -> None:
    raw = verdict(answer=Answer.UNCALIBRATED, llr=None, threshold=None)
    assert _words.says(raw) == "raw score 1.550, not calibrated"
    assert "use a calibrated detector (earwitness models)" in _words.line(raw)
    silent = verdict(answer=Answer.UNCALIBRATED, llr=None, threshold=None, raw_score=None)
    assert _words.says(silent).startswith("no score, ")


def test_the_line_names_its_point_and_its_prior() -> None:
    assert _words.line(verdict()) == ("bona fide from LLR 0.0 up (balanced; prior of a spoof 0.5)")
    assert "(--prior; prior of a spoof 0.01)" in _words.line(
        verdict(operating_point="prior", prior=0.01, threshold=-4.6)
    )
    assert "(accusation; set by an error rate, see earwitness models)" in _words.line(
        verdict(operating_point="accusation", prior=None, threshold=-2.5)
    )


def test_many_stretches_are_counted_rather_than_listed() -> None:
    many = tuple(Stretch(60.0 * n, 60.0 * n + 4.2, -4.0) for n in range(6))
    assert _words.stretches(many) == (
        "0:00 to 0:05, 1:00 to 1:05, 2:00 to 2:05, 3:00 to 3:05 and 2 more"
    )
    told = _words.remarks(verdict(reasons=(Reason.SUSPICIOUS_STRETCH,), stretches=many))
    assert told[0].startswith("suspicious stretches at 0:00 to 0:05")


def test_a_failure_is_told_without_its_name_twice() -> None:
    failure = Failure("a.wav", "audio.empty", "a.wav: the file has no bytes in it.")
    assert _words.trouble(failure) == "the file has no bytes in it."


def test_names_cannot_steer_the_terminal() -> None:
    assert _words.visible("a\x1b[31m\u202egnp.wav\n\udcff") == "a�[31m�gnp.wav��"
    assert _words.visible("Привет, 世界 🎧.wav") == "Привет, 世界 🎧.wav"


def test_clean_sound_has_no_poorness_beyond_its_measures() -> None:
    assert "clipped" not in _words.says(
        verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.POOR_QUALITY,), quality=QUALITY)
    )
