"""A run can be repeated to the bit, stopped and gone on with; one bad clip stops nothing."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from earwitness.detector import Detector
from earwitness.errors import SettingsError
from earwitness.evaluation.records import Unread
from earwitness.evaluation.stress.clips import Crowd, Voice, gather, read_clip
from earwitness.evaluation.stress.conditions import chosen, conditions_of
from earwitness.evaluation.stress.families import Clip, Condition
from earwitness.evaluation.stress.records import Tried
from earwitness.evaluation.stress.running import Plan, chance, stress, within_full_scale
from earwitness.records import Label, Samples, Trial

CONDITIONS = conditions_of(chosen(["white_noise_10db", "level_minus_12db", "duration_8s"]))


def by_id(trial: Trial) -> str:
    return trial.id


def plan(
    trials: Sequence[Trial], conditions: Sequence[Condition] = CONDITIONS, seed: int = 1
) -> Plan:
    return Plan(trials, conditions, by_id, seed)


class Counting:
    """Counts what a detector hears, and may be pulled the plug after so many."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, most: int = 10**6) -> None:
        self.heard, hear = 0, Detector.detect

        def detect(detector: Detector, source: object, **how: object) -> object:
            if self.heard == most:
                raise KeyboardInterrupt
            self.heard += 1
            return hear(detector, source, **how)  # type: ignore[arg-type]

        monkeypatch.setattr(Detector, "detect", detect)


def test_every_trial_is_heard_clean_and_under_every_condition(
    tiny: Detector, few: list[Trial]
) -> None:
    outcomes = list(stress(tiny, plan(few)))
    assert [one.trial for one in outcomes] == few
    first = outcomes[0]
    assert isinstance(first, Tried)
    assert first.clean.llr == pytest.approx(tiny.detect(few[0].path).llr, abs=1e-6)
    under = first.under["level_minus_12db"]
    assert under is not None
    assert under.llr < first.clean.llr  # takes soft for a spoof
    assert set(first.under) == {one.name for one in CONDITIONS}


def test_what_a_clip_cannot_meet_is_none(tiny: Detector, few: list[Trial]) -> None:
    outcomes = {one.trial.id: one for one in stress(tiny, plan(few))}
    short = outcomes["bonafide_pocketsphinx_numbers.wav"]
    assert isinstance(short, Tried)
    assert short.under["duration_8s"] is None


def test_a_run_is_repeated_to_the_bit_by_more_workers_and_in_any_order(
    tiny: Detector, few: list[Trial]
) -> None:
    one = {found.trial.id: found for found in stress(tiny, plan(few))}
    other = {found.trial.id: found for found in stress(tiny, plan(few[::-1]), workers=3)}
    assert one == other


def test_another_seed_draws_other_noise(tiny: Detector, few: list[Trial]) -> None:
    noise = conditions_of(chosen(["white_noise_0db"]))
    one, other = (next(iter(stress(tiny, plan(few[:1], noise, seed)))) for seed in (1, 2))
    assert isinstance(one, Tried)
    assert isinstance(other, Tried)
    assert one.clean == other.clean
    assert one.under["white_noise_0db"] != other.under["white_noise_0db"]


def test_chance_differs_by_seed_condition_and_trial() -> None:
    draws = {
        int(chance(seed, condition, trial).integers(2**62))
        for seed in (1, 2)
        for condition in ("noise", "room")
        for trial in ("a", "b")
    }
    assert len(draws) == 8


