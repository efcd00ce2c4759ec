"""The main path, from a source to a verdict, with a tiny network whose behaviour is known."""

import io
import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import earwitness
from earwitness.decision import BALANCED
from earwitness.detector import Detector, load
from earwitness.errors import (
    AudioError,
    IncompatibleWeights,
    SettingsError,
    UnknownName,
    WeightsMissing,
)
from earwitness.records import Answer, Failure, Progress, Reason, Verdict, Waveform
from earwitness.weights.cards import Card, read_card
from earwitness.weights.store import VARIABLE

TINY = Path(__file__).parents[1] / "data" / "tiny_detector"


class Spy:
    """Keeps what a network is given, and scores it all the same."""

    at_once = 1

    def __init__(self) -> None:
        self.heard: list[NDArray[np.float32]] = []

    def scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self.heard.append(samples.copy())
        return np.zeros(len(samples), np.float32)


@pytest.fixture(scope="module")
def tiny() -> Detector:
    return load(TINY)


@pytest.fixture(scope="module")
def card() -> Card:
    return read_card(TINY / "card.toml")


@pytest.fixture(scope="module")
def numbers(examples: Path) -> Path:
    return examples / "bonafide_pocketsphinx_numbers.wav"


@pytest.fixture(scope="module")
def clips(examples: Path) -> list[Path]:
    kinds = {".wav", ".flac", ".mp3"}
    return [p for p in sorted(examples.glob("*.*")) if p.suffix in kinds]


def speech(path: Path) -> NDArray[np.float32]:
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == 16000
    return np.asarray(samples, np.float32)


def test_a_clip_gets_a_verdict_with_all_that_belongs_to_it(tiny: Detector, numbers: Path) -> None:
    verdict = tiny.detect(numbers)
    assert verdict.answer is Answer.BONA_FIDE
    assert verdict.llr == pytest.approx(verdict.segments[0].llr)
    assert verdict.speech_s == pytest.approx(2.85, abs=0.05)
    assert verdict.facts.source == str(numbers)
    assert verdict.facts.duration_s == pytest.approx(64371 / 16000)
    assert verdict.quality.peak > 0
    assert (verdict.model, verdict.operating_point, verdict.prior) == ("tiny", "balanced", 0.5)


def test_the_score_is_the_network_s_of_the_stretch_that_the_verdict_names(
    tiny: Detector, numbers: Path
) -> None:
    (segment,) = tiny.detect(numbers).segments
    sound = speech(numbers)[round(segment.start_s * 16000) : round(segment.end_s * 16000)]
    level = math.sqrt(np.mean(np.square(np.resize(sound, 64000), dtype=np.float64)))
    assert segment.raw_score == pytest.approx(20 * level - 1, abs=1e-4)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
def test_a_tone_keeps_its_pitch_on_the_way_to_the_model(
    card: Card, numbers: Path, tmp_path: Path, rate: int
) -> None:
    # The study that this project replaces fed 22.05 kHz sound into a 16 kHz model.
    import soxr

    voice = soxr.resample(speech(numbers), 16000, rate)
    tone = 0.02 * np.sin(2 * np.pi * 3000 * np.arange(len(voice)) / rate)
    soundfile.write(tmp_path / "tone.wav", voice + tone, rate, subtype="FLOAT")
    spy = Spy()
    verdict = Detector(card, spy, BALANCED).detect(tmp_path / "tone.wav")
    assert verdict.facts.provenance.sample_rate == rate
    (segment,) = verdict.segments
    window = spy.heard[0][0][: round((segment.end_s - segment.start_s) * 16000)]
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window))))
    hz = np.fft.rfftfreq(len(window), 1 / 16000)
    spectrum[hz < 2000] = 0  # the voice
    assert hz[np.argmax(spectrum)] == pytest.approx(3000, abs=1)


