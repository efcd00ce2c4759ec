"""Rooms measured by their decay; speed, splices and silence by what they do to pitch and time."""

import numpy as np
import pytest

from earwitness.audio.codecs import CODECS
from earwitness.augmentation import effect
from earwitness.augmentation.codec import CodecSettings
from earwitness.augmentation.codec import draw as draw_codec
from earwitness.augmentation.room import RoomDraw, RoomSettings, absorption, response
from earwitness.augmentation.room import apply as enter
from earwitness.augmentation.room import draw as draw_room
from earwitness.augmentation.speed import SpeedDraw
from earwitness.augmentation.speed import apply as play
from earwitness.augmentation.splice import SpliceDraw
from earwitness.augmentation.splice import apply as splice
from earwitness.augmentation.trim import TrimDraw
from earwitness.augmentation.trim import apply as trim
from earwitness.errors import SettingsError
from earwitness.records import Samples

RATE = 16_000
SOUND_M_S = 343.0


def tone(hz: float, seconds: float = 1.0) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def loudest_hz(samples: Samples) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


# room


def decay_s(answer: Samples) -> float:
    """RT60 from Schroeder's backward integral, between 5 and 25 dB below the start."""
    left = np.cumsum(answer[::-1].astype(np.float64) ** 2)[::-1]
    level_db = 10 * np.log10(left / left[0] + 1e-12)
    first, last = np.argmax(level_db < -5), np.argmax(level_db < -25)
    return float(3 * (last - first) / RATE)


@pytest.mark.parametrize("rt60_s", [0.2, 0.4, 0.8])
def test_the_decay_of_a_room_takes_the_time_that_was_drawn(rt60_s: float) -> None:
    rng = np.random.default_rng(1)
    rooms = [draw_room(rng, RoomSettings(rt60_s=(rt60_s, rt60_s))) for _ in range(15)]
    measured = [decay_s(response(room, RATE)) for room in rooms]
    assert np.median(measured) == pytest.approx(rt60_s, rel=0.07)
    assert np.std(measured) < 0.15 * rt60_s


def bare(**changed: object) -> RoomDraw:
    told = {
        "size": (6.0, 5.0, 3.0), "talker": (2.0, 2.0, 1.5), "microphone": (4.0, 2.0, 1.5),
        "rt60_s": 0.4, "damping_hz": 50_000.0, "seed": 1,
    }  # fmt: skip
    return RoomDraw(**{**told, **changed})  # type: ignore[arg-type]


def test_the_first_reflections_come_from_floor_and_ceiling_when_geometry_says_so() -> None:
    answer = response(bare(), RATE)
    # Talker and microphone 2 m apart, both 1.5 m above the floor and below the ceiling.
    path_m = np.hypot(2.0, 3.0)
    late = round((path_m - 2.0) / SOUND_M_S * RATE)
    assert int(answer[: late + 20].argmax()) == late
    kept = np.sqrt(1 - absorption(bare()))
    both = 2 * kept * 2.0 / path_m  # from floor and ceiling at once; 1/r, direct sound is 1
    assert answer[late] == pytest.approx(both, rel=0.05)
    assert np.abs(answer[: late - 1]).max() < 0.15 * both


def test_a_single_wall_near_by_makes_the_comb_that_it_should() -> None:
    near = bare(talker=(3.0, 2.5, 0.4), microphone=(3.5, 2.5, 0.4))
    path_m = np.hypot(0.5, 0.8)
    late = round((path_m - 0.5) / SOUND_M_S * RATE)
    assert int(response(near, RATE)[:100].argmax()) == late


def test_the_tail_goes_on_where_single_reflections_end() -> None:
    rng, steps_db = np.random.default_rng(2), []
    for _ in range(30):
        answer = response(draw_room(rng, RoomSettings(rt60_s=(0.6, 0.6))), RATE).astype(float)
        before, after = (np.mean(answer[at : at + 240] ** 2) for at in (560, 800))
        steps_db.append(10 * np.log10(before / after))
    assert np.median(steps_db) == pytest.approx(60 * 240 / RATE / 0.6, abs=1.0)


def test_farther_away_the_direct_sound_stands_less_above_the_room() -> None:
    ratios = []
    for metres in (0.3, 1.0, 3.0):
        answer = response(bare(microphone=(2.0 + metres, 2.0, 1.5)), RATE)
        ratios.append(-20 * np.log10(np.linalg.norm(answer)))
    assert ratios[0] > ratios[1] + 4 > ratios[2] + 8