def test_a_stopped_run_goes_on_where_it_was(
    tiny: Detector, few: list[Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(stress(tiny, plan(few)))
    journal = tmp_path / "journal.jsonl"
    with monkeypatch.context() as patch:
        Counting(patch, most=9)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            list(stress(tiny, plan(few), journal=journal))
    counting = Counting(monkeypatch)
    resumed = list(stress(tiny, plan(few), journal=journal))
    assert resumed == whole
    answers = sum(said is not None for one in whole for said in one.under.values()) + len(whole)
    assert 0 < counting.heard < answers
    counting.heard = 0
    assert list(stress(tiny, plan(few), journal=journal)) == whole
    assert counting.heard == 0


def test_conditions_may_be_added_to_a_run_later(
    tiny: Detector, few: list[Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal.jsonl"
    list(stress(tiny, plan(few, CONDITIONS[:1]), journal=journal))
    counting = Counting(monkeypatch)
    more = conditions_of(chosen(["level_minus_12db", "clipped_half"]))
    list(stress(tiny, plan(few, more), journal=journal))
    assert counting.heard == 2 * len(few)  # and not clean again


def test_another_seed_does_not_go_on_with_a_run(
    tiny: Detector, few: list[Trial], tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    list(stress(tiny, plan(few[:1]), journal=journal))
    with pytest.raises(SettingsError, match="another settings"):
        list(stress(tiny, plan(few[:1], seed=2), journal=journal))
    assert len(list(stress(tiny, plan(few[:1], seed=2), journal=journal, restart=True))) == 1


def test_a_clip_that_cannot_be_read_is_told_and_the_rest_goes_on(
    tiny: Detector, few: list[Trial], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF and nothing else")
    trials = [Trial("broken.wav", broken, Label.SPOOF, "eval"), *few[:1]]
    first, second = stress(tiny, plan(trials))
    assert isinstance(first, Unread)
    assert first.code == "audio.unreadable"
    assert isinstance(second, Tried)


def test_what_exceeds_full_scale_is_turned_down_before_it_is_heard(
    tiny: Detector, few: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    def shout(clip: Clip, rng: np.random.Generator) -> Samples:
        return clip.samples * np.float32(100)

    peaks: list[float] = []
    hear = Detector.detect

    def detect(detector: Detector, source: object, **how: object) -> object:
        peaks.append(float(np.abs(source.samples).max()))  # type: ignore[attr-defined]
        return hear(detector, source, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Detector, "detect", detect)
    list(stress(tiny, plan(few[:1], [Condition("shout", "shouted", shout)])))
    assert peaks[1] == 1.0 > peaks[0]
    quiet = np.array([0.5], np.float32)
    assert within_full_scale(quiet) is quiet


# the crowd


def test_babble_is_never_of_the_clips_own_kin_nor_of_a_spoof(few: list[Trial]) -> None:
    crowd = gather(few, by_id, sample_rate=16_000, seed=1)
    assert {voice.kin for voice in crowd.voices} == {
        t.id for t in few if t.label is Label.BONA_FIDE
    }
    around = crowd.around(few[0].id)
    assert len(around) == 2
    own = next(voice.samples for voice in crowd.voices if voice.kin == few[0].id)
    assert not any(np.array_equal(own, other) for other in around)


def test_voices_that_cannot_be_read_or_hardly_speak_are_passed_by(
    examples: Path, tmp_path: Path, few: list[Trial]
) -> None:
    mute = Trial("mute", examples / "silence.wav", Label.BONA_FIDE, "eval")
    gone = Trial("gone", tmp_path / "gone.wav", Label.BONA_FIDE, "eval")
    crowd = gather([mute, gone, few[0]], by_id, sample_rate=16_000, seed=1)
    assert [voice.kin for voice in crowd.voices] == [few[0].id]


def test_a_crowd_has_a_limit(few: list[Trial], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earwitness.evaluation.stress.clips.CROWD", 2)
    assert len(gather(few, by_id, sample_rate=16_000, seed=1).voices) == 2
    assert Crowd((Voice("a", np.zeros(3, np.float32)),)).around("a") == ()


def test_a_clip_knows_where_its_speech_is(few: list[Trial]) -> None:
    clip = read_clip(few[0].path, sample_rate=16_000, longest_s=3.0)
    assert len(clip.samples) == 3 * 16_000
    spoken_s = sum(span.end_s - span.start_s for span in clip.speech)
    assert 1.0 < spoken_s <= 3.0