def test_the_sound_comes_at_the_rate_that_the_card_states(card: Card, numbers: Path) -> None:
    spy = Spy()
    detector = Detector(replace(card, windows={"length_s": 1.0, "hop_s": 0.5}), spy, BALANCED)
    detector.detect(numbers)
    assert {batch.shape[1] for batch in spy.heard} == {16000}
    with pytest.raises(IncompatibleWeights, match="wants sound at 8000 Hz"):
        Detector(replace(card, sample_rate=8000), spy, BALANCED).detect(numbers)


def test_a_path_its_bytes_a_stream_and_its_samples_get_the_same_verdict(
    tiny: Detector, numbers: Path
) -> None:
    wanted = tiny.detect(numbers)
    samples = speech(numbers)
    with numbers.open("rb") as stream:
        others = [
            tiny.detect(str(numbers)),
            tiny.detect(numbers.read_bytes()),
            tiny.detect(stream),
            tiny.detect(io.BytesIO(numbers.read_bytes())),
            tiny.detect(samples, sample_rate=16000),
            tiny.detect(np.stack([samples, samples], axis=1), sample_rate=16000),
            tiny.detect(Waveform(samples, 16000)),
        ]
    for verdict in others:
        assert verdict.answer is wanted.answer
        assert verdict.llr == pytest.approx(wanted.llr, abs=1e-6)
        assert verdict.settings_hash == wanted.settings_hash


def test_an_array_without_its_rate_is_refused_in_one_sentence(tiny: Detector) -> None:
    with pytest.raises(SettingsError, match=r"^An array needs its sample_rate: [^.]*\.$"):
        tiny.detect(np.zeros(16000, np.float32))


def test_a_rate_beside_a_file_is_refused(tiny: Detector, numbers: Path) -> None:
    with pytest.raises(SettingsError, match="Only an array is given a sample_rate"):
        tiny.detect(numbers, sample_rate=16000)


def test_a_range_and_a_channel_are_all_that_is_heard(tiny: Detector, numbers: Path) -> None:
    samples = speech(numbers)
    stereo = np.stack([np.zeros_like(samples), samples], axis=1)
    sides = [tiny.detect(stereo, sample_rate=16000, channel=side) for side in (0, 1)]
    assert sides[0].reasons == (Reason.NO_SPEECH,)
    assert sides[1].llr == pytest.approx(tiny.detect(numbers).llr, abs=1e-6)
    part = tiny.detect(numbers, time_range=(0.5, 2.5))
    assert part.facts.duration_s == 2.0
    alone = tiny.detect(samples[8000:40000], sample_rate=16000)
    assert part.llr == pytest.approx(alone.llr)
    assert part.segments[0].start_s == pytest.approx(alone.segments[0].start_s + 0.5)
    assert part.segments[-1].end_s == pytest.approx(alone.segments[-1].end_s + 0.5)


def test_silence_and_music_are_inconclusive(tiny: Detector, examples: Path) -> None:
    silence, music = (tiny.detect(examples / name) for name in ("silence.wav", "music.ogg"))
    assert (silence.answer, silence.llr) == (Answer.INCONCLUSIVE, None)
    assert silence.reasons == (Reason.NO_SPEECH,)
    assert (music.answer, music.segments) == (Answer.INCONCLUSIVE, ())


@pytest.mark.parametrize("length", [1, 2, 511, 512, 513, 4000])
def test_any_length_from_one_sample_gets_a_verdict(tiny: Detector, length: int) -> None:
    verdict = tiny.detect(np.full(length, 0.1, np.float32), sample_rate=16000)
    assert verdict.answer is Answer.INCONCLUSIVE
    assert verdict.facts.duration_s == pytest.approx(length / 16000)


def test_progress_is_told_block_by_block_up_to_the_end(tiny: Detector) -> None:
    told: list[Progress] = []
    tiny.detect(np.zeros(25 * 8000, np.float32), sample_rate=8000, on_progress=told.append)
    assert len(told) == 3
    assert [p.done_s for p in told] == sorted(p.done_s for p in told)
    assert told[-1].done_s == pytest.approx(25.0)
    assert {p.total_s for p in told} == {25.0}