def test_a_room_keeps_loudness_and_what_comes_first() -> None:
    click = np.zeros(RATE, np.float32)
    click[1000] = 1
    out = enter(click, bare(), RATE)
    assert int(np.abs(out).argmax()) == 1000
    assert np.abs(out[:990]).max() < 0.02 * out[1000]
    assert np.linalg.norm(out) == pytest.approx(1, rel=1e-3)


def test_walls_make_it_dark_as_drawn() -> None:
    click = np.zeros(RATE, np.float32)
    click[0] = 1
    tails = [enter(click, bare(damping_hz=hz), RATE)[200:] for hz in (1000.0, 50_000.0)]
    bins = [np.abs(np.fft.rfft(tail)) ** 2 for tail in tails]
    high_db = [10 * np.log10(b[5000:].sum() / b[200:800].sum()) for b in bins]
    assert high_db[0] < high_db[1] - 10


def test_places_lie_in_the_room_and_as_far_apart_as_was_drawn() -> None:
    rng, told = np.random.default_rng(3), RoomSettings(distance_m=(0.5, 1.5))
    for _ in range(50):
        room = draw_room(rng, told)
        for place in (room.talker, room.microphone):
            inside = [0.3 <= at <= side - 0.3 for at, side in zip(place, room.size, strict=True)]
            assert all(inside)
        apart = np.linalg.norm(np.subtract(room.talker, room.microphone))
        assert 0.5 - 1e-9 <= apart <= 1.5 + 1e-9


def test_a_room_too_small_for_the_distance_still_has_two_places() -> None:
    told = RoomSettings((2.0, 2.0), (2.0, 2.0), (2.0, 2.0), distance_m=(50.0, 50.0))
    room = draw_room(np.random.default_rng(4), told)
    assert 0 < np.linalg.norm(np.subtract(room.talker, room.microphone)) < 2.5


# speed


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_speed_moves_pitch_and_time_by_the_same_factor(factor: float) -> None:
    out = play(tone(1000), SpeedDraw(factor), RATE)
    assert loudest_hz(out) == pytest.approx(1000 * factor, abs=2)
    click = np.zeros(RATE, np.float32)
    click[8000] = 1
    assert int(play(click, SpeedDraw(factor), RATE).argmax()) == pytest.approx(8000 / factor, abs=2)


