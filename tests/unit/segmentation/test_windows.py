"""Sound becomes windows: the plain cases, one by one. Promises for all cases: tests/properties."""

import itertools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earwitness.audio.read import open_recording
from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.records import Samples, Segment, SpeechSpan
from earwitness.segmentation.vad import VoiceActivity
from earwitness.segmentation.windows import WindowSettings, split

RATE = 16000


class AllSpeech:
    """Hears speech in everything, at once."""

    sample_rate = RATE

    def __init__(self) -> None:
        self.decided_s = 0.0

    def hear(self, block: Samples) -> list[SpeechSpan]:
        start_s, self.decided_s = self.decided_s, self.decided_s + len(block) / RATE
        return [SpeechSpan(start_s, self.decided_s)] if len(block) else []

    def finish(self) -> list[SpeechSpan]:
        return []


def windows_of(samples: int, settings: WindowSettings | None = None) -> list[Segment]:
    sound = np.arange(samples, dtype=np.float32)
    return list(split([sound], settings or WindowSettings(), AllSpeech(), sample_rate=RATE))


def places(segments: list[Segment]) -> list[tuple[float, float]]:
    return [(s.start_s, s.end_s) for s in segments]


def test_a_single_sample_is_repeated_until_the_window_is_full() -> None:
    (segment,) = windows_of(1)
    assert segment.samples.shape == (64000,)
    assert (segment.start_s, segment.end_s) == (0.0, 1 / RATE)


def test_a_short_sound_is_repeated_from_its_start() -> None:
    (segment,) = windows_of(RATE)
    assert np.array_equal(segment.samples, np.tile(np.arange(RATE, dtype=np.float32), 4))
    assert segment.speech_s == segment.fresh_s == 1.0


def test_a_sound_as_long_as_the_window_is_one_window() -> None:
    (segment,) = windows_of(4 * RATE)
    assert np.array_equal(segment.samples, np.arange(4 * RATE, dtype=np.float32))


def test_a_longer_sound_is_cut_at_even_steps_and_once_more_at_its_end() -> None:
    segments = windows_of(9 * RATE)
    assert places(segments) == [(0, 4), (2, 6), (4, 8), (5, 9)]
    assert [s.fresh_s for s in segments] == [4, 2, 2, 1]


def test_no_second_window_ends_where_one_ends_already() -> None:
    assert places(windows_of(8 * RATE)) == [(0, 4), (2, 6), (4, 8)]


def test_windows_may_stand_side_by_side() -> None:
    settings = WindowSettings(length_s=1.0, hop_s=1.0)
    assert places(windows_of(2 * RATE, settings)) == [(0, 1), (1, 2)]


def test_padding_gives_way_where_speech_alone_fits_into_the_window(examples: Path) -> None:
    # 3.9 s of speech between pauses: with 0.1 s on both sides it would need a second window.
    class Told(AllSpeech):
        def hear(self, block: Samples) -> list[SpeechSpan]:
            self.decided_s = len(block) / RATE
            return [SpeechSpan(1.0, 4.9)]

    sound = np.arange(8 * RATE, dtype=np.float32)
    (segment,) = split([sound], WindowSettings(), Told(), sample_rate=RATE)
    assert (segment.start_s, segment.end_s) == (0.95, 4.95)
    assert segment.samples[0] == 0.95 * RATE


def test_real_speech_is_cut_the_same_in_blocks_of_any_length(examples: Path) -> None:
    path = examples / "bonafide_asterisk_ru_2.wav"
    with open_recording(path, sample_rate=RATE) as recording:
        sound = np.concatenate(list(recording.blocks()))
    whole = list(split([sound], WindowSettings(), VoiceActivity(), sample_rate=RATE))
    blocks = [sound[at : at + 1000] for at in range(0, len(sound), 1000)]
    cut = list(split(blocks, WindowSettings(), VoiceActivity(), sample_rate=RATE))
    assert places(cut) == places(whole)
    assert len(whole) == 3
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(cut, whole, strict=True))


def test_nothing_comes_of_silence_and_of_nothing() -> None:
    for blocks in ([], [np.zeros(0, np.float32)], [np.zeros(20 * RATE, np.float32)]):
        assert list(split(blocks, WindowSettings(), VoiceActivity(), sample_rate=RATE)) == []


def test_windows_come_while_the_sound_is_still_going_on() -> None:
    heard = []

    def endless() -> Iterator[Samples]:
        for turn in itertools.count():
            heard.append(turn)
            yield np.ones(RATE, np.float32)

    windows = split(endless(), WindowSettings(), AllSpeech(), sample_rate=RATE)
    assert len(list(itertools.islice(windows, 100))) == 100
    assert len(heard) < 210


def test_an_hour_of_speech_without_a_pause_needs_no_more_memory_than_a_minute() -> None:
    def peak_of(seconds: int) -> int:
        blocks = (np.ones(10 * RATE, np.float32) for _ in range(seconds // 10))
        tracemalloc.start()
        for _ in split(blocks, WindowSettings(hop_s=4.0), AllSpeech(), sample_rate=RATE):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert peak_of(3600) < 1.2 * peak_of(60)


def test_another_rate_than_the_ears_hear_is_refused() -> None:
    with pytest.raises(IncompatibleWeights, match=r"sound at 8000 Hz, but the voice .* 16000"):
        list(split([], WindowSettings(), AllSpeech(), sample_rate=8000))


@pytest.mark.parametrize("values", [{"hop_s": 0.0}, {"hop_s": 5.0}, {"length_s": 1.0}], ids=str)
def test_windows_that_would_leave_gaps_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="0 < hop_s <= length_s must hold"):
        WindowSettings(**values)


@pytest.mark.parametrize("values", [{"pad_s": -0.1}, {"join_s": 0.1}], ids=str)
def test_regions_that_would_overlap_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="at least twice pad_s"):
        WindowSettings(**values)
