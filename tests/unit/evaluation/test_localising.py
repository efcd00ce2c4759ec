"""Timelines beside reference segments: what is counted, on what it rests, and why not."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.evaluation.located import Localisation
from earwitness.evaluation.records import Unread
from earwitness.evaluation.timelines import Outcome, Timeline, listen, timeline_of
from earwitness.metrics.localisation import Region
from earwitness.records import Failure, Label, SegmentScore, Stretch, Trial, Verdict
from made_timelines import located, timeline
from verdicts import verdict

SPOOFED = timeline("spoof", [2, -1, 2, 1], suspicious=[Region(4.0, 8.0)])
CLEAN = timeline("clean", [2, 0, 2, 1])
ACCUSED = timeline("accused", [2, -2, -2, 1], suspicious=[Region(4.0, 12.0)])


def value(told: Localisation, name: str) -> float | None:
    return told.figure(name).measure.value


def test_spoof_that_scores_lowest_everywhere_is_located_without_error() -> None:
    told = located(SPOOFED, CLEAN)
    for name in ("segment_eer_20ms", "segment_eer_160ms", "range_eer"):
        assert value(told, name) == 0.0
    ranges = told.figure("range_eer")
    assert (ranges.measure.n_bona_fide, ranges.measure.n_spoof) == (1, 1)
    assert ranges.hours == pytest.approx(32 / 3600)
    assert (told.recordings, told.spoofed, told.regions) == (2, 1, 1)
    assert (told.bona_fide_s, told.spoof_s) == (28.0, 4.0)


def test_the_n_of_a_segment_eer_are_frames() -> None:
    measure = located(SPOOFED, CLEAN).figure("segment_eer_160ms").measure
    assert (measure.n_bona_fide, measure.n_spoof) == (175, 25)
    measure = located(SPOOFED, CLEAN).figure("segment_eer_20ms").measure
    assert (measure.n_bona_fide, measure.n_spoof) == (1400, 200)


def test_an_accused_recording_costs_what_its_seconds_weigh() -> None:
    # Bona fide seconds: 4 at 0, 8 at -2, the rest above; the 4 s of spoof lie at -1. Below -1 there
    # are 8 of 44 s of bona fide sound: on the line from (8/44, 1) to (8/44, 0).
    assert value(located(SPOOFED, CLEAN, ACCUSED), "range_eer") == pytest.approx(8 / 44)


def test_where_no_error_was_seen_the_interval_still_has_a_width() -> None:
    measure = located(SPOOFED, CLEAN).figure("range_eer").measure
    assert measure.low == 0.0
    assert measure.high is not None
    assert 0.5 < measure.high < 1.0  # one recording with spoof in it says very little


def test_stretches_are_counted_with_what_they_are_counted_among() -> None:
    told = located(SPOOFED, CLEAN, ACCUSED, timeline("spoof 2", [1, -1, 1, 1]))
    found, false = told.figure("found_regions"), told.figure("false_stretches_an_hour")
    assert (found.measure.value, found.events, found.of) == (0.5, 1, 2)
    assert found.hours == pytest.approx(8 / 3600)
    assert (false.events, false.of) == (1, 2)
    assert false.measure.value == pytest.approx(1 / (56 / 3600))
    assert value(told, "spoofed_suspicion") == pytest.approx(4 / 12)


def test_suspicious_stretches_that_overlap_cover_a_region_once() -> None:
    twice = [Region(4.0, 5.0), Region(4.0, 5.0)]
    told = located(timeline("spoof", [1, -1, 1], suspicious=twice), CLEAN)
    assert value(told, "found_regions") == 0.0
    assert value(told, "spoofed_suspicion") == 1.0


def test_without_a_calibration_there_are_no_stretches_and_raw_scores_are_measured() -> None:
    told = located(
        timeline("spoof", [9, 3, 8], is_calibrated=False),
        timeline("clean", [5, 7], is_calibrated=False),
        column="kind",
    )
    assert value(told, "range_eer") == 0.0
    for name in ("found_regions", "false_stretches_an_hour", "spoofed_suspicion"):
        measure = told.figure(name).measure
        assert (measure.value, measure.why_not) == (None, "uncalibrated")
    assert told.kinds == ()


def test_time_without_a_window_is_told() -> None:
    told = located(timeline("spoof", [2, None, 2, -1]), CLEAN, spoof=Region(6.0, 14.0))
    ranges = told.figure("range_eer")
    assert ranges.left_out_s == pytest.approx(4.0)
    assert ranges.hours == pytest.approx(28 / 3600)
    assert told.unheard_spoof_s == pytest.approx(2.0)


def test_where_a_label_has_no_score_it_is_said_which() -> None:
    told = located(CLEAN)
    for name in ("segment_eer_20ms", "range_eer"):
        assert told.figure(name).measure.why_not == "no spoofed time with a score"
    assert told.figure("found_regions").measure.why_not == "no spoofed regions"
    assert told.figure("spoofed_suspicion").measure.why_not == "no suspicious stretches"
    assert told.examples == ()
    whole = located(timeline("spoof", [2, 1]), spoof=Region(0.0, 8.0))
    assert whole.figure("range_eer").measure.why_not == "no bona fide time with a score"
    assert whole.figure("false_stretches_an_hour").measure.why_not == "no bona fide time"


def test_a_region_is_cut_off_where_the_recording_ends() -> None:
    told = located(timeline("spoof", [2, -1]), CLEAN, spoof=Region(4.0, 99.0))
    assert (told.spoof_s, told.regions) == (4.0, 1)


def test_a_region_of_another_recording_is_refused() -> None:
    with pytest.raises(
        ProtocolError,
        match=r"REF\.rttm: there is spoof in 'spoof' from 8 s on, but the recording ends at 8 s",
    ):
        located(timeline("spoof", [2, -1]), CLEAN, spoof=Region(8.0, 9.0))


def test_what_could_not_be_read_is_kept_apart() -> None:
    lost = Unread(Trial("lost", Path("lost"), Label.SPOOF, "eval"), "audio.unreadable", "no sound")
    told = located(SPOOFED, CLEAN, lost)
    assert (told.recordings, told.unread) == (2, (lost,))
    with pytest.raises(ProtocolError, match=r"REF\.rttm: not one of the 1 recordings was read"):
        located(lost)


def paged(count: int) -> list[Timeline]:
    rng = np.random.default_rng(7)
    names = ("clean", "spoof")
    return [
        timeline(f"{name} {at}", rng.normal(0, 1, 4).tolist(), page=f"page {at % 12}", kind=name)
        for at in range(count)
        for name in names
    ]


def test_kin_are_resampled_together_where_there_are_enough_of_them() -> None:
    told = located(*paged(24), kin=("page",))
    assert (told.setup.clustered_by, told.setup.clusters) == ("page", 12)
    few = located(*paged(6), kin=("page",))
    assert (few.setup.clustered_by, few.setup.clusters) == (None, 12)


def test_the_same_recordings_give_the_same_figures_in_any_order() -> None:
    told, turned = located(*paged(24)), located(*paged(24)[::-1])
    assert told == located(*paged(24))
    for one, other in zip(told.figures, turned.figures, strict=True):
        assert one.measure.value == pytest.approx(other.measure.value)
        assert one.hours == pytest.approx(other.hours)


def test_kinds_are_told_apart_at_the_same_rules() -> None:
    clean, spoofed = timeline("clean", [1, 2], kind="join"), timeline("spoof", [1, -1], kind="put")
    told = located(clean, spoofed, ACCUSED, column="kind")
    kinds = {kind.value: kind for kind in told.kinds}
    assert set(kinds) == {"join", "put", ""}
    assert kinds["put"].found.of == 1
    assert kinds["join"].found.measure.why_not == "no spoofed regions"
    assert kinds["join"].false_an_hour.events == 0
    assert kinds[""].false_an_hour.events == 1


def test_examples_are_the_recordings_where_spoof_stands_out_most_in_between_and_least() -> None:
    told = located(*(timeline(f"spoof {drop}", [1, 1 - drop, 1]) for drop in (2, 5, 3, 0, 1)))
    assert [one.timeline.trial.id for one in told.examples] == ["spoof 5", "spoof 2", "spoof 0"]
    assert [one.contrast for one in told.examples] == pytest.approx([5.0, 2.0, 0.0])
    assert len(located(SPOOFED, CLEAN).examples) == 1


def test_a_figure_that_is_not_there_is_not_found() -> None:
    with pytest.raises(KeyError, match="segment_eer_40ms"):
        located(SPOOFED, CLEAN).figure("segment_eer_40ms")


# --- from verdicts ---


class Answering:
    """A detector whose answers were made before."""

    def __init__(self, answers: dict[str, Verdict | Failure]) -> None:
        self._answers = answers
        self.heard: list[str] = []

    def detect_many(self, paths: Iterable[Path], *, workers: int) -> Iterator[Verdict | Failure]:
        for path in paths:
            self.heard.append(path.name)
            yield self._answers[path.name]


def test_a_timeline_keeps_windows_and_stretches_of_a_verdict() -> None:
    trial = Trial("a", Path("a"), Label.SPOOF, "eval")
    said = verdict(stretches=(Stretch(2.5, 8.5, -3.0),))
    kept = timeline_of(trial, said)
    assert (kept.duration_s, kept.suspicious, kept.is_calibrated) == (
        10.0,
        (Region(2.5, 8.5),),
        True,
    )
    assert kept.windows == said.segments
    np.testing.assert_allclose(kept.steps().scores, [2.0, 2.5, 3.5, 4.0])


def test_raw_scores_stand_in_where_there_are_no_llrs() -> None:
    windows = (SegmentScore(0.0, 4.0, 4.0, 4.0, 0.25, None),)
    kept = timeline_of(
        Trial("a", Path("a"), Label.SPOOF, "eval"), verdict(segments=windows, threshold=None)
    )
    assert (kept.steps().scores.tolist(), kept.is_calibrated) == ([0.25], False)


def test_trials_are_listened_to_in_order_and_known_ones_not_again() -> None:
    trials = [Trial(name, Path(name), Label.SPOOF, "eval") for name in "abc"]
    detector = Answering({"a": verdict(), "c": Failure("c", "audio.unreadable", "c: no sound.")})
    known = timeline_of(trials[1], verdict())
    seen: list[Outcome] = []
    told = list(listen(detector, trials, known={"b": known}, on_done=seen.append))
    assert detector.heard == ["a", "c"]
    assert told == seen
    assert told[1] is known
    assert told[2] == Unread(trials[2], "audio.unreadable", "c: no sound.")
