"""Scores become a verdict: pooling, the line, the doubts, the stretches, one by one."""

import math
from dataclasses import replace
from typing import Any

import pytest

from earwitness.decision import (
    BALANCED,
    OperatingPoint,
    Policy,
    decide,
    find_stretches,
    point_of_name,
    point_of_prior,
    pool,
)
from earwitness.errors import SettingsError, UnknownName
from earwitness.records import (
    Answer,
    Provenance,
    QualityNotes,
    Reason,
    SegmentScore,
    SourceFacts,
    Verdict,
)
from earwitness.weights.cards import Card, PointTable

FACTS = SourceFacts("clip.wav", "0" * 64, 8.0, truncated=False, provenance=Provenance())
CLEAR = QualityNotes(
    level_dbfs=-20.0, peak=0.5, clipped_share=0.0, snr_db=30.0, bandwidth_hz=8000.0, music_share=0.0
)
UNCALIBRATED = OperatingPoint("balanced", None)


def scores_of(*llrs: float | None, fresh_s: float = 2.0) -> list[SegmentScore]:
    """Give windows of four seconds, two apart, with raw scores of half the LLR."""
    return [
        SegmentScore(2.0 * i, 2.0 * i + 4, 3.5, fresh_s, raw_score=(llr or 0) / 2, llr=llr)
        for i, llr in enumerate(llrs)
    ]


def verdict_on(scores: list[SegmentScore], **changes: Any) -> Verdict:
    given: dict[str, Any] = {
        "speech_s": sum(score.fresh_s for score in scores),
        "facts": FACTS,
        "quality": CLEAR,
        "policy": Policy(),
        "point": BALANCED,
        "model": "m",
        "settings_hash": "h",
    }
    return decide(scores, **given | changes)


def test_the_answer_is_bona_fide_from_the_threshold_upwards() -> None:
    point = OperatingPoint("p", 1.0, 0.7)
    answers = [verdict_on(scores_of(llr), point=point).answer for llr in (0.99, 1.0, 1.01)]
    assert answers == [Answer.SPOOF, Answer.BONA_FIDE, Answer.BONA_FIDE]


def test_a_verdict_says_where_it_comes_from() -> None:
    verdict = verdict_on(scores_of(2.0), point=OperatingPoint("screening", 0.5, None))
    assert (verdict.model, verdict.settings_hash) == ("m", "h")
    assert (verdict.operating_point, verdict.threshold, verdict.prior) == ("screening", 0.5, None)
    assert verdict.facts is FACTS
    assert verdict.quality is CLEAR
    assert verdict.segments == tuple(scores_of(2.0))
    assert verdict.raw_score == 1.0


def test_one_window_speaks_for_itself() -> None:
    assert pool(scores_of(1.75, fresh_s=3.0), Policy()) == 1.75


def test_windows_weigh_by_the_speech_that_only_they_heard() -> None:
    first, second = scores_of(4.0, -2.0)
    scores = [replace(first, fresh_s=3.0), replace(second, fresh_s=1.0)]
    assert pool(scores, Policy()) == pytest.approx(2.5)


def test_windows_without_fresh_speech_weigh_the_same() -> None:
    assert pool(scores_of(4.0, -2.0, fresh_s=0.0), Policy()) == 1.0


def test_a_window_can_claim_no_more_than_the_cap() -> None:
    assert pool(scores_of(50.0), Policy(window_cap=5.0)) == 5.0
    assert pool(scores_of(-50.0), Policy(window_cap=5.0)) == -5.0


def test_two_strangers_weigh_twice_and_two_copies_once() -> None:
    scores = scores_of(1.5, 1.5, fresh_s=4.0)
    assert pool(scores, Policy(correlation=0.0)) == 3.0
    assert pool(scores, Policy(correlation=1.0)) == 1.5
    assert pool(scores, Policy(correlation=0.5)) == 2.0


def test_an_hour_weighs_more_than_a_window_but_never_more_than_one_by_the_correlation() -> None:
    policy = Policy(correlation=0.25)
    hour = pool(scores_of(*[1.0] * 1800), policy)
    assert 3.9 < hour < 4.0


def test_no_speech_is_inconclusive() -> None:
    verdict = verdict_on([])
    assert verdict.answer is Answer.INCONCLUSIVE
    assert verdict.reasons == (Reason.NO_SPEECH,)
    assert verdict.llr is verdict.raw_score is None


def test_music_without_speech_is_inconclusive_for_another_reason() -> None:
    verdict = verdict_on([], quality=replace(CLEAR, music_share=0.9))
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.MUSIC,))