def test_a_slower_sound_loses_its_end_and_a_faster_one_begins_again() -> None:
    rising = np.linspace(0, 1, RATE, dtype=np.float32)
    assert play(rising, SpeedDraw(0.5), RATE)[-100] == pytest.approx(0.5, abs=0.01)
    assert play(rising, SpeedDraw(2.0), RATE)[RATE // 2 + 100] == pytest.approx(0.0125, abs=0.01)


def test_speeds_are_drawn_as_told() -> None:
    draw, rng = effect("speed", {"factor": [0.8, 1.25]}).draw, np.random.default_rng(1)
    drawn = [draw(rng).factor for _ in range(300)]
    assert 0.8 <= min(drawn) < 0.82
    assert 1.22 < max(drawn) <= 1.25
    assert np.mean(np.log(drawn)) == pytest.approx(0, abs=0.02)


# splice


def test_pieces_change_places_and_every_sample_stays() -> None:
    samples = np.arange(1, 101, dtype=np.float32)
    out = splice(samples, SpliceDraw((0.2, 0.5), (2, 0, 1), 0.0), RATE)
    np.testing.assert_array_equal(out, np.concatenate([samples[50:], samples[:20], samples[20:50]]))


def test_a_fade_leaves_no_step_and_what_is_far_from_the_joint_as_it_was() -> None:
    samples = np.repeat(np.array([-0.5, 0.5], np.float32), 8000)
    hard = splice(samples, SpliceDraw((0.5,), (1, 0), 0.0), RATE)
    soft = splice(samples, SpliceDraw((0.5,), (1, 0), 0.02), RATE)
    assert np.abs(np.diff(hard)).max() == pytest.approx(1.0)
    assert np.abs(np.diff(soft)).max() < 0.01
    np.testing.assert_allclose(soft[:7800], hard[:7800])
    np.testing.assert_allclose(soft[8200:], hard[8200:])


def test_a_fade_between_pieces_of_one_level_is_not_heard() -> None:
    out = splice(np.full(RATE, 0.3, np.float32), SpliceDraw((0.3, 0.6), (2, 1, 0), 0.03), RATE)
    np.testing.assert_allclose(out[300:-300], 0.3, rtol=1e-5)


def test_splices_are_drawn_with_a_new_order_and_as_many_cuts_as_were_allowed() -> None:
    draw, rng = effect("splice", {"cuts": 2, "hard_share": 0.5}).draw, np.random.default_rng(1)
    drawn = [draw(rng) for _ in range(300)]
    assert {len(one.places) for one in drawn} == {1, 2}
    assert all(one.order != tuple(range(len(one.order))) for one in drawn)
    assert all(sorted(one.order) == list(range(len(one.places) + 1)) for one in drawn)
    assert np.mean([one.fade_s == 0 for one in drawn]) == pytest.approx(0.5, abs=0.1)


# silence


def interrupted() -> Samples:
    """Hiss 60 dB down, with a tone from 0.5 to 1 s and from 2 to 2.5 s; 4 s in all."""
    sound = 0.0003 * np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32)
    for start in (RATE // 2, 2 * RATE):
        sound[start : start + RATE // 2] += tone(500, 0.5)
    return sound


def are_loud(samples: Samples) -> Samples:
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return np.sqrt(np.square(frames).mean(axis=1)) > 0.01


def test_quiet_ends_go_by_their_level_and_the_rest_repeats() -> None:
    out = trim(interrupted(), TrimDraw(0.0, 0.0, 0.0, quiet_db=40.0), RATE)
    loud = are_loud(out)
    assert loud[:50].all()  # half a second of tone at once
    assert not loud[50:150].any()  # the pause is as long as it was
    assert loud[150:250].all()  # the second tone, and the first again
    np.testing.assert_array_equal(out[: 2 * RATE], interrupted()[RATE // 2 : RATE // 2 + 2 * RATE])


def test_without_it_only_digital_silence_goes() -> None:
    out = trim(interrupted(), TrimDraw(0.0, 0.0, 0.0), RATE)
    np.testing.assert_array_equal(out, interrupted())


@pytest.mark.parametrize("pause_s", [0.1, 0.25])
def test_pauses_are_cut_to_the_length_that_was_drawn(pause_s: float) -> None:
    out = trim(interrupted(), TrimDraw(0.0, 0.0, 0.0, quiet_db=40.0, pause_s=pause_s), RATE)
    loud = are_loud(out)
    pause = round(100 * pause_s)
    assert loud[:50].all()
    assert int((~loud[50:120]).sum()) == pytest.approx(pause, abs=1)
    assert loud[50 + pause + 1 : 140].all()


def test_a_pause_that_is_shorter_stays_as_it_is() -> None:
    short = trim(interrupted(), TrimDraw(0.0, 0.0, 0.0, quiet_db=40.0), RATE)
    kept = trim(interrupted(), TrimDraw(0.0, 0.0, 0.0, quiet_db=40.0, pause_s=1.5), RATE)
    np.testing.assert_array_equal(short, kept)


def test_quiet_ends_go_as_often_as_was_told_and_pauses_only_then() -> None:
    draw = effect("trim", {"quiet_share": 0.6, "pause_share": 0.5}).draw
    drawn = [draw(np.random.default_rng(seed)) for seed in range(500)]
    quiet = [one for one in drawn if one.quiet_db is not None]
    assert len(quiet) / 500 == pytest.approx(0.6, abs=0.07)
    assert len([one for one in quiet if one.pause_s]) / len(quiet) == pytest.approx(0.5, abs=0.08)
    assert all(one.pause_s is None for one in drawn if one.quiet_db is None)


# codecs


def test_every_codec_is_drawn_at_rates_of_its_own() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_codec(rng, CodecSettings()) for _ in range(900)]
    found = {name: {one.bit_rate for one in drawn if one.codec == name} for name in CODECS}
    assert set(CODECS) == {
        "mp3", "aac", "opus", "vorbis", "amr_nb", "g711a", "g711u", "g722", "gsm",
    }  # fmt: skip
    assert {name for name, rates in found.items() if rates == {None}} == {
        "g711a", "g711u", "g722", "gsm",
    }  # fmt: skip
    assert all(len(found[name]) > 50 for name in ("mp3", "aac", "opus", "vorbis", "amr_nb"))


@pytest.mark.parametrize(
    ("name", "table", "message"),
    [
        ("room", {"rt60_s": [0.01, 1]}, r"rt60_s \(0\.01, 1\.0\) must run upwards within 0\.05"),
        ("room", {"long_m": [0, 3]}, r"long_m \(0\.0, 3\.0\) must run upwards within 1"),
        ("speed", {"factor": [0.1, 1]}, r"factor \(0\.1, 1\.0\) must run upwards within 0\.5"),
        ("splice", {"cuts": 0}, r"cuts \(0\) must be at least 1"),
        ("splice", {"hard_share": 1.5}, r"hard_share \(1\.5\) must lie between 0 and 1"),
        ("trim", {"quiet_db": [5, 40]}, r"quiet_db \(5\.0, 40\.0\) must run upwards within 10"),
    ],
)
def test_settings_of_rooms_and_edits_that_make_no_sense_are_refused(
    name: str, table: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        effect(name, table)