def test_without_a_calibration_the_verdict_is_uncalibrated(card: Card, numbers: Path) -> None:
    detector = Detector(replace(card, calibration=None), Spy(), BALANCED)
    verdict = detector.detect(numbers)
    assert (verdict.answer, verdict.llr, verdict.raw_score) == (Answer.UNCALIBRATED, None, 0.0)
    assert (verdict.threshold, verdict.prior) == (None, None)


def test_a_clip_scores_the_same_alone_and_among_others_on_any_number_of_workers(
    tiny: Detector, clips: list[Path]
) -> None:
    alone = [tiny.detect(clip) for clip in clips]
    for workers in (1, 2, 5):
        together = list(tiny.detect_many(clips, workers=workers))
        assert [v.facts for v in together if isinstance(v, Verdict)] == [v.facts for v in alone]
        for one, other in zip(alone, together, strict=True):
            assert isinstance(other, Verdict)
            assert other.answer is one.answer
            assert other.segments == one.segments
            assert other.llr == one.llr


def test_an_unreadable_file_is_a_failure_in_its_place(
    tiny: Detector, numbers: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.wav"
    text.write_text("no sound", encoding="utf-8")
    found = list(tiny.detect_many([numbers, text, tmp_path / "gone.wav", b"", numbers]))
    assert [isinstance(one, Failure) for one in found] == [False, True, True, True, False]
    unread, gone, empty = (one for one in found if isinstance(one, Failure))
    assert (unread.source, gone.code) == (str(text), "audio.unreadable")
    assert str(tmp_path / "gone.wav") in gone.message
    assert (empty.source, empty.code) == ("bytes", "audio.empty")
    with pytest.raises(AudioError, match=r"gone\.wav: there is no such file"):
        tiny.detect(tmp_path / "gone.wav")


def test_answers_stream_while_the_sources_are_still_coming(tiny: Detector, numbers: Path) -> None:
    asked = []

    def endless() -> Iterator[Path]:
        while True:
            asked.append(numbers)
            yield numbers

    answers = tiny.detect_many(endless(), workers=2)
    for _ in range(5):
        assert isinstance(next(answers), Verdict)
    answers.close()  # type: ignore[attr-defined]
    assert len(asked) <= 5 + 3


def test_whoever_stops_waiting_does_not_wait_for_a_long_recording(
    card: Card, numbers: Path, tmp_path: Path
) -> None:
    hour = tmp_path / "hour.wav"
    soundfile.write(hour, np.tile(speech(numbers), 900), 16000, subtype="PCM_16")
    spy = Spy()
    answers = Detector(card, spy, BALANCED).detect_many([numbers, hour, hour], workers=2)
    assert isinstance(next(answers), Verdict)
    answers.close()  # type: ignore[attr-defined]
    assert len(spy.heard) < 900


def test_no_workers_cannot_work(tiny: Detector) -> None:
    with pytest.raises(SettingsError, match="at least 1, but got 0"):
        tiny.detect_many([], workers=0)


def test_the_hash_tells_apart_all_that_can_change_a_score(card: Card) -> None:
    def of(**changes: Any) -> str:
        return Detector(replace(card, **changes), Spy(), BALANCED).settings_hash()

    plain = of()
    assert of() == plain
    assert of(title="another", quality={"eer": 0.1}) == plain
    assert card.calibration is not None
    changed = [
        of(sha256="f" * 64),
        of(windows={"hop_s": 1.0}),
        of(calibration=replace(card.calibration, offset=0.5)),
        of(calibration=None),
        of(policy={"correlation": 0.5}),
        Detector(card, Spy(), BALANCED).settings_hash(channel=1),
    ]
    assert len({plain, *changed}) == 1 + len(changed)


def test_settings_in_a_card_that_do_not_fit_are_named(card: Card) -> None:
    with pytest.raises(SettingsError, match="card of 'tiny': windows: unknown key 'hop'"):
        Detector(replace(card, windows={"hop": 1.0}), Spy(), BALANCED)
    with pytest.raises(SettingsError, match="card of 'tiny': policy: min_speech_s: expected float"):
        Detector(replace(card, policy={"min_speech_s": "1"}), Spy(), BALANCED)


def test_the_line_is_drawn_by_name_or_by_prior() -> None:
    assert load(TINY).point == BALANCED
    strict = load(TINY, operating_point="accusation").point
    assert (strict.name, strict.threshold, strict.prior) == ("accusation", -2.0, None)
    believed = load(TINY, prior=0.1).point
    assert (believed.name, believed.prior) == ("prior", 0.1)
    assert believed.threshold == pytest.approx(-2.197, abs=1e-3)


def test_what_cannot_be_loaded_is_named() -> None:
    with pytest.raises(WeightsMissing, match="no detector 'nobody'"):
        load("nobody")
    with pytest.raises(UnknownName, match=r"no operating point 'strict'"):
        load(TINY, operating_point="strict")
    with pytest.raises(SettingsError, match="A prior lies between 0 and 1"):
        load(TINY, prior=1.0)


def test_the_front_door_loads_a_detector_by_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: Path
) -> None:
    shutil.copytree(TINY, tmp_path / "tiny")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert earwitness.load("tiny").detect(numbers).model == "tiny"


