"""The main path for a sound that is still going on."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import earwitness
from earwitness.audio.formats import Format
from earwitness.detector import Detector, load
from earwitness.errors import IncompatibleWeights
from earwitness.live import Listening, Running
from earwitness.records import Reason
from earwitness.reporting.running import line, table
from live_sound import sound_of

TINY = Path(__file__).parents[1] / "data" / "tiny_detector"
CLIP = "spoof_flite_rms.flac"


def fed(detector: Detector, samples: np.ndarray, rate: int, step: int) -> Listening:
    listening = Listening(detector, Format(rate, 1))
    for at in range(0, len(samples), step):
        listening.feed(samples[at : at + step, None])
    return listening


@pytest.mark.parametrize("name", [CLIP, "music.ogg", "bonafide_pocketsphinx_numbers.wav"])
def test_a_streams_verdict_is_its_files_however_it_is_cut(examples: Path, name: str) -> None:
    samples, rate = sound_of(examples / name)
    tiny = load(TINY)
    own = tiny.detect(samples, sample_rate=rate)
    for step in (rate // 50, rate // 3, len(samples)):
        verdict = fed(tiny, samples, rate, step).finish()
        assert verdict.answer is own.answer
        assert verdict.reasons == own.reasons
        assert [one.start_s for one in verdict.segments] == [one.start_s for one in own.segments]
        assert verdict.llr == (None if own.llr is None else pytest.approx(own.llr, abs=1e-3))
        assert verdict.facts.duration_s == own.facts.duration_s
        assert verdict.settings_hash != own.settings_hash


@pytest.mark.slow
def test_the_default_detector_agrees_with_itself_on_every_example(examples: Path) -> None:
    default = earwitness.load()
    for path in sorted(examples.glob("*.[wf]*")):
        samples, rate = sound_of(path)
        own = default.detect(samples, sample_rate=rate)
        verdict = fed(default, samples, rate, rate // 10).finish()
        assert verdict.answer is own.answer
        assert verdict.llr == (None if own.llr is None else pytest.approx(own.llr, abs=0.1)), path


def test_the_verdict_so_far_is_that_of_the_sound_so_far(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    tiny = load(TINY)
    for seconds in (1.5, 3.0, 5.0):
        part = samples[: int(seconds * rate)]
        so_far = fed(tiny, part, rate, rate // 10).so_far()
        own = tiny.detect(part, sample_rate=rate)
        assert so_far.llr == pytest.approx(own.llr, abs=0.3)
        assert so_far.speech_s == pytest.approx(own.speech_s, abs=0.2)
        assert so_far.facts.duration_s == pytest.approx(seconds)


def test_asking_changes_nothing(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    tiny = load(TINY)
    asked = Listening(tiny, Format(rate, 1))
    for at in range(0, len(samples), rate // 5):
        asked.feed(samples[at : at + rate // 5, None])
        asked.so_far()
    assert asked.finish() == fed(tiny, samples, rate, rate // 5).finish()


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 12000), max_size=12))
def test_any_cut_gives_the_same_windows(cuts: list[int]) -> None:
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.1, 12000).astype(np.float32)
    tiny = load(TINY)
    listening = Listening(tiny, Format(8000, 1))
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(sound)], strict=True):
        listening.feed(sound[start:end, None])
    whole = Listening(tiny, Format(8000, 1))
    whole.feed(sound[:, None])
    verdict, other = listening.finish(), whole.finish()
    assert verdict.segments == other.segments
    assert verdict.facts.duration_s == 1.5


def test_what_broke_off_is_told(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    verdict = fed(load(TINY), samples, rate, rate).finish(truncated=True)
    assert Reason.TRUNCATED in verdict.reasons


def test_the_state_stays_small_while_the_sound_goes_on(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    listening = Listening(load(TINY), Format(rate, 1))
    sizes = []
    for _ in range(12):
        for at in range(0, len(samples), rate):
            listening.feed(samples[at : at + rate, None])
        sizes.append(len(listening._cutter._sound) + len(listening._cutter._speech))
    assert max(sizes[2:]) <= 12 * 16000
    assert max(sizes[6:]) <= max(sizes[:6]) + 16000


def test_windows_come_once_and_running_scores_as_often_as_asked(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    listening = Listening(load(TINY), Format(rate, 1))
    blocks = (samples[at : at + rate // 20, None] for at in range(0, len(samples), rate // 20))
    running = list(listening.running(blocks, every_s=0.5))
    verdict = listening.finish()
    assert [round(one.heard_s, 1) for one in running][:3] == pytest.approx([0.5, 1.0, 1.5], abs=0.1)
    fresh = [window for one in running for window in one.fresh]
    assert tuple(fresh) == verdict.segments[: len(fresh)]
    assert listening.speech_s == pytest.approx(verdict.speech_s)


def test_a_slow_network_is_asked_less_often(examples: Path) -> None:
    tiny = load(TINY)

    class Slow:
        at_once = 1

        def scores(self, samples: np.ndarray) -> np.ndarray:
            time.sleep(0.2)
            return tiny.runtime.scores(samples)

    samples, rate = sound_of(examples / CLIP)
    slow = Listening(Detector(tiny.card, Slow(), tiny.point), Format(rate, 1))
    blocks = (samples[at : at + rate // 20, None] for at in range(0, 3 * rate, rate // 20))
    running = list(slow.running(blocks, every_s=0.1))
    speaking = [one for one in running if one.verdict.raw_score is not None]
    gaps = np.diff([one.heard_s for one in speaking])
    assert gaps.min() >= 0.35


def test_a_detector_of_another_rate_is_refused() -> None:
    tiny = load(TINY)
    other = Detector(replace(tiny.card, sample_rate=8000), tiny.runtime, tiny.point)
    with pytest.raises(IncompatibleWeights, match="hears 16000 Hz only"):
        Listening(other, Format(16000, 1))


def test_how_it_looks_is_told_to_programs_and_people(examples: Path) -> None:
    samples, rate = sound_of(examples / CLIP)
    tiny = load(TINY)
    quiet = Running(1.0, fed(tiny, np.zeros(rate, np.float32), rate, rate).so_far(), ())
    assert line(quiet) == "0:01  no speech yet"
    assert table(quiet)["llr"] is None
    listening = fed(tiny, samples, rate, rate)
    running = Running(65.0, listening.so_far(), listening.so_far().segments[:1])
    assert line(running).startswith("1:05  so far ")
    assert "(LLR " in line(running)
    assert table(running)["windows"][0]["start_s"] == running.fresh[0].start_s
