"""Whatever the speech and however the sound is cut into blocks, the windows keep their promises."""

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from earwitness.records import Samples, Segment, SpeechSpan
from earwitness.segmentation.windows import WindowSettings, split

RATE = 100
CUT = WindowSettings(length_s=4.0, hop_s=2.0, pad_s=0.1, join_s=1.0)


class Script:
    """A voice activity detector that is told where speech is, and knows it when it has passed."""

    sample_rate = RATE

    def __init__(self, speech: list[tuple[int, int]], lag: int) -> None:
        self.speech = speech
        self.lag = lag
        self.heard = 0
        self.given = 0

    @property
    def decided_s(self) -> float:
        return self.given / RATE

    def hear(self, block: Samples) -> list[SpeechSpan]:
        self.heard += len(block)
        return self._up_to(max(self.given, self.heard - self.lag))

    def finish(self) -> list[SpeechSpan]:
        return self._up_to(self.heard)

    def _up_to(self, end: int) -> list[SpeechSpan]:
        start, self.given = self.given, end
        cut = [(max(a, start), min(b, end)) for a, b in self.speech]
        return [SpeechSpan(a / RATE, b / RATE) for a, b in cut if a < b]


@st.composite
def recordings(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    lengths = draw(st.lists(st.integers(1, 900), min_size=1, max_size=12))
    edges = np.cumsum([draw(st.integers(0, 300)), *lengths]).tolist()
    speech = [(a, b) for a, b in zip(edges[:-1:2], edges[1::2], strict=False)]
    return edges[-1] + draw(st.integers(0, 300)), speech


def blocks_of(sound: Samples, sizes: list[int]) -> Iterator[Samples]:
    at, turn = 0, 0
    while at < len(sound):
        size = sizes[turn % len(sizes)]
        yield sound[at : at + size]
        at, turn = at + size, turn + 1


def cut(recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int) -> list[Segment]:
    length, speech = recording
    sound = np.arange(length, dtype=np.float32)
    voice = Script(speech, lag)
    return list(split(blocks_of(sound, sizes), CUT, voice, sample_rate=RATE))


SIZES = st.lists(st.integers(1, 1200), min_size=1, max_size=6)
LAG = st.integers(0, 900)


@given(recordings(), SIZES, LAG)
@settings(max_examples=100)
def test_every_sample_of_speech_is_in_a_window(
    recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int
) -> None:
    covered = np.zeros(recording[0], bool)
    for segment in cut(recording, sizes, lag):
        covered[round(segment.start_s * RATE) : round(segment.end_s * RATE)] = True
    for start, end in recording[1]:
        assert covered[start:end].all()


@given(recordings(), SIZES, LAG)
@settings(max_examples=100)
def test_windows_come_in_order_and_are_as_long_as_the_model_wants(
    recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int
) -> None:
    segments = cut(recording, sizes, lag)
    starts = [segment.start_s for segment in segments]
    assert starts == sorted(set(starts))
    for segment in segments:
        assert segment.samples.shape == (400,)
        assert segment.samples.dtype == np.float32
        assert segment.end_s - segment.start_s <= CUT.length_s + 1e-9


@given(recordings(), SIZES, LAG)
@settings(max_examples=100)
def test_a_window_holds_the_sound_of_its_place_repeated_until_it_is_full(
    recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int
) -> None:
    for segment in cut(recording, sizes, lag):
        own = np.arange(round(segment.start_s * RATE), round(segment.end_s * RATE))
        assert np.array_equal(segment.samples, np.resize(own, 400))


@given(recordings(), SIZES, LAG)
@settings(max_examples=100)
def test_fresh_speech_sums_to_all_the_speech(
    recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int
) -> None:
    segments = cut(recording, sizes, lag)
    total = sum(end - start for start, end in recording[1]) / RATE
    assert abs(sum(segment.fresh_s for segment in segments) - total) < 1e-6
    assert all(0 <= s.fresh_s <= s.speech_s <= CUT.length_s + 1e-9 for s in segments)


@given(recordings(), SIZES, SIZES, LAG, LAG)
@settings(max_examples=200)
def test_windows_do_not_depend_on_how_the_sound_was_cut_into_blocks(
    recording: tuple[int, list[tuple[int, int]]],
    sizes: list[int],
    other_sizes: list[int],
    lag: int,
    other_lag: int,
) -> None:
    one, other = cut(recording, sizes, lag), cut(recording, other_sizes, other_lag)
    assert [(s.start_s, s.end_s) for s in one] == [(s.start_s, s.end_s) for s in other]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(one, other, strict=True))
    assert all(abs(a.fresh_s - b.fresh_s) < 1e-9 for a, b in zip(one, other, strict=True))


@given(recordings(), SIZES, LAG)
@settings(max_examples=100)
def test_windows_inside_a_region_are_a_hop_apart_or_less(
    recording: tuple[int, list[tuple[int, int]]], sizes: list[int], lag: int
) -> None:
    segments = cut(recording, sizes, lag)
    for one, other in itertools.pairwise(segments):
        if other.start_s < one.end_s:
            assert other.start_s - one.start_s <= CUT.hop_s + 1e-9


@given(recordings())
@settings(max_examples=100)
def test_no_window_covers_a_long_pause(recording: tuple[int, list[tuple[int, int]]]) -> None:
    _, speech = recording
    gaps = [(a[1], b[0]) for a, b in itertools.pairwise(speech) if b[0] - a[1] > 100]
    for segment in cut(recording, [500], 0):
        inside = [g for g in gaps if segment.start_s * RATE < g[0] and segment.end_s * RATE > g[1]]
        assert inside == []