def test_too_little_speech_is_inconclusive_and_still_has_its_llr() -> None:
    verdict = verdict_on(scores_of(3.0, fresh_s=0.4))
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.TOO_SHORT,))
    assert verdict.llr == pytest.approx(3.0)


def test_a_few_words_in_much_music_are_inconclusive_and_a_minute_is_not() -> None:
    music = replace(CLEAR, music_share=0.9)
    few = verdict_on(scores_of(3.0), quality=music, speech_s=2.0)
    assert (few.answer, few.reasons) == (Answer.INCONCLUSIVE, (Reason.MUSIC,))
    many = verdict_on(scores_of(3.0), quality=music, speech_s=60.0)
    assert (many.answer, many.reasons) == (Answer.BONA_FIDE, ())


@pytest.mark.parametrize(
    "change", [{"snr_db": 0.0}, {"bandwidth_hz": 1000.0}, {"clipped_share": 0.5}], ids=str
)
def test_hopeless_quality_is_inconclusive(change: dict[str, float]) -> None:
    verdict = verdict_on(scores_of(3.0), quality=replace(CLEAR, **change))
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.POOR_QUALITY,))
    assert verdict.llr == pytest.approx(3.0)


def test_a_quality_that_nobody_could_measure_is_not_held_against_it() -> None:
    verdict = verdict_on(scores_of(3.0), quality=replace(CLEAR, snr_db=None, bandwidth_hz=None))
    assert (verdict.answer, verdict.reasons) == (Answer.BONA_FIDE, ())


def test_telephone_sound_is_good_enough() -> None:
    telephone = replace(CLEAR, bandwidth_hz=3400.0, snr_db=15.0, clipped_share=0.001)
    assert verdict_on(scores_of(-3.0), quality=telephone).answer is Answer.SPOOF


def test_two_reasons_stand_side_by_side() -> None:
    verdict = verdict_on(scores_of(3.0, fresh_s=0.4), quality=replace(CLEAR, snr_db=0.0))
    assert verdict.reasons == (Reason.TOO_SHORT, Reason.POOR_QUALITY)


def test_a_file_that_was_cut_off_is_judged_and_marked() -> None:
    verdict = verdict_on(scores_of(3.0), facts=replace(FACTS, truncated=True))
    assert (verdict.answer, verdict.reasons) == (Answer.BONA_FIDE, (Reason.TRUNCATED,))
    silent = verdict_on([], facts=replace(FACTS, truncated=True))
    assert silent.reasons == (Reason.NO_SPEECH, Reason.TRUNCATED)


def test_without_a_calibration_there_is_a_raw_score_and_no_answer() -> None:
    scores = scores_of(*[None] * 20)
    scores = [replace(s, raw_score=-9.0 if 8 < i < 12 else 3.0) for i, s in enumerate(scores)]
    verdict = verdict_on(scores, point=UNCALIBRATED)
    assert (verdict.answer, verdict.llr, verdict.threshold) == (Answer.UNCALIBRATED, None, None)
    assert verdict.raw_score == pytest.approx((17 * 3 - 3 * 9) / 20)
    assert verdict.stretches == verdict.reasons == ()


def test_without_a_calibration_no_speech_is_still_inconclusive() -> None:
    verdict = verdict_on([], point=UNCALIBRATED)
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.NO_SPEECH,))


def test_without_a_calibration_too_little_speech_is_told_beside() -> None:
    verdict = verdict_on(scores_of(None, fresh_s=0.4), point=UNCALIBRATED)
    assert (verdict.answer, verdict.reasons) == (Answer.UNCALIBRATED, (Reason.TOO_SHORT,))


def test_a_spliced_sentence_in_bona_fide_speech_shows() -> None:
    verdict = verdict_on(scores_of(*[3.0] * 50, 0.5, -4.0, -4.5, -1.0, *[3.0] * 50))
    (stretch,) = verdict.stretches
    assert (stretch.start_s, stretch.end_s) == (102.0, 110.0)
    assert stretch.llr < -3
    assert verdict.answer is Answer.BONA_FIDE
    assert verdict.reasons == (Reason.SUSPICIOUS_STRETCH,)


def test_two_splices_are_two_stretches_and_one_at_each_end_shows() -> None:
    llrs = [-4.0, -4.0, *[3.0] * 30, -4.0, -4.0, -4.0, *[3.0] * 30, -4.0, -4.0]
    stretches = find_stretches(scores_of(*llrs), Policy())
    assert [(s.start_s, s.end_s) for s in stretches] == [(0, 6), (64, 72), (130, 136)]


def test_half_of_a_recording_can_be_the_stretch() -> None:
    (stretch,) = find_stretches(scores_of(*[4.0] * 15, *[-4.0] * 15), Policy())
    assert (stretch.start_s, stretch.end_s) == (30.0, 62.0)


