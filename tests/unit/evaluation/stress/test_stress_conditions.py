"""What every condition keeps, whatever it does: found by file name, so a new one is tested."""

from functools import cache

import numpy as np
import pytest

from earwitness.errors import UnknownName
from earwitness.evaluation.stress.conditions import chosen, conditions_of, families
from earwitness.evaluation.stress.families import FAMILIES, Clip, Condition, _encoders
from earwitness.records import Samples, SpeechSpan

RATE = 16_000
ALL = conditions_of(families())

every_condition = pytest.mark.parametrize("condition", ALL, ids=lambda one: one.name)


@cache
def voice(seconds: float, *, pitch_hz: float = 120.0) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch_hz * k * at + k) / k for k in range(1, 40))
    return (0.1 * tone).astype(np.float32)


def clip(*, silence_s: float = 1.0, speech_s: float = 9.0) -> Clip:
    """Digital silence, something like speech, and silence again; nine others to make babble of."""
    quiet = np.zeros(round(silence_s * RATE), np.float32)
    others = tuple(voice(0.5, pitch_hz=90.0 + 20 * at) for at in range(9))
    span = SpeechSpan(silence_s, silence_s + speech_s)
    return Clip(np.concatenate([quiet, voice(speech_s), quiet]), RATE, (span,), others)


def heard(condition: Condition, given: Clip, seed: int = 1) -> Samples | None:
    if condition.missing:
        pytest.skip(condition.missing)
    return condition.apply(given, np.random.default_rng(seed))


def applied(name: str, given: Clip, seed: int = 1) -> Samples:
    sound = heard(next(one for one in ALL if one.name == name), given, seed)
    assert sound is not None
    return sound


def power(samples: Samples) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2))


def db(ratio: float) -> float:
    return float(10 * np.log10(ratio))


def spectrum_db(samples: Samples, low_hz: float, high_hz: float) -> float:
    bins = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    return db(bins[(hz >= low_hz) & (hz < high_hz)].mean() + 1e-20)


# every one of them


def test_the_families_of_the_contract_are_there() -> None:
    assert set(FAMILIES.names()) >= {
        *("bandwidth", "codecs", "denoising", "duration", "level", "noise", "playback"),
        *("resampling", "rooms", "silence", "speed", "telephony"),
    }


def test_names_and_titles_are_unique_and_titles_fit_into_a_figure() -> None:
    assert len({one.name for one in ALL}) == len({one.title for one in ALL}) == len(ALL)
    assert max(len(one.title) for one in ALL) <= 32
    assert not {one.name for one in ALL} & set(FAMILIES.names())


@every_condition
def test_a_condition_gives_the_same_sound_again_and_leaves_the_clip_alone(
    condition: Condition,
) -> None:
    given = clip(silence_s=0.2, speech_s=1.1)
    before = given.samples.copy()
    given.samples.flags.writeable = False
    one, other = (heard(condition, given) for _ in range(2))
    if one is None or other is None:
        assert one is other
        assert condition.needs
        return
    assert (one.dtype, one.ndim) == (np.float32, 1)
    assert np.isfinite(one).all()
    assert len(one) > 0
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(given.samples, before)


@every_condition
def test_of_silence_and_of_hardly_any_sound_nothing_is_made_up(condition: Condition) -> None:
    others = clip(silence_s=0, speech_s=0.5).others
    sound = heard(condition, Clip(np.zeros(3000, np.float32), RATE, (), others))
    assert sound is None or np.abs(sound).max() < 0.02
    for samples in (1, 700):
        span = SpeechSpan(0.0, samples / RATE)
        sound = heard(condition, Clip(voice(0.1)[:samples], RATE, (span,), others))
        assert sound is None or np.isfinite(sound).all()


# choosing


def test_all_are_chosen_where_none_is_named() -> None:
    assert [one.name for one in conditions_of(chosen())] == [one.name for one in ALL]


def test_a_family_and_single_conditions_may_be_named_in_any_spelling() -> None:
    picked = chosen(["Speed", "mp3-32k", " noise"])
    assert list(picked) == ["codecs", "noise", "speed"]
    assert [one.name for one in picked["codecs"].conditions] == ["mp3_32k"]
    assert len(picked["noise"].conditions) == 12


def test_a_name_that_is_not_known_is_told_with_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"called 'mp3_33k'\. Did you mean mp3_32k"):
        chosen(["mp3_33k"])
    with pytest.raises(UnknownName, match="Families: bandwidth, codecs"):
        chosen(["xyzzy"])


def test_what_this_machine_cannot_encode_is_there_with_the_reason(monkeypatch) -> None:
    monkeypatch.setattr(_encoders, "_here", lambda: frozenset({"mp3"}))
    picked = chosen(["codecs", "telephony"])
    missing = {one.name: one.missing for one in conditions_of(picked)}
    assert missing["mp3_32k"] == missing["telephone_band"] == ""
    assert missing["amr_4k75"] == ("This build of PyAV and libsndfile has no encoder for amr_nb.")


# what they do


@pytest.mark.parametrize("colour", ["white", "pink"])
def test_noise_is_measured_against_the_speech_without_its_pauses(colour: str) -> None:
    given = clip(silence_s=8.0, speech_s=4.0)
    noise = applied(f"{colour}_noise_10db", given) - given.samples
    speech = given.samples[8 * RATE : 12 * RATE]
    assert db(power(speech) / power(noise)) == pytest.approx(10, abs=0.2)