def test_a_name_that_the_front_door_does_not_have_is_told() -> None:
    with pytest.raises(AttributeError, match="earwitness has no name 'detct'"):
        _ = earwitness.detct


@pytest.mark.parametrize("dtype", ["int64", "uint64", "bool", "complex64"])
def test_an_array_without_a_known_full_scale_is_refused(tiny: Detector, dtype: str) -> None:
    with pytest.raises(SettingsError, match="has no full scale"):
        tiny.detect(np.zeros(16000, dtype), sample_rate=16000)


def test_an_array_with_channels_first_is_refused(tiny: Detector) -> None:
    with pytest.raises(SettingsError, match="has more channels than samples"):
        tiny.detect(np.zeros((2, 16000), np.float32), sample_rate=16000)


def test_a_rate_may_be_a_number_of_numpy(tiny: Detector) -> None:
    verdict = tiny.detect(np.zeros(16000, np.float32), sample_rate=np.int64(16000))
    assert verdict.answer is Answer.INCONCLUSIVE


def test_one_name_is_no_list_of_recordings(tiny: Detector) -> None:
    with pytest.raises(SettingsError, match="takes a list of recordings"):
        tiny.detect_many("clip.wav")


def test_no_thread_at_all_is_refused() -> None:
    with pytest.raises(SettingsError, match="threads must be at least 1"):
        load(TINY, threads=0)


@pytest.mark.parametrize("thing", [None, 5, ["clip.wav"]])
def test_what_is_no_recording_is_refused_in_one_sentence(tiny: Detector, thing: Any) -> None:
    with pytest.raises(SettingsError, match="A recording is a path, the bytes of a file"):
        tiny.detect(thing)


@pytest.mark.parametrize("channel", ["each", "left", None])
def test_a_channel_is_mix_or_a_number(tiny: Detector, numbers: Path, channel: Any) -> None:
    with pytest.raises(SettingsError, match='channel is "mix" or a number from 0'):
        tiny.detect(numbers, channel=channel)


@pytest.mark.parametrize("time_range", [(0.0, math.inf), (None, 2.0), (0.0, math.nan)])
def test_a_range_has_two_ends(tiny: Detector, numbers: Path, time_range: Any) -> None:
    with pytest.raises(SettingsError, match="A range runs forwards from 0 s or later"):
        tiny.detect(numbers, time_range=time_range)
