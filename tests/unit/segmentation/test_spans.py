"""Probabilities become spans of speech by hysteresis and two least lengths."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import SettingsError
from earwitness.records import SpeechSpan
from earwitness.segmentation.spans import SpanFinder, SpanSettings

CHUNK_S = 0.1
SETTINGS = SpanSettings(min_silence_s=0.2, min_speech_s=0.3)


def merged(spans: list[SpeechSpan]) -> list[tuple[int, int]]:
    """Join pieces that touch, and count in chunks."""
    joined: list[tuple[int, int]] = []
    for span in spans:
        start, end = round(span.start_s / CHUNK_S), round(span.end_s / CHUNK_S)
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def found(*feeds: list[float], settings: SpanSettings = SETTINGS) -> list[tuple[int, int]]:
    finder = SpanFinder(settings, chunk_s=CHUNK_S)
    spans = [span for feed in feeds for span in finder.feed(feed)]
    return merged(spans + finder.finish([], CHUNK_S * sum(map(len, feeds))))


def test_speech_starts_at_the_high_threshold_and_stops_below_the_low_one() -> None:
    assert found([0.4, 0.6, 0.4, 0.4, 0.4, 0.1, 0.1, 0.1]) == [(1, 5)]


def test_a_short_silence_does_not_end_it() -> None:
    assert found([0.9, 0.9, 0.1, 0.9, 0.9, 0.1, 0.1]) == [(0, 5)]


def test_a_pause_between_the_thresholds_goes_on_being_a_pause() -> None:
    assert found([0.9, 0.9, 0.9, 0.1, 0.4, 0.4]) == [(0, 3)]


def test_what_is_too_short_is_no_speech() -> None:
    assert found([0.9, 0.9, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.1, 0.1]) == [(5, 8)]


def test_speech_up_to_the_very_end_ends_with_the_sound() -> None:
    finder = SpanFinder(SETTINGS, chunk_s=CHUNK_S)
    assert finder.feed([0.9, 0.9]) == []
    assert finder.feed([0.9]) == [SpeechSpan(0.0, pytest.approx(0.3))]
    assert finder.feed([0.9, 0.1]) == [SpeechSpan(pytest.approx(0.3), pytest.approx(0.4))]
    assert finder.finish([], 0.5) == []


def test_the_last_chunk_counts_as_far_as_there_was_sound() -> None:
    finder = SpanFinder(SETTINGS, chunk_s=CHUNK_S)
    assert finder.feed([0.1, 0.9]) == []
    assert finder.finish([0.9, 0.9, 0.9], 0.47) == [SpeechSpan(CHUNK_S, 0.47)]


def test_speech_that_is_too_short_at_the_end_is_no_speech() -> None:
    finder = SpanFinder(SETTINGS, chunk_s=CHUNK_S)
    assert finder.feed([0.1, 0.9]) == []
    assert finder.finish([0.9], 0.3) == []


def test_nothing_is_left_at_the_end_of_silence() -> None:
    assert found([0.1, 0.1]) == []
    assert found([]) == []


def test_what_is_certain_is_known_at_every_moment() -> None:
    finder = SpanFinder(SETTINGS, chunk_s=CHUNK_S)
    moments = []
    for probability in [0.1, 0.9, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1]:
        finder.feed([probability])
        moments.append(round(finder.decided_s / CHUNK_S))
    # Two chunks of speech may still be nothing; a pause may still be bridged.
    assert moments == [1, 1, 1, 4, 4, 6, 6, 8]


@given(st.lists(st.floats(0, 1, width=16), max_size=60), st.data())
def test_spans_do_not_depend_on_how_the_probabilities_were_fed(
    probabilities: list[float], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(probabilities)), max_size=5)))
    edges = [0, *cuts, len(probabilities)]
    feeds = [probabilities[a:b] for a, b in itertools.pairwise(edges)]
    assert found(*feeds) == found(probabilities)


@given(st.lists(st.floats(0, 1, width=16), max_size=60))
def test_spans_are_long_enough_apart_and_in_order(probabilities: list[float]) -> None:
    spans = found(probabilities)
    assert all(end - start >= 3 for start, end in spans)
    for one, other in itertools.pairwise(spans):
        assert other[0] - one[1] >= 2


@pytest.mark.parametrize(
    "values", [{"start_at": 0.3}, {"stop_below": 0.0}, {"start_at": 1.0}], ids=str
)
def test_thresholds_that_cannot_be_meant_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="0 < stop_below <= start_at < 1 must hold"):
        SpanSettings(**values)


@pytest.mark.parametrize("values", [{"min_silence_s": -0.1}, {"min_speech_s": -1.0}], ids=str)
def test_negative_lengths_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="cannot be negative"):
        SpanSettings(**values)