def test_babble_is_made_of_others_at_the_stated_ratio_and_of_other_ones_each_time() -> None:
    given = clip(silence_s=2.0, speech_s=4.0)
    noise = applied("babble_5db", given) - given.samples
    assert db(power(given.samples[2 * RATE : 6 * RATE]) / power(noise)) == pytest.approx(5, abs=0.2)
    assert not np.array_equal(applied("babble_5db", given, seed=2), applied("babble_5db", given))


def test_two_others_make_no_babble() -> None:
    given = clip()
    alone = Clip(given.samples, RATE, given.speech, given.others[:2])
    condition = next(one for one in ALL if one.name == "babble_0db")
    assert condition.apply(alone, np.random.default_rng(1)) is None
    assert condition.needs == "bona fide clips of at least 3 others to make babble of"


@pytest.mark.parametrize(("name", "seconds"), [("8s", 8), ("2s", 2), ("0_5s", 0.5)])
def test_a_duration_is_cut_out_of_the_speech(name: str, seconds: float) -> None:
    sound = applied(f"duration_{name}", clip(silence_s=5.0))
    assert len(sound) == round(seconds * RATE)
    assert np.mean(np.abs(sound) > 1e-6) > 0.9


def test_a_duration_is_cut_where_most_is_said() -> None:
    quiet, speech = np.zeros(6 * RATE, np.float32), voice(1.0)
    samples = np.concatenate([speech, quiet, np.resize(voice(1.0), 3 * RATE)])
    spans = (SpeechSpan(0.0, 1.0), SpeechSpan(7.0, 10.0))
    for seed in range(5):
        sound = applied("duration_2s", Clip(samples, RATE, spans), seed)
        assert np.mean(np.abs(sound) > 1e-6) >= 0.88


def test_a_clip_with_less_speech_than_that_is_left_out() -> None:
    condition = next(one for one in ALL if one.name == "duration_4s")
    assert condition.apply(clip(speech_s=3.9), np.random.default_rng(1)) is None
    assert condition.apply(clip(speech_s=4.1), np.random.default_rng(1)) is not None


def test_levels_change_by_what_they_say() -> None:
    given = clip()
    for name, change_db in (("level_minus_12db", -12), ("level_minus_30db", -30)):
        assert db(power(applied(name, given)) / power(given.samples)) == pytest.approx(
            change_db, abs=0.1
        )
    loud = applied("level_plus_12db", Clip(given.samples * 3, RATE, given.speech))
    assert np.mean(np.abs(loud) > 0.999) > 0.01
    clipped = applied("clipped_fifth", given)
    assert np.abs(clipped).max() == pytest.approx(np.abs(given.samples).max() / 5, abs=1e-4)


def test_a_telephone_carries_its_band_only_and_g722_the_wide_one() -> None:
    hiss = 0.1 * np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    given = Clip(hiss, RATE, (SpeechSpan(0.0, 4.0),))
    for name in ("telephone_band", "g711_a_law", "g711_mu_law", "amr_12k2"):
        sound = applied(name, given)
        assert spectrum_db(sound, 4500, 7500) < spectrum_db(sound, 800, 2000) - 25, name
    assert spectrum_db(applied("telephone_band", given), 20, 150) < spectrum_db(hiss, 20, 150) - 20
    wide = applied("g722", given)
    assert spectrum_db(wide, 4500, 6500) == pytest.approx(spectrum_db(hiss, 4500, 6500), abs=3)


def test_a_low_pass_takes_the_top_and_leaves_the_rest() -> None:
    hiss = 0.1 * np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    sound = applied("lowpass_4k", Clip(hiss, RATE))
    assert spectrum_db(sound, 4400, 7900) < spectrum_db(hiss, 4400, 7900) - 60
    assert spectrum_db(sound, 100, 3700) == pytest.approx(spectrum_db(hiss, 100, 3700), abs=0.1)


def test_speed_changes_length_and_pitch() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE).astype(np.float32)
    for name, factor in (("speed_110", 1.1), ("speed_90", 0.9)):
        sound = applied(name, Clip(tone, RATE))
        assert len(sound) == pytest.approx(len(tone) / factor, abs=2)
        peak = np.argmax(np.abs(np.fft.rfft(sound))) * RATE / len(sound)
        assert peak == pytest.approx(1000 * factor, abs=2)


def test_ends_are_trimmed_to_the_speech_and_silence_is_added() -> None:
    given = clip(silence_s=1.5, speech_s=3.0)
    np.testing.assert_array_equal(
        applied("ends_trimmed", given), given.samples[round(1.5 * RATE) : round(4.5 * RATE)]
    )
    padded = applied("silence_added", given)
    assert len(padded) == len(given.samples) + 2 * RATE
    assert not padded[:RATE].any()


def test_no_speech_cannot_be_trimmed_to() -> None:
    condition = next(one for one in ALL if one.name == "ends_trimmed")
    assert condition.apply(Clip(voice(1.0), RATE), np.random.default_rng(1)) is None


def test_a_good_resampler_leaves_speech_alone_but_for_the_very_top() -> None:
    given = clip()
    for name in ("over_44k", "over_22k"):
        sound = applied(name, given)
        error = sound[: len(given.samples)] - given.samples[: len(sound)]
        assert db(power(given.samples) / power(error)) > 40


def test_bigger_rooms_smear_more() -> None:
    given = clip(silence_s=2.0, speech_s=3.0)
    behind = slice(round(5.05 * RATE), round(5.4 * RATE))
    tails = [power(applied(f"room_{name}", given)[behind]) for name in ("office", "stairwell")]
    assert tails[1] > 4 * tails[0] > 0