def test_a_single_low_window_is_no_stretch() -> None:
    assert find_stretches(scores_of(*[3.0] * 50, -6.0, *[3.0] * 50), Policy()) == ()


def test_doubtful_windows_in_a_row_are_no_stretch() -> None:
    assert find_stretches(scores_of(*[3.0] * 50, -1.5, -2.0, -1.5, *[3.0] * 50), Policy()) == ()


def test_a_recording_that_wavers_throughout_accuses_no_part_of_itself() -> None:
    wavering = [2.0, -1.0, -3.0, -3.0, 1.0, 3.0, -2.0, 0.5] * 20
    assert find_stretches(scores_of(*wavering), Policy()) == ()


def test_a_spoof_throughout_has_an_answer_and_no_stretch() -> None:
    verdict = verdict_on(scores_of(*[-4.0, -3.0] * 40))
    assert (verdict.answer, verdict.stretches) == (Answer.SPOOF, ())


def test_the_answer_to_a_short_clip_is_the_answer() -> None:
    assert find_stretches(scores_of(4.0, 4.0, 4.0, -5.0, -5.0), Policy()) == ()


def test_scraps_of_speech_neither_make_nor_break_a_stretch() -> None:
    scores = scores_of(*[3.0] * 30, -4.0, 5.0, -4.0, *[3.0] * 30, -5.0, -5.0)
    scraps = {31, 63, 64}
    scores = [replace(s, speech_s=0.3) if i in scraps else s for i, s in enumerate(scores)]
    (stretch,) = find_stretches(scores, Policy())
    assert (stretch.start_s, stretch.end_s) == (60.0, 68.0)


def test_a_prior_draws_the_line_at_its_log_odds() -> None:
    assert point_of_prior(0.5) == OperatingPoint("prior", 0.0, 0.5)
    assert point_of_prior(0.01).threshold == pytest.approx(math.log(0.01 / 0.99))
    assert point_of_prior(0.9).threshold == pytest.approx(2.197, abs=1e-3)


@pytest.mark.parametrize("prior", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_prior_that_leaves_no_doubt_is_refused(prior: float) -> None:
    with pytest.raises(SettingsError, match="between 0 and 1 and is neither of them"):
        point_of_prior(prior)


def card(**points: PointTable) -> Card:
    return Card(
        "one", "", "", "", "n.onnx", "0" * 64, 16000, 1, "", windows={}, operating_points=points
    )


def test_operating_points_come_from_the_card_and_balanced_is_always_there() -> None:
    assert point_of_name(card(), "balanced") == BALANCED
    own = card(balanced=PointTable(0.25, 0.5), accusation=PointTable(-3.0))
    assert point_of_name(own, "balanced") == OperatingPoint("balanced", 0.25, 0.5)
    assert point_of_name(own, "accusation") == OperatingPoint("accusation", -3.0, None)


def test_an_operating_point_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownName, match=r"'one' has no .* 'strict'. There are: balanced, lax\."):
        point_of_name(card(lax=PointTable(2.0)), "strict")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"correlation": 1.5}, "correlation lies from 0 to 1, but got 1.5"),
        ({"window_cap": 0.0}, "window_cap must be positive"),
        ({"witness_s": -1.0}, "witness_s must be positive"),
        ({"stretch_spread": 0.0}, "stretch_spread must be positive"),
        ({"stretch_windows": 0}, "stretch_windows must be at least 1"),
        ({"stretch_rest": 0}, "stretch_rest must be at least 1"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Policy(**values)


BROKEN = replace(CLEAR, non_finite=1000)
TELLING = replace(FACTS, provenance=Provenance(sample_rate=16000, channels=1))


def test_broken_samples_make_a_recording_too_poor_to_judge() -> None:
    verdict = verdict_on(scores_of(3.0), quality=BROKEN, facts=TELLING)
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.POOR_QUALITY,))
    assert verdict.llr == 3.0


def test_nothing_but_broken_samples_is_not_called_silence() -> None:
    verdict = verdict_on([], quality=BROKEN, facts=TELLING, speech_s=0.0)
    assert (verdict.answer, verdict.reasons) == (Answer.INCONCLUSIVE, (Reason.POOR_QUALITY,))


def test_a_few_broken_samples_are_forgiven() -> None:
    few = replace(CLEAR, non_finite=100)  # of 128,000
    assert verdict_on(scores_of(3.0), quality=few, facts=TELLING).answer is Answer.BONA_FIDE


def test_where_the_rate_is_not_known_broken_samples_are_not_weighed() -> None:
    assert verdict_on(scores_of(3.0), quality=BROKEN).answer is Answer.BONA_FIDE
